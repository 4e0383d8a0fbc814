"""The last value told: newest by event time, in whatever order the events arrive."""

from decimal import Decimal

from msgspec import Struct

from services.trigger_engine.domain.numbers import ZERO


class LastState(Struct, frozen=True, array_like=True, tag="last"):
    """``value`` was told at ``at``, microseconds since 1970 UTC; None before the first."""

    value: Decimal = ZERO
    at: int | None = None

    def within(self, at: int, span_us: int) -> Decimal:
        """The value if it was told in (at - span, at]; 0 when what is newest lies outside."""
        return self.value if self.at is not None and at - span_us < self.at <= at else ZERO


def told(state: LastState, value: Decimal, at: int) -> LastState:
    """The state after ``value`` was told at ``at``: of two told at the same time the greater holds."""
    if state.at is not None and (state.at, state.value) >= (at, value):
        return state
    return LastState(value, at)
