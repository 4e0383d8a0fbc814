"""Numbers kept for windows that follow each other: for ever, by billing period, by day, week or month.

An event counts in the window that its own time lies in, also when it comes late and another window has begun. A window
is kept for as long as such an event may still come, and then forgotten.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from msgspec import Struct

from services.trigger_engine.domain.meters.days_with import DaysTally
from services.trigger_engine.domain.meters.distinct import DistinctTally
from services.trigger_engine.domain.meters.last import LastState
from services.trigger_engine.domain.numbers import ZERO

EVER: Final = 0
"""Name of the one window of a meter of ever."""

MOST: Final = 512
"""Values told apart in one window at most. In all windows of one meter of one holder there are twice as many, 9 KB, and
an eighth as many windows: 64 days, with a lateness of two months. The oldest is closed at the bound."""

LEAST_WINDOWS: Final = 4


class NumberTally(Struct, frozen=True, array_like=True, tag="number"):
    """A count, a sum or the greatest."""

    value: Decimal = ZERO


Tally = NumberTally | LastState | DistinctTally | DaysTally
T = TypeVar("T", NumberTally, LastState, DistinctTally, DaysTally)


class WindowsState(Struct, frozen=True, array_like=True, tag="windows"):
    """Tallies by the name of their window, ascending. What lies at or before ``closed`` is over and counts nowhere."""

    open: dict[int, Tally] = {}
    closed: int | None = None

    def is_closed(self, window: int) -> bool:
        """Whether an event of this window comes too late to be counted."""
        return self.closed is not None and window <= self.closed

    def of(self, window: int, empty: T) -> T:
        """The tally of ``window``; ``empty`` when nothing was counted in it, or it is forgotten."""
        found = self.open.get(window)
        return found if isinstance(found, type(empty)) else empty


def tallied(
    state: WindowsState, window: int, empty: T, change: Callable[[T], T], over: int | None, most: int = MOST
) -> WindowsState:
    """The state after ``change`` of the tally of ``window``; windows named before ``over`` get no more events.

    ``most``: values told apart in one window. Nothing changes when the window is closed. Closing a window before its
    time, at the bounds, is told by `closed` lying at or after ``over``.
    """
    if state.is_closed(window):
        return state
    held = state.open | {window: change(state.of(window, empty))}
    kept = {name: held[name] for name in sorted(held) if over is None or name >= over or name == window}
    closed = state.closed
    while len(kept) > 1 and (len(kept) > windows_of(most) or sum(map(_weight, kept.values())) > 2 * most):
        oldest = min(kept)
        del kept[oldest]
        closed = oldest if closed is None else max(closed, oldest)
    return WindowsState(kept, closed)


def windows_of(most: int) -> int:
    """How many windows are kept, where ``most`` values are told apart in one."""
    return max(LEAST_WINDOWS, most // 8)


def _weight(tally: Tally) -> int:
    return len(tally.marks) if isinstance(tally, DistinctTally) else 1
