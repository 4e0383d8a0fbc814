"""Whether keeping a meter has just reached a bound, told by what is kept before and after."""

from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.meters.counting import CountedState
from services.trigger_engine.domain.meters.days_with import DaysTally
from services.trigger_engine.domain.meters.distinct import DistinctTally
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.rolling import RollingState
from services.trigger_engine.domain.meters.rolling_marks import MarksState
from services.trigger_engine.domain.meters.windows import EVER, WindowsState


def bounded(before: MeterState | CountedState, after: MeterState | CountedState, period: int | None) -> Bound | None:
    """The bound that the event between them reached; ``period`` as in `Reading`. None when all of it was kept."""
    match before, after:
        case RollingState(), RollingState():
            return Bound.WINDOW_ROUNDED if after.grid > before.grid else None
        case MarksState(), MarksState():
            return Bound.VALUES_ESTIMATED if before.exact and not after.exact else None
        case WindowsState(), WindowsState():
            return _of_windows(before, after, EVER if period is None else period)
        case _:  # one number, however much is counted
            return None


def _of_windows(before: WindowsState, after: WindowsState, window: int) -> Bound | None:
    if after.closed != before.closed:
        return Bound.WINDOW_CLOSED
    tally = after.open.get(window)
    if isinstance(tally, DistinctTally):
        was_exact = before.of(window, DistinctTally()).exact
        return Bound.VALUES_ESTIMATED if was_exact and not tally.exact else None
    if isinstance(tally, DaysTally):
        return Bound.DAYS_MERGED if tally.before > before.of(window, DaysTally()).before else None
    return None
