"""How many different values there were at event times in (t - span, t]; with days for values, on how many days.

Of each value only those times are kept that some window still needs: of three close together the middle one is in no
window that holds neither of the others. Exact while at most ``entries`` times are left; beyond that only values with
small marks are kept, and the number is an estimate, as in `distinct`, until all that was left out would have left.
"""

from bisect import bisect_right
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.meters.marks import MARKS

MAX_ENTRIES: Final = 512
"""Event times kept of one meter of one holder, at most; with the marks 10 KB."""

FEW_ENTRIES: Final = 16
"""So many are kept without asking whether a window still needs them."""


class MarksState(Struct, frozen=True, array_like=True, tag="marks"):
    """Times by mark, ascending; ``entries``: how many times. Microseconds since 1970 UTC.

    ``below``: only of marks smaller than this, None: of all; ``left_out``: the newest time of any other. ``needed``:
    how many of the times a window still needed when that was last looked at: at twice as many it is again.
    """

    times: dict[int, tuple[int, ...]] = {}
    entries: int = 0
    below: int | None = None
    left_out: int | None = None
    needed: int = 0

    @property
    def exact(self) -> bool:
        """Whether the number is more than an estimate."""
        return self.below is None


class RollingMarks(Struct, frozen=True):
    """A window of ``span_us`` microseconds."""

    span_us: int
    entries: int = MAX_ENTRIES

    def seen(self, state: MarksState, mark: int, at: int, floor: int) -> MarksState:
        """The state after a value at ``at``; no event from before ``floor`` can come any more."""
        if state.left_out is not None and state.left_out <= floor - self.span_us:
            state = MarksState(state.times, state.entries, needed=state.needed)
        if state.below is not None and mark >= state.below:
            return MarksState(state.times, state.entries, state.below, max(at, state.left_out or at), state.needed)
        before = state.times.get(mark, ())
        times = state.times | {mark: self._needed((*before, at), floor)}
        entries = state.entries + len(times[mark]) - len(before)
        if entries <= min(self.entries, max(FEW_ENTRIES, 2 * state.needed)):
            return MarksState(times, entries, state.below, state.left_out, state.needed)
        needed = ((known, self._needed(own, floor)) for known, own in times.items())
        kept = {known: own for known, own in needed if own}
        return _bounded(kept, self.entries, state.below, state.left_out)

    def value(self, state: MarksState, at: int) -> int:
        """How many values the window that ends at ``at`` holds."""
        return _scaled(state, self._holds(state, at))

    def peak(self, state: MarksState, at: int) -> tuple[int, int]:
        """The most that a window holds which ends at an event and holds ``at``, and the first such end.

        As of sums: a late event adds to windows that ended after it, too.
        """
        holds = self._holds(state, at)
        best, when = _scaled(state, holds), at
        if all(own[-1] <= at for own in state.times.values()):  # most events come in order
            return best, when
        changes = sorted(change for own in state.times.values() for change in self._comes_and_goes(own, at))
        for end, together in groupby(changes, key=itemgetter(0)):
            holds += sum(change for _, change in together)
            if _scaled(state, holds) > best:
                best, when = _scaled(state, holds), end
        return best, when

    def falls_below(self, state: MarksState, target: Decimal, at: int) -> int | None:
        """When, from ``at`` on, the window holds less than ``target`` if nothing more happens; None: never."""
        newest = sorted(found for own in state.times.values() if (found := self._newest(own, at)) is not None)
        leaves = (at, *(time + self.span_us for time in newest))
        return next((time for gone, time in enumerate(leaves) if _scaled(state, len(newest) - gone) < target), None)

    def _holds(self, state: MarksState, at: int) -> int:
        """How many of the values that are kept are in the window that ends at ``at``."""
        begins = at - self.span_us
        return sum(
            begins < own[-1] if own[-1] <= at else self._newest(own, at) is not None for own in state.times.values()
        )

    def _newest(self, own: tuple[int, ...], at: int) -> int | None:
        """The newest of these times in the window that ends at ``at``."""
        place = bisect_right(own, at)
        return own[place - 1] if place and own[place - 1] > at - self.span_us else None

    def _comes_and_goes(self, own: tuple[int, ...], at: int) -> list[tuple[int, int]]:
        """After ``at`` and before a window can not hold it any more: when these times enter (+1) and leave (-1) it."""
        found: list[tuple[int, int]] = []
        for place, time in enumerate(own):
            if place == 0 or own[place - 1] + self.span_us < time:
                found.append((time, 1))
            if place == len(own) - 1 or own[place + 1] > time + self.span_us:
                found.append((time + self.span_us, -1))
        return [change for change in found if at < change[0] < at + self.span_us]

    def _needed(self, times: tuple[int, ...], floor: int) -> tuple[int, ...]:
        """Those of ``times`` that a window ending at or after ``floor`` can not do without."""
        needed: list[int] = []
        for time in sorted(set(times)):
            while needed and needed[-1] < time <= floor:
                needed.pop()
            if len(needed) > 1 and time - needed[-2] <= self.span_us:
                needed.pop()
            if time > floor - self.span_us:
                needed.append(time)
        return tuple(needed)


def _bounded(times: dict[int, tuple[int, ...]], most: int, below: int | None, left_out: int | None) -> MarksState:
    entries = sum(map(len, times.values()))
    while entries > most:
        below = max(times)
        gone = times.pop(below)
        entries -= len(gone)
        left_out = gone[-1] if left_out is None else max(left_out, gone[-1])
    return MarksState(times, entries, below, left_out, entries)


def _scaled(state: MarksState, holds: int) -> int:
    return holds if state.below is None else holds * MARKS // state.below
