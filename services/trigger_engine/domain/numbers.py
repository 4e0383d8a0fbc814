"""Exact arithmetic: what is added up stays a decimal, and a sum that could not be exact is an error, never rounded."""

from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Rounded
from typing import Final

EXACT: Final = Context(prec=96, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow])
"""96 digits: a trillion events of 38 digits before and after the point still add up exactly."""

ZERO: Final = Decimal(0)

MAX_FRACTION: Final = 18
"""Digits after the point of what a meter counts: more than a float carries, so that an emitter's float still counts."""

FINEST: Final = Decimal(1).scaleb(-MAX_FRACTION)

Number = int | Decimal
"""As it is kept: of 64 bits and without digits after the point as an integer, else as a decimal.

So integers that are added up stay integers, and what a decimal was added to stays one.
"""

FAR: Final = 2**63
"""Beyond all that is kept as an integer, as is everything below its negative."""

MAX_WHOLE: Final = 20
"""Digits before the point; with those after it the 38 that a number on the wire may have."""


SHORT: Final = Context(prec=19, Emin=0, Emax=18, traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded])
"""At most 19 digits, none beyond the 18th after the point (Emin - prec + 1): what nearly every number is."""


def added(left: Decimal, right: Decimal) -> Decimal:
    """The exact sum."""
    return EXACT.add(left, right)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)


def kept(number: Decimal) -> Number:
    """``number`` as it is kept; what has digits after the point, zeros too, keeps them."""
    if not number.same_quantum(ZERO) and int(number.as_tuple().exponent) < 0:  # the first question is the quicker one
        return number
    whole = int(number)
    return whole if -FAR <= whole < FAR else Decimal(whole)


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
