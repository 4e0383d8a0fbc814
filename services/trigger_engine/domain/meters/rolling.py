"""A rolling window of numbers: the sum, or the greatest, of what was counted at event times in (t - span, t].

Exact to the microsecond while at most ``entries`` event times are kept, of numbers of eight characters on average.
Beyond, times are rounded down to a grid, the
finest of 1, 2, 4, 8 ... seconds on which no more are left: an event then counts from the begin of its cell on, and
leaves the window up to one cell too soon. `RollingState.exact` tells; it is exact again once all of it has left.

Kept is what a window can hold that ends at a time an event may still have. So the order of arrival makes no difference
to what any window holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.numbers import EXACT, ZERO
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate

MAX_ENTRIES: Final = 512
"""Event times kept of one meter of one holder, at most: some 7 KB of usual numbers."""

CHARACTERS: Final = 8
"""Of a number as it is stored, on average. Longer ones take the place of others."""

LENGTH: Final = "_length"
"""Name under which it hangs on a state."""

SECOND_US: Final = 1_000_000

Merge = Callable[[Decimal, Decimal], Decimal]

_add: Final = EXACT.add


class RollingState(Struct, frozen=True, array_like=True, tag="rolling", dict=True):
    """Event times (microseconds since 1970 UTC, ascending) and what was counted at each; ``grid`` in seconds.

    How many characters the amounts have hangs on it, and is never stored.
    """

    times: tuple[int, ...] = ()
    amounts: tuple[Decimal, ...] = ()
    grid: int = 0

    @property
    def exact(self) -> bool:
        """Whether every event counts at its own time."""
        return self.grid == 0

    def length(self) -> int:
        """How many characters the amounts have together; reckoned once."""
        found: int | None = self.__dict__.get(LENGTH)
        if found is None:
            found = self.__dict__[LENGTH] = _length(self.amounts)
        return found


class Rolling(Struct, frozen=True):
    """A window of ``span_us`` microseconds that adds up, or with `Aggregate.MAX` keeps the greatest."""

    span_us: int
    aggregate: Aggregate
    entries: int = MAX_ENTRIES

    def counted(self, state: RollingState, at: int, by: Decimal, floor: int) -> RollingState:
        """The state after an event at ``at``; no event from before ``floor`` can come any more."""
        first = bisect_right(state.times, floor - self.span_us)
        times, amounts = list(state.times[first:]), list(state.amounts[first:])
        grid = state.grid if times else 0
        length = state.length() - _length(state.amounts[:first])
        length += _put(times, amounts, _on_grid(at, grid), by, self._merge)
        while len(times) > self.entries or length > self.entries * CHARACTERS:
            grid, length = grid * 2 or 1, 0
            finer, times, amounts = zip(times, amounts, strict=True), [], []
            for time, amount in finer:
                length += _put(times, amounts, _on_grid(time, grid), amount, self._merge)
        after = RollingState(tuple(times), tuple(amounts), grid)
        after.__dict__[LENGTH] = length
        return after

    def value(self, state: RollingState, at: int) -> Decimal:
        """What the window that ends at ``at`` holds; 0 when nothing."""
        held = self._held(state, at)
        return max((ZERO, *held)) if self.aggregate is Aggregate.MAX else reduce(_add, held, ZERO)

    def peak(self, state: RollingState, at: int) -> tuple[Decimal, int]:
        """The most that a window holds which ends at an event and holds ``at``, and the first such end.

        For an event that comes in order that is what the meter stands at. A late one adds to windows that ended after
        it, too: what they would have shown, had it come in time, is looked at now.
        """
        at = _on_grid(at, state.grid)
        best, when = self.value(state, at), at
        later = range(bisect_right(state.times, at), bisect_left(state.times, at + self.span_us))
        if not later:  # most events come in order
            return best, when
        candidates: Iterable[tuple[Decimal, int]]
        if self.aggregate is Aggregate.MAX:
            candidates = ((state.amounts[place], state.times[place]) for place in later)
        else:
            sums = list(accumulate(state.amounts, _add, initial=ZERO))
            begins = (bisect_right(state.times, state.times[place] - self.span_us) for place in later)
            candidates = (
                (_add(sums[place + 1], sums[begin].copy_negate()), state.times[place])
                for place, begin in zip(later, begins, strict=True)
            )
        for held, end in candidates:
            if held > best:
                best, when = held, end
        return best, when

    def falls_below(self, state: RollingState, target: Decimal, at: int) -> int | None:
        """When, from ``at`` on, the window holds less than ``target`` if nothing more happens; None: never."""
        held = self._held(state, at)
        left = list(accumulate(reversed(held), self._merge, initial=ZERO))[::-1]
        times = state.times[bisect_right(state.times, at) - len(held) :]
        leaves = (at, *(time + self.span_us for time in times[: len(held)]))
        return next((time for time, holds in zip(leaves, left, strict=True) if holds < target), None)

    def _held(self, state: RollingState, at: int) -> tuple[Decimal, ...]:
        return state.amounts[bisect_right(state.times, at - self.span_us) : bisect_right(state.times, at)]

    @property
    def _merge(self) -> Merge:
        return max if self.aggregate is Aggregate.MAX else _add


def _put(times: list[int], amounts: list[Decimal], at: int, by: Decimal, merge: Merge) -> int:
    """Count ``by`` at ``at``; by how many characters the amounts are longer then."""
    place = bisect_left(times, at)
    if place < len(times) and times[place] == at:
        before = amounts[place]
        amounts[place] = merge(before, by)
        return len(str(amounts[place])) - len(str(before))
    times.insert(place, at)
    amounts.insert(place, by)
    return len(str(by))


def _length(amounts: Iterable[Decimal]) -> int:
    return sum(len(str(amount)) for amount in amounts)


def _on_grid(at: int, grid: int) -> int:
    return at - at % (grid * SECOND_US) if grid else at
