"""Exact arithmetic: what is added up stays a decimal, and a sum that could not be exact is an error, never rounded."""

from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Final

EXACT: Final = Context(prec=96, traps=[Clamped, DivisionByZero, Inexact, InvalidOperation, Overflow])
"""96 digits: a trillion events of 38 digits before and after the point still add up exactly."""

ZERO: Final = Decimal(0)


def added(left: Decimal, right: Decimal) -> Decimal:
    """The exact sum."""
    return EXACT.add(left, right)


def times(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(left, right)
