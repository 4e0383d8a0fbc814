"""Sums, and the greatest, of what was counted at event times in (t - span, t]: exact up to so many, then on a grid."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from oracle.meters.state import Rolling
from oracle.numbers import EXACT, ZERO, plus
from oracle.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

CHARACTERS: Final = 8
"""Of a number, on average."""

Entries = list[tuple[int, "Decimal"]]


class Summing:
    """A window of ``span`` microseconds that adds up, or of which the greatest counts."""

    def __init__(self, span: int, *, greatest: bool, most: int = 512) -> None:
        self._span = span
        self._most = most
        self._greatest = greatest

    def added(self, state: Rolling, at: int, by: Decimal, floor: int) -> Rolling:
        """After an event; what no window needs that ends at ``floor`` or later is gone."""
        entries = [one for one in zip(state.times, state.amounts, strict=True) if one[0] > floor - self._span]
        grid = state.grid if entries else 0
        found = self._rounded([*entries, (at, by)], grid)
        while len(found) > self._most or sum(len(str(one)) for one in found.values()) > self._most * CHARACTERS:
            grid = grid * 2 or 1
            found = self._rounded(found.items(), grid)
        times = sorted(found)
        return Rolling(tuple(times), tuple(found[time] for time in times), grid)

    def _rounded(self, entries: Iterable[tuple[int, Decimal]], grid: int) -> dict[int, Decimal]:
        found: dict[int, Decimal] = {}
        for time, amount in entries:
            cell = on_grid(time, grid)
            found[cell] = amount if cell not in found else self._both(found[cell], amount)
        return found

    def _both(self, one: Decimal, other: Decimal) -> Decimal:
        return max(one, other) if self._greatest else plus(one, other)

    def value(self, state: Rolling, at: int) -> Decimal:
        """What the window that ends at ``at`` holds."""
        return self._all(amount for _, amount in self._held(state, at))

    def _held(self, state: Rolling, at: int) -> Entries:
        entries = zip(state.times, state.amounts, strict=True)
        return [(time, amount) for time, amount in entries if at - self._span < time <= at]

    def _all(self, amounts: Iterable[Decimal]) -> Decimal:
        total = ZERO
        for amount in amounts:
            total = self._both(total, amount)
        return total

    def most(self, state: Rolling, at: int) -> tuple[Decimal, int]:
        """The most that a window holds which ends with an event and holds ``at``; and the first end of such."""
        at = on_grid(at, state.grid)
        best, when = self.value(state, at), at
        sums = list(accumulate(state.amounts, EXACT.add, initial=ZERO))  # told with as many digits as all of them need
        for place, end in enumerate(state.times):
            if not at < end < at + self._span:
                continue
            if self._greatest:
                held = self.value(state, end)
            else:
                held = plus(sums[place + 1], sums[bisect_right(state.times, end - self._span)].copy_negate())
            if held > best:
                best, when = held, end
        return best, when

    def falls_below(self, state: Rolling, target: Decimal, at: int) -> int | None:
        """When it holds less than ``target``, if nothing more happens after ``at``; None: never."""
        held = self._held(state, at)
        for then in (at, *(time + self._span for time, _ in held)):
            if self._all(amount for time, amount in held if time > then - self._span) < target:
                return then
        return None


def on_grid(at: int, grid: int) -> int:
    """A time, rounded down to a grid of seconds; 0 is none."""
    return at - at % (grid * SECOND) if grid else at
