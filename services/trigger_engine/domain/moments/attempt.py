"""An attempt at what the plan does not allow any more: something is tried while its meter is at its limit."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.calendar import DAY_US
from services.trigger_engine.domain.moments.limit import LimitReading

REARM_US: Final = DAY_US
"""Who tries again and again within a day is told once."""


class AttemptState(Struct, frozen=True, array_like=True, tag="attempt"):
    """Event time of the attempt that fired last, and how often it was re-armed since."""

    at: int | None = None
    arm: int = 0


def observe(state: AttemptState, at: int, reading: LimitReading) -> tuple[AttemptState, bool]:
    """Whether an attempt at ``at`` (event time) fires, with the meter standing at ``reading``.

    At the limit is enough: it need not be passed. A limit of 0 is one: what the plan does not hold at all can be tried.
    An unknown limit, or one without end, is never reached. Re-arms one day after it fired.
    """
    at_limit = isinstance(reading.limit, Decimal) and reading.value >= reading.limit
    if not at_limit or (state.at is not None and at < state.at + REARM_US):
        return state, False
    return AttemptState(at, state.arm + (state.at is not None)), True
