"""A limit of each day, week or month: as `limit`, for a meter whose windows follow each other."""

from decimal import Decimal

from msgspec import Struct

from services.trigger_engine.domain.moments import limit
from services.trigger_engine.domain.moments.limit import LimitReading, LimitState
from services.trigger_engine.domain.playbook.moments import LimitMoment


class LimitsState(Struct, frozen=True, array_like=True, tag="limits"):
    """What `limit` keeps, by the name of the window, ascending."""

    periods: dict[int, LimitState] = {}


def observe(
    moment: LimitMoment, state: LimitsState, reading: LimitReading, over: int | None
) -> tuple[LimitsState, Decimal | None]:
    """The step that fires, if any, in the window that ``reading`` is of.

    A late event counts in the window of its own time, so each window remembers its own steps: going back to one that
    was left passes none of them again. Re-arms with each new window, and within it as `limit` does. Windows named
    before ``over`` get no more readings (`spans.still_open`; None: any may); at most ``moment.kept`` are remembered.
    """
    if reading.period is None:
        return state, None
    after, step = limit.observe(moment, state.periods.get(reading.period, LimitState()), reading)
    held = state.periods | {reading.period: after}
    kept = sorted(name for name in held if over is None or name >= over or name == reading.period)[-moment.kept :]
    return LimitsState({name: held[name] for name in kept}), step


def forgot(before: LimitsState, period: int | None, after: LimitsState, over: int | None) -> bool:
    """Whether `observe` had to forget a window that gets more readings: there were too many."""
    windows = {*before.periods, period} - {None}
    return any(name not in after.periods for name in windows if name is not None and (over is None or name >= over))
