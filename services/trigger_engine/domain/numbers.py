"""Exact arithmetic, of decimals or of integers of their last digit: what can not be exact is an error, not rounded."""

from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Rounded
from typing import Final

EXACT: Final = Context(prec=96, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow])
"""96 digits: a trillion events of 38 digits before and after the point still add up exactly."""

ZERO: Final = Decimal(0)

MAX_FRACTION: Final = 18
"""Digits after the point of what a meter counts: more than a float carries, so that an emitter's float still counts."""

FINEST: Final = Decimal(1).scaleb(-MAX_FRACTION)

OF_PROPERTIES: Final = 3
"""Digits that meters of properties have at least once they are moved: fractions are likely, and come one by one."""

ROUGH: Final = Decimal(0).scaleb(-OF_PROPERTIES)
"""Nothing; what it is added to has as many digits."""

MAX_WHOLE: Final = 20
"""Digits before the point; with those after it the 38 that a number on the wire may have."""

NEAR: Final = 2**31
FAR: Final = 2**63
BEYOND: Final[int] = 10 ** (MAX_WHOLE + MAX_FRACTION)
"""Integers between this and its negative need 32 bits, 64, 128; beyond the last there are none."""

FRACTIONS: Final = (0, 3, 9, MAX_FRACTION)
"""Digits after the point that a number may be kept with. They are few: when it needs more, it changes its form."""

_FRACTION: Final = tuple(next(most for most in FRACTIONS if digits <= most) for digits in range(MAX_FRACTION + 1))

SHORT: Final = Context(prec=19, Emin=0, Emax=18, traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded])
"""At most 19 digits, none beyond the 18th after the point (Emin - prec + 1): what nearly every number is."""


def added(left: Decimal, right: Decimal) -> Decimal:
    """The exact sum."""
    return EXACT.add(left, right)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)


def greatest(left: Decimal, right: Decimal) -> Decimal:
    """The greater of the two, with as many digits after the point as the sum has."""
    less, more = (left, right) if left < right else (right, left)
    return EXACT.add(more, EXACT.multiply(less, ZERO))


def trimmed(number: Decimal) -> Decimal:
    """``number`` as it is told: without an exponent, and without zeros at the end of what is after the point."""
    if number.same_quantum(ZERO):  # this is quicker than to ask what it has
        return number
    least = number.normalize(EXACT)
    return least if int(least.as_tuple().exponent) <= 0 else least.quantize(ZERO, context=EXACT)


def kept(number: Decimal) -> tuple[int, int]:
    """What a meter can count, as it is kept: an integer of its last digit, and how many are after the point."""
    digits = 0
    if not number.same_quantum(ZERO):
        digits = _FRACTION[max(0, -int(number.as_tuple().exponent))]
    return int(number.scaleb(digits, EXACT)), digits


def value_of(number: int, digits: int) -> Decimal:
    """What is kept so, with all its digits: `kept` of it is the same."""
    return Decimal(number).scaleb(-digits, EXACT) if digits else Decimal(number)


def alike(number: int) -> tuple[int, int]:
    """From which number up to, and without, which others take as much room as this one."""
    if -NEAR <= number < NEAR:
        return -NEAR, NEAR
    low, high = (NEAR, FAR) if -FAR <= number < FAR else (FAR, BEYOND)
    return (low, high) if number > 0 else (-high, -low)


def countable(number: Decimal) -> Decimal | None:
    """``number`` in a form that a meter can count; None beyond the bounds, where a sum could not be told on the wire.

    Zeros at the end count as digits there, so those that are too many are left out.
    """
    try:
        SHORT.plus(number)
    except ArithmeticError:
        pass
    else:
        return number if number.is_finite() else None
    if not number.is_finite() or len(number.as_tuple().digits) > EXACT.prec:
        return None
    _, digits, exponent = number.normalize(EXACT).as_tuple()
    if int(exponent) < -MAX_FRACTION or len(digits) + int(exponent) > MAX_WHOLE:
        return None
    return number if int(number.as_tuple().exponent) >= -MAX_FRACTION else number.quantize(FINEST, context=EXACT)
