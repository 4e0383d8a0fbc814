"""Windows that follow each other: for ever, by billing period, by day, week or month. Which one an event is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle import days
from oracle.language.meter import BILLING_PERIOD, CALENDAR
from oracle.meters.state import Distinct, Tally, Windows
from oracle.times import DAY

if TYPE_CHECKING:
    from datetime import tzinfo

    from oracle.language.meter import Meter
    from oracle.meters.state import Period

EVER: Final = 0


class When(NamedTuple):
    """The account's clocks and billing period (None: unknown). No event from before ``floor`` can come any more."""

    clocks: tzinfo
    period: Period | None
    floor: int


def window_of(span: str, at: int, when: When) -> int | None:
    """Name of the window that ``at`` lies in; None when no known billing period holds it.

    A billing period is named by its start; a day, week or month by its first day, in every zone the same.
    """
    if span in CALENDAR:
        return days.first_day(span, at, when.clocks) * DAY
    if span == BILLING_PERIOD:
        return when.period.starts if when.period is not None and when.period.holds(at) else None
    return EVER


def first_open(span: str, when: When) -> int | None:
    """Name of the first window that an event may still come for; None: of any."""
    return window_of(span, when.floor, when) if span in CALENDAR else None


def is_closed(state: Windows, window: int) -> bool:
    """Whether an event of this window counts no more."""
    return state.closed is not None and window <= state.closed


def put(state: Windows, window: int, tally: Tally, first: int | None, most: int) -> Windows:
    """With this tally; windows before ``first`` get no more events. Beyond the bounds the oldest are closed.

    ``most``: values told apart in one window; in all together there are twice as many, and an eighth as many windows.
    """
    held = {**state.open, window: tally}
    kept = {name: held[name] for name in sorted(held) if first is None or name >= first or name == window}
    closed = state.closed
    while len(kept) > 1 and (len(kept) > max(4, most // 8) or sum(map(_weight, kept.values())) > 2 * most):
        oldest = min(kept)
        del kept[oldest]
        closed = oldest if closed is None else max(closed, oldest)
    return Windows(kept, closed)


def _weight(tally: Tally) -> int:
    return len(tally.marks) if isinstance(tally, Distinct) else 1


def next_two_ends(meter: Meter, at: int, when: When) -> tuple[int, int] | None:
    """When the window that ``at`` lies in ends, and the one after it; None when that is unknown, or never."""
    if meter.span in CALENDAR:
        end = days.end_of(meter.span, at, when.clocks)
        return end, days.end_of(meter.span, end, when.clocks)
    if meter.span == BILLING_PERIOD and when.period is not None and when.period.holds(at):
        return when.period.ends, 2 * when.period.ends - when.period.starts
    return None
