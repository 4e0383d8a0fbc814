"""Many events of few accounts: each lane is moved once, by all that came on it.

Where meters only rise, what they end at tells that they left no band on the way. So what would be asked of each event
is asked of each lane; only taking the events apart is still done for each, and not in Python.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from services.trigger_engine.domain.inputs import Usages
from services.trigger_engine.domain.quiet import Cell, How, Lane
from services.trigger_engine.runtime.slices import Opened, SliceStore

LEAST: Final = 3
"""Events on a lane, on the average, from which on this is quicker than to move a meter for each event."""

LOOK_EVERY: Final = 64
"""Runs after which it is found out anew how many lanes there are."""

NUMBERS: Final = frozenset({int, Decimal})

Places = Mapping[tuple[str, str], Sequence[int]]
"""Of the events on each lane, by account and type."""


class Crowds:
    """Moves the lanes of a store."""

    def __init__(self, slices: SliceStore) -> None:
        self._slices = slices
        self._lanes = 0
        self._asked = 0

    def are_likely(self, events: int) -> bool:
        """Whether it is worth trying with so many events."""
        self._asked += 1
        return events >= LEAST * self._lanes or self._asked % LOOK_EVERY == 0

    def move(self, usages: Usages) -> int:
        """Move meters by these; how many, from the first on, surely meant nothing else."""
        places = _by_lane(usages)
        self._lanes = len(places)
        crowd = Crowd(usages)
        stop = crowd.weigh(places, self._slices.opened)
        crowd.settle(self._slices, stop)
        return stop


class Crowd:
    """Usage that moves meters by lane. First it is weighed, then as much of it is settled as is found to be quiet."""

    def __init__(self, usages: Usages) -> None:
        self._usages = usages
        self._first, self._last = min(usages.times), max(usages.times)
        self._columns: dict[str | None, Column] = {}
        self._moved: dict[Cell, Moved] = {}
        self._touched: list[tuple[Opened, int]] = []

    def weigh(self, places: Places, opened_by: Mapping[str, Opened]) -> int:
        """How many, from the first on, may be counted: all, or those before one that may mean more."""
        stop = len(self._usages)
        for (account, kind), some in places.items():
            opened = opened_by.get(account)
            lane = opened.lanes.get(kind) if opened is not None else None
            if opened is None or type(lane) is not Lane or not self._is_in_time(lane):
                stop = min(stop, some[0])
                continue
            self._touched.append((opened, some[0]))
            for cell, prop, how in lane.steps:
                stop = min(stop, self._weigh(cell, prop, how, some))
        return stop

    def settle(self, slices: SliceStore, stop: int) -> None:
        """Let the meters stand at what they come to by the first ``stop``."""
        is_all = stop == len(self._usages)
        for cell, moved in self._moved.items():
            cell.state.value = moved.after if is_all else moved.up_to(stop)
        for opened, first in self._touched:
            if first < stop and not opened.changed:
                slices.change(opened)

    def _is_in_time(self, lane: Lane) -> bool:
        return lane.since is None or (lane.since <= self._first and self._last < lane.until)  # type: ignore[operator]  # both or none

    def _weigh(self, cell: Cell, prop: str | None, how: How, places: Sequence[int]) -> int:
        """Move a meter by the events at these places; the first that may mean more, if any, else beyond the last."""
        column = self._columns.get(prop)
        if column is None:
            column = self._columns[prop] = Column(self._usages.amounts(prop))
        before = cell.state.value
        after = column.added(before, places) if how is How.ADDS else column.topped(before, places, how)
        if after is None or before < cell.low or cell in self._moved:  # by events of another type
            return places[0]
        moved = self._moved[cell] = Moved(before, after, column, places, how)
        return len(self._usages) if after < cell.high else moved.reaches(cell.high)


class Column:
    """Amounts of a run of usage. They say nothing of a meter that could fall, or that needs what is missing."""

    __slots__ = ("_are_ones", "_are_whole", "_rises", "_values")

    def __init__(self, values: Sequence[Any]) -> None:
        kinds = set(map(type, values))
        numbers = values if kinds <= NUMBERS else [value for value in values if type(value) in NUMBERS]
        self._values = values
        self._are_whole = kinds == {int}
        self._are_ones = self._are_whole and values.count(1) == len(values)
        self._rises = bool not in kinds and not (numbers and min(numbers) < 0)

    def added(self, before: Decimal, places: Sequence[int]) -> Decimal | None:
        """``before`` and those at these places; None when that can not be said."""
        if self._are_ones:
            return before + len(places)
        if not self._rises:
            return None
        amounts = [self._values[place] for place in places]
        total: Decimal | None = None
        with suppress(TypeError):  # one is missing, or is text
            total = before + sum(amounts) if self._are_whole else sum(amounts, before)
        return total

    def topped(self, before: Decimal, places: Sequence[int], how: How) -> Decimal | None:
        """The greatest among ``before`` and those at these places, if that is how; None when that can not be said."""
        total: Decimal | None = None
        if how is How.TOPS and self._rises:
            with suppress(TypeError):
                total = Decimal(max(before, *[self._values[place] for place in places]))
        return total


class Moved(Struct, frozen=True, gc=False):
    """A meter that was moved from ``before`` to ``after`` by the events at ``places``."""

    before: Decimal
    after: Decimal
    column: Column
    places: Sequence[int]
    how: How

    def by(self, count: int) -> Decimal:
        """What it comes to by the first so many of them."""
        some = self.places[:count]
        if not some:
            return self.before
        after = (
            self.column.added(self.before, some)
            if self.how is How.ADDS
            else self.column.topped(self.before, some, self.how)
        )
        return self.after if after is None else after  # it was said of all of them, so it can be

    def up_to(self, stop: int) -> Decimal:
        """What it comes to by those before place ``stop``."""
        return self.by(bisect_left(self.places, stop))

    def reaches(self, high: Decimal) -> int:
        """The place of the event by which it comes to ``high``; meters only rise."""
        return self.places[bisect_left(range(len(self.places)), high, key=lambda count: self.by(count + 1))]


def _by_lane(usages: Usages) -> Places:
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    lanes = zip(usages.accounts, usages.types, strict=True)
    deque(map(list.append, map(places.__getitem__, lanes), range(len(usages))), 0)
    return places
