"""Exact arithmetic: what is added up stays a decimal, and a sum that could not be exact is an error, never rounded."""

from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

EXACT: Final = Context(prec=96, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow])
"""96 digits: a trillion events of 38 digits before and after the point still add up exactly."""

ZERO: Final = Decimal(0)

MAX_FRACTION: Final = 18
"""Digits after the point of what a meter counts: more than a float carries, so that an emitter's float still counts."""

MAX_WHOLE: Final = 20
"""Digits before the point; with those after it the 38 that a number on the wire may have."""


def added(left: Decimal, right: Decimal) -> Decimal:
    """The exact sum."""
    return EXACT.add(left, right)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)


def fits(number: Decimal) -> bool:
    """Whether a meter can count ``number``: beyond these bounds its sum could not be told on the wire any more."""
    if not number.is_finite() or len(number.as_tuple().digits) > EXACT.prec:
        return False
    _, digits, exponent = number.normalize(EXACT).as_tuple()
    return int(exponent) >= -MAX_FRACTION and len(digits) + int(exponent) <= MAX_WHOLE
