"""Tenure: something has been so for a number of months, by the calendar of the account's zone."""

from msgspec import Struct

from services.trigger_engine.domain.calendar import Zone, add_months
from services.trigger_engine.domain.playbook.moments import TenureMoment


class TenureState(Struct, frozen=True, array_like=True, tag="tenure"):
    """Since when (microseconds since 1970 UTC) the months were counted, and whether that is done with."""

    since: int | None = None
    over: bool = False
    arm: int = 0


def due(moment: TenureMoment, state: TenureState, since: int | None, place: Zone) -> int | None:
    """When `timed` has something to do for what has been so ``since`` then; None when never."""
    if since is None or (state.over and state.since == since):
        return None
    return add_months(since, moment.months, place)


def timed(
    moment: TenureMoment, state: TenureState, since: int | None, place: Zone, reached: int, published: int
) -> tuple[TenureState, int | None]:
    """The state once time has ``reached`` this far, and when the months were full if that fires.

    Fires by timer, also for an account that is silent. Months are counted from the anchor, in the account's zone: from
    31 January on to the last of February, then to 31 March. What was full before the moment was ``published`` is old
    news and passes silently. Re-arms when the fact changes, and is counted from its new time.
    """
    if since is None:
        return state, None
    if state.since != since:
        state = TenureState(since, over=False, arm=state.arm + state.over)
    full = due(moment, state, since, place)
    if full is None or reached < full:
        return state, None
    return TenureState(since, over=True, arm=state.arm), full if full >= published else None
