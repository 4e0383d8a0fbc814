"""Many events of few accounts: each lane is moved once, by all that came on it.

Where meters only rise, what they end at tells that they left no band on the way, or at which event they do. So what
would be asked of each event is asked of each lane. An account whose lanes can not be asked so has its events moved one
after the other; an event that has to go the long way concerns its account alone, and what was found of others stands.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import Any

from msgspec import Struct

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Usages
from services.trigger_engine.domain.quiet import Amount, How, Lane, Step
from services.trigger_engine.runtime.moving import Mover, Noting
from services.trigger_engine.runtime.noting import Noted
from services.trigger_engine.runtime.opened import Opened
from services.trigger_engine.runtime.slices import SliceStore

Places = Mapping[tuple[str, str], Sequence[int]]
"""Of the events on each lane, by account and type."""


class Weighed:
    """An account whose lanes can be asked. ``moves`` are not settled; ``stop``: the first event that may mean more."""

    __slots__ = ("moves", "opened", "stop")

    def __init__(self, opened: Opened, stop: int) -> None:
        self.opened = opened
        self.moves: dict[int, Moved] = {}
        self.stop = stop

    def settle(self, stop: int | None = None) -> None:
        """Let the meters stand at what they come to by those before place ``stop``, or by all."""
        numbers = self.opened.numbers
        for place, moved in self.moves.items():
            numbers[place] = moved.after if stop is None else moved.up_to(stop)


class Crowd:
    """Usage that moves meters by lane. ``lanes``: how many there are."""

    def __init__(self, noted: Noted, core: Core, slices: SliceStore) -> None:
        usages = noted.usages
        self._core = core
        self._noted = noted
        self._usages = usages
        self._copies = noted.copies
        self._slices = slices
        self._first, self._last = min(usages.times), noted.newest
        self._columns: dict[Amount, Column] = {}
        self._weighed: dict[str, Weighed] = {}
        self._places = _by_lane(usages)
        self._changed: Noting = []
        self._mover: Mover | None = None
        self.lanes = len(self._places)
        self._rest = self._weigh(self._places)
        self._at = 0
        self._stops = [(one.stop, account) for account, one in self._weighed.items() if one.stop < len(usages)]
        heapify(self._stops)

    def on(self) -> int | None:
        """Go on to the next event that may mean more: its place, or None."""
        stop, account = self._stops[0] if self._stops else (len(self._usages), "")
        refused = self._walk(stop)
        if refused is not None:
            self._at = bisect_right(self._rest, refused)
            self._note_changed(refused)
            return refused
        self._note_changed(stop)
        if not self._stops:
            self._settle()
            return None
        heappop(self._stops)
        self._weighed.pop(account).settle(stop)
        return stop

    def back(self, stop: int) -> None:
        """The event at this place has gone the long way: look at what is left of its account again."""
        if bisect_left(self._rest, stop) < bisect_right(self._rest, stop):
            return  # one of those that are moved one after the other: it is behind us
        account, left = self._usages.accounts[stop], {}
        for kind in dict.fromkeys(self._usages.types):
            places = self._places.get((account, kind), ())
            if later := places[bisect_right(places, stop) :]:
                left[account, kind] = later
        rest = self._weigh(left)
        if rest:
            self._rest, self._at = sorted([*self._rest[self._at :], *rest]), 0
        elif (found := self._weighed.get(account)) is not None and found.stop < len(self._usages):
            heappush(self._stops, (found.stop, account))

    def end(self, stop: int) -> None:
        """Nothing at this place or after it is to be counted."""
        self._note_changed(stop)
        self._settle(stop)

    def _walk(self, stop: int) -> int | None:
        """Of the events before this place, move those that are moved one after the other; the first that is refused."""
        end = bisect_left(self._rest, stop, self._at)
        places, usages = self._rest[self._at : end], self._usages
        self._at = end
        if not places:
            return None
        if self._mover is None:
            self._mover = Mover(self._noted, self._core, self._slices, self._changed)
        at_work = map(self._slices.opened.get, map(usages.accounts.__getitem__, places))
        return self._mover.move(zip(places, at_work, map(usages.types.__getitem__, places), strict=True))

    def _note_changed(self, stop: int) -> None:
        """Slices are written in the order in which events before this place have changed them first."""
        if self._changed:
            for place, opened in sorted(self._changed, key=itemgetter(0)):
                if place < stop and not opened.changed:
                    self._slices.change(opened)
            self._changed[:] = [one for one in self._changed if one[0] >= stop]

    def _settle(self, stop: int | None = None) -> None:
        for one in self._weighed.values():
            one.settle(stop)

    # --- weighing -------------------------------------------------------------------------------

    def _weigh(self, lanes: Places) -> list[int]:
        """Find out where these lanes end; the places of accounts that can not be asked so."""
        loose: set[str] = set()
        for (account, kind), places in lanes.items():
            if account not in loose and not self._weigh_lane(account, kind, places):
                self._weighed.pop(account, None)
                loose.add(account)
        if not loose:
            return []
        return sorted(place for (account, _), places in lanes.items() if account in loose for place in places)

    def _weigh_lane(self, account: str, kind: str, places: Sequence[int]) -> bool:
        opened = self._slices.drawn(self._core, account, kind)
        lane = opened.lanes[kind] if opened is not None else None
        if opened is None or type(lane) is not Lane or not self._is_in_time(lane):
            return False
        if self._copies:
            places = [place for place in places if place not in self._copies]
        return not places or self._add(account, opened, lane, places)

    def _is_in_time(self, lane: Lane) -> bool:
        return lane.since is None or (lane.since <= self._first and self._last < lane.until)  # type: ignore[operator]  # both or none

    def _add(self, account: str, opened: Opened, lane: Lane, places: Sequence[int]) -> bool:
        found = self._weighed.get(account)
        if found is None:
            found = self._weighed[account] = Weighed(opened, len(self._usages))
        for step in lane.steps:  # of two lanes that move the same, one takes away: that can not be said
            moved = self._moved(opened.numbers[step.place], step, places)
            if moved is None:
                return False
            found.moves[step.place] = moved
            if moved.after >= step.high:
                found.stop = min(found.stop, moved.reaches(step.high))
        if not opened.changed:
            self._changed.append((places[0], opened))
        return True

    def _moved(self, before: int, step: Step, places: Sequence[int]) -> "Moved | None":
        """The meter moved by the events at these places; None when that can not be said."""
        amount, how = step.amount, step.how
        column = self._columns.get(amount)
        if column is None:
            column = self._columns[amount] = Column(self._usages.amounts(amount.prop, amount.digits))
        after = column.added(before, places) if how is How.ADDS else column.topped(before, places, how)
        return None if after is None or before < step.low else Moved(before, after, column, places, how)


class Column:
    """Amounts of a run of usage. They say nothing of a meter that could fall, or that needs what is missing."""

    __slots__ = ("_are_ones", "_rises", "_values")

    def __init__(self, values: Sequence[Any]) -> None:
        numbers = values if set(map(type, values)) == {int} else [value for value in values if type(value) is int]
        self._values = values
        self._are_ones = values.count(1) == len(values)
        self._rises = min(numbers, default=0) >= 0

    def added(self, before: int, places: Sequence[int]) -> int | None:
        """``before`` and those at these places; None when that can not be said."""
        if self._are_ones:
            return before + len(places)
        if not self._rises:
            return None
        amounts = [self._values[place] for place in places]
        total: int | None = None
        with suppress(TypeError):  # one is missing
            total = before + sum(amounts)
        return total

    def topped(self, before: int, places: Sequence[int], how: How) -> int | None:
        """The greatest among ``before`` and those at these places, if that is how; None when that can not be said."""
        total: int | None = None
        if how is How.TOPS and self._rises:
            with suppress(TypeError):
                total = max(before, *[self._values[place] for place in places])
        return total


class Moved(Struct, frozen=True, gc=False):
    """A meter that was moved from ``before`` to ``after`` by the events at ``places``."""

    before: int
    after: int
    column: Column
    places: Sequence[int]
    how: How

    def by(self, count: int) -> int:
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

    def up_to(self, stop: int) -> int:
        """What it comes to by those before place ``stop``."""
        count = bisect_left(self.places, stop)
        return self.after if count == len(self.places) else self.by(count)

    def reaches(self, high: int) -> int:
        """The place of the event by which it comes to ``high``; meters only rise."""
        return self.places[bisect_left(range(len(self.places)), high, key=lambda count: self.by(count + 1))]


def _by_lane(usages: Usages) -> Places:
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    lanes = zip(usages.accounts, usages.types, strict=True)
    deque(map(list.append, map(places.__getitem__, lanes), range(len(usages))), 0)
    return places
