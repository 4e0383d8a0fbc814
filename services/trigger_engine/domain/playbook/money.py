"""Money in exact decimals: what a price comes to a month, and the smallest amount of a currency."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

ROUNDED: Final = Context(prec=96, rounding=ROUND_HALF_EVEN)

DOWN: Final = Context(prec=96, rounding=ROUND_DOWN)

MILLIONTHS: Final = 6
"""Digits after the point of a cost a month as it is told."""

DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits after the point of currencies that have not two (ISO 4217)."""


@lru_cache(4_096)
def a_month(amount: Decimal, months: int) -> Fraction:
    """What ``amount`` for ``months`` comes to a month, exactly."""
    return Fraction(amount) / months


def told(cost: Fraction) -> Decimal:
    """A cost a month as it is told: to a millionth, half to even. It is compared and added up unrounded."""
    whole, rest = divmod(cost.numerator * 10**MILLIONTHS, cost.denominator)  # as round() does, in a tenth of the time
    if 2 * rest > cost.denominator or (2 * rest == cost.denominator and whole % 2):
        whole += 1
    return Decimal(whole).scaleb(-MILLIONTHS, context=ROUNDED)


def per_month(amount: Decimal, months: int) -> Decimal:
    """What ``amount`` for ``months`` comes to a month, as it is told."""
    return told(a_month(amount, months))


def unit(currency: str) -> Decimal:
    """The smallest amount that is paid in ``currency``: 0.01, 1 or 0.001."""
    return Decimal(1).scaleb(-DIGITS.get(currency, 2))


def share(price: Decimal, part: Decimal, whole: Decimal, smallest: Decimal) -> Decimal:
    """What ``part`` of a bundle costs by its list price, of a ``whole`` sold for ``price``: never rounded up.

    A bundle of what costs nothing has shares of nothing.
    """
    if not whole:
        return Decimal(0).quantize(smallest)
    return DOWN.divide(DOWN.multiply(price, part), whole).quantize(smallest, context=DOWN)


def percent_saved(before: Decimal, after: Decimal) -> int:
    """What ``after`` saves of ``before``, in whole percent, rounded down: a saving is never told larger than it is.

    0 when nothing is saved.
    """
    if before <= 0 or after >= before:
        return 0
    return int(DOWN.divide(DOWN.multiply(DOWN.subtract(before, after), Decimal(100)), before))
