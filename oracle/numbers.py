"""Exact decimals: sums and products that could not be exact are errors."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

EXACT: Final = Context(prec=96, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow])
"""More digits than any sum of numbers of 38 digits can need."""

MONEY: Final = Context(prec=96, rounding=ROUND_HALF_EVEN)
CUT: Final = Context(prec=96)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
THOUSANDTHS: Final = Decimal("0.000")
"""With this added, a number has three digits after the point at least: so plain meters of properties are kept."""

MILLIONTH: Final = Decimal("0.000001")
"""A price a month that does not come out even is kept to a millionth."""

MAX_WHOLE: Final = 20
MAX_FRACTION: Final = 18
"""Digits before and after the point that a meter counts."""

KEPT: Final = (0, 3, 9, MAX_FRACTION)
"""Digits after the point that a plain meter may be kept with."""

FITS: Final = {4: 2**31, 8: 2**63, 16: 2**127}
"""Beyond what an integer of so many bytes holds, as is what lies below its negative."""

SHORT: Final = 16
"""Characters."""


def plus(left: Decimal, right: Decimal) -> Decimal:
    """The exact sum."""
    return EXACT.add(left, right)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)


def is_short(number: Decimal) -> bool:
    """Whether it is written in so few characters, without an exponent, that it lies within every bound there is."""
    text = str(number)
    return len(text) <= SHORT and "E" not in text and number.is_finite()


def countable(number: Decimal) -> Decimal | None:
    """``number`` as a meter counts it, without zeros beyond the 18th place; None when it has too many digits."""
    if is_short(number):
        return number
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) > EXACT.prec:
        return None
    _, needed, place = number.normalize(EXACT).as_tuple()
    if int(place) < -MAX_FRACTION or len(needed) + int(place) > MAX_WHOLE:
        return None
    return number if exponent >= -MAX_FRACTION else number.quantize(Decimal(1).scaleb(-MAX_FRACTION), context=EXACT)


def greatest(one: Decimal, other: Decimal) -> Decimal:
    """The greater of the two, with the digits after the point of whichever has more."""
    last = min(int(one.as_tuple().exponent), int(other.as_tuple().exponent))
    return max(one, other).quantize(Decimal(1).scaleb(last), context=EXACT)


def width(integer: int) -> int:
    """How many bytes it takes."""
    return next(size for size, most in FITS.items() if -most <= integer < most)


def fraction_of(number: Decimal) -> int:
    """How many digits it has after the point, zeros at their end counted."""
    return max(0, -int(number.as_tuple().exponent))


def kept(number: Decimal) -> tuple[int, int]:
    """``number`` as a plain meter keeps it: an integer of its last digit, and how many are after the point."""
    digits = next(most for most in KEPT if fraction_of(number) <= most)
    return int(number.scaleb(digits, context=EXACT)), digits


def unkept(number: int, digits: int) -> Decimal:
    """The number that is kept so."""
    return Decimal(number).scaleb(-digits, context=EXACT)


def trimmed(number: Decimal) -> Decimal:
    """As what a plain meter stands at is told: without an exponent and without zeros at the end of its fraction."""
    return Decimal(without_zeros(f"{number:f}"))


def without_zeros(number: str) -> str:
    """A number as text, without zeros at the end of its fraction."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def spoken(number: Decimal) -> str:
    """As people are told it: two digits after the point, of less than one the first two; cut off, never rounded up."""
    if number <= 0:
        return "0"
    places = 2 if number >= 1 else max(2, 1 - number.adjusted())
    whole = int(number.scaleb(places, context=CUT))
    return plain(min(number, Decimal(whole).scaleb(-places, context=CUT)))


def plain(number: Decimal) -> str:
    """A number as a person writes it: 9.40 as 9.4, 1E+3 as 1000; never below 0."""
    if number <= 0:
        return "0"
    return without_zeros(f"{number:f}")
