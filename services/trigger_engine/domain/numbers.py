"""Exact arithmetic, of decimals or of integers of their last digit: what can not be exact is an error, not rounded."""

from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Rounded
from typing import Final

EXACT: Final = Context(prec=96, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow])
"""96 digits: a trillion events of 38 digits before and after the point still add up exactly."""

ZERO: Final = Decimal(0)

MAX_FRACTION: Final = 18
"""Digits after the point of what a meter counts: more than a float carries, so that an emitter's float still counts."""

FINEST: Final = Decimal(1).scaleb(-MAX_FRACTION)

Number = int | Decimal
"""As it is kept: an integer of 64 bits, of the last digit after the point; beyond those the decimal itself."""

NEAR: Final = 2**31
FAR: Final = 2**63
"""What is kept as an integer lies between this and its negative; between ``NEAR`` and its negative it needs 32 bits."""

MAX_WHOLE: Final = 20
"""Digits before the point; with those after it the 38 that a number on the wire may have."""

ENDLESS: Final = Decimal("Infinity")

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


def kept(number: Decimal) -> tuple[Number, int | None]:
    """``number`` as it is kept, and how many digits after the point it has; None: they are its own."""
    digits = 0
    if not number.same_quantum(ZERO):  # this is quicker than to ask what it has
        digits = max(0, -int(number.as_tuple().exponent))
    whole = int(number.scaleb(digits, EXACT))
    if -FAR <= whole < FAR:
        return whole, digits
    return (number if digits else Decimal(whole)), None


def value_of(number: Number, digits: int | None) -> Decimal:
    """What is kept so."""
    return Decimal(number).scaleb(-digits, EXACT) if digits else Decimal(number)


def alike(number: Number) -> tuple[Number, Number]:
    """From which number up to, and without, which others take as much room as this one."""
    if isinstance(number, Decimal):
        beyond = Decimal(FAR).scaleb(min(0, int(number.as_tuple().exponent)), EXACT)
        return (beyond, ENDLESS) if number > 0 else (-ENDLESS, -beyond)
    if -NEAR <= number < NEAR:
        return -NEAR, NEAR
    return (NEAR, FAR) if number > 0 else (-FAR, -NEAR)


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
