"""Money in exact decimals: what a price comes to a month, and the smallest amount of a currency."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Final

ROUNDED: Final = Context(prec=96, rounding=ROUND_HALF_EVEN)

DOWN: Final = Context(prec=96, rounding=ROUND_DOWN)

MILLIONTH: Final = Decimal("0.000001")
"""A price a month that does not come out even is kept to a millionth, half to even."""

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


def per_month(amount: Decimal, months: int) -> Decimal:
    """What ``amount`` for ``months`` comes to a month."""
    return ROUNDED.divide(amount, Decimal(months)).quantize(MILLIONTH, context=ROUNDED)


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
