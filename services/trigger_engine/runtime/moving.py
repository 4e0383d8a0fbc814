"""Usage that moves meters, one event after the other."""

from collections.abc import Iterator, Sequence

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Usages
from services.trigger_engine.domain.quiet import Adds, Amount, How, Lane
from services.trigger_engine.runtime.noting import Noted
from services.trigger_engine.runtime.opened import Opened, OpenedPart
from services.trigger_engine.runtime.slices import SliceStore

Left = Iterator[tuple[int, Opened | None, str]]
"""Events: the place of each, its account when that is at work, and its type; asked for only when it is its turn."""

Noting = list[tuple[int, Opened | OpenedPart]]
"""Which slice the event at a place has changed, unless it has been already."""


class Amounts(dict[Amount, Sequence[object]]):
    """Amounts of a run of usage, each looked up once."""

    def __init__(self, usages: Usages) -> None:
        super().__init__()
        self._usages = usages

    def __missing__(self, amount: Amount) -> Sequence[object]:
        self[amount] = found = self._usages.amounts(amount.prop, amount.digits)
        return found


class Mover:
    """Moves meters by events that were noted, in any parts; copies are passed over.

    What that changes is written by the next commit, or, when it is given, is noted in ``later``.
    """

    def __init__(self, noted: Noted, core: Core, slices: SliceStore, later: Noting | None = None) -> None:
        self._accounts = noted.usages.accounts
        self._core = core
        self._slices = slices
        self._times = noted.usages.times
        self._users = noted.usages.users()
        self._amounts = Amounts(noted.usages)
        self._copies = noted.copies
        self._later = later

    def _drawn(self, place: int, kind: str) -> Opened | None:
        return self._slices.drawn(self._core, self._accounts[place], kind)

    def move(self, left: Left) -> int | None:  # noqa: C901, PLR0912 - flat on purpose: a call costs as much as its work
        """Move meters until an event may mean more: its place, or None. Of its meters all are moved, or none."""
        times, users, amounts, copies, later = self._times, self._users, self._amounts, self._copies, self._later
        changed = self._slices.changed
        for place, at_work, kind in left:
            opened = at_work
            found = opened.lanes.get(kind) if opened is not None else None
            if opened is None or found is None:
                opened = self._drawn(place, kind)
                if opened is None:
                    return place
                found = opened.lanes[kind]
            holder = None
            if type(found) is Lane:
                lane = found
            elif type(found) is dict and users[place] in found:
                user = users[place]
                lane = found[user]
                holder = opened.users[user] if user is not None else None
            else:
                return place
            if lane.since is not None and not lane.since <= times[place] < lane.until:  # type: ignore[operator]  # both or none
                return place
            if copies and place in copies:
                continue
            if lane.adds is None:
                if not self._moves(opened, holder, lane, place):
                    return place
            else:  # nearly always; it takes half the time
                numbers = opened.numbers
                for where, amount, low, high in lane.adds:
                    by = amounts[amount][place]
                    if type(by) is not int or not low <= (after := numbers[where] + by) < high:
                        self._take_off(opened, lane.adds, place, where)
                        return place
                    numbers[where] = after
            if not opened.changed:
                if later is None:  # as `SliceStore.change` does
                    opened.changed = True
                    changed[opened.key] = opened
                else:
                    later.append((place, opened))
            if holder is not None and not holder.changed:
                if later is None:
                    self._slices.change(holder)
                else:
                    later.append((place, holder))
        return None

    def _take_off(self, opened: Opened, adds: Adds, place: int, last: int) -> None:
        """Have the meters before the one at ``last`` stand where they stood before the event at this place."""
        for where, amount, _, _ in adds:
            if where == last:
                return
            opened.numbers[where] -= self._amounts[amount][place]

    def _moves(self, opened: Opened, holder: OpenedPart | None, lane: Lane, place: int) -> bool:
        """Move the meters of the lane by the event at this place, each in its way; whether it means no more."""
        stood: list[int] = []
        for where, of_user, amount, how, low, high in lane.steps:
            numbers = holder.slice.meters.numbers if of_user and holder is not None else opened.numbers
            by, before = self._amounts[amount][place], numbers[where]
            if type(by) is not int or not low <= (after := _moved(before, by, how)) < high:
                _take_back(opened, holder, lane, stood)
                return False
            stood.append(before)
            numbers[where] = after
        return True


def _moved(before: int, by: int, how: How) -> int:
    if how is How.ADDS:
        return before + by
    return max(before, by) if how is How.TOPS else before - by


def _take_back(opened: Opened, holder: OpenedPart | None, lane: Lane, stood: Sequence[int]) -> None:
    """Have the first meters of the lane stand where they ``stood``."""
    for step, before in zip(lane.steps, stood, strict=False):
        numbers = holder.slice.meters.numbers if step.of_user and holder is not None else opened.numbers
        numbers[step.place] = before


class Straight:
    """All events in their order."""

    def __init__(self, noted: Noted, core: Core, slices: SliceStore) -> None:
        usages = noted.usages
        self._mover = Mover(noted, core, slices)
        self._left: Left = zip(range(len(usages)), map(slices.opened.get, usages.accounts), usages.types, strict=True)

    def on(self) -> int | None:
        """Go on to the next event that may mean more: its place, or None."""
        return self._mover.move(self._left)

    def back(self, stop: int) -> None:
        """The event at this place has gone the long way."""

    def end(self, stop: int) -> None:
        """Nothing at this place or after it is to be counted."""
