"""The quick way: usage that moves meters and means nothing else is counted together.

Most usage is so. Whatever is not (unreadable, late, new, near a step, of an account that is not at work) is left for
the long way, `Intake.usage`, which alone says what becomes of it. What is counted here leaves everything as the long
way would have, to the byte; the simulation holds the two against each other.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from services.trigger_engine.domain.inputs import ONE, Usages
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.numbers import EXACT
from services.trigger_engine.domain.quiet import How, Lane
from services.trigger_engine.runtime.crowds import Crowds
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.seen import HOUR_US, NOTHING, Hour

LEAST_RUN: Final = 8
MOST_RUN: Final = 4_096
"""Events in a run: fewer while many go the long way, since what comes after those is asked again."""

FAR_FUTURE_US: Final = 5 * 60 * 1_000_000
"""Clocks of servers differ by seconds; minutes ahead is a fault, and would make honest events late."""


class Window:
    """From when to when event times need no second look: one hour of ids, no timer, neither late nor too far ahead."""

    __slots__ = ("hour", "since", "until")

    def __init__(self, hour: Hour, since: int, until: int) -> None:
        self.hour = hour
        self.since = to_datetime(since)
        self.until = to_datetime(until)

    def holds(self, times: Sequence[datetime]) -> int:
        """How many of these, from the first on, lie in the window."""
        since, until = self.since, self.until
        if since <= min(times) and max(times) < until:
            return len(times)
        return next(place for place, at in enumerate(times) if not since <= at < until)


class Counting:
    """Counts what it can. ``counted`` and ``duplicates``: how many there were since somebody set them to 0.

    Usage is looked at in runs, a question asked of all at once: asked of each by itself, it takes half as long again.
    """

    def __init__(self, memory: Memory, lateness_us: int) -> None:
        self.counted = 0
        self.duplicates = 0
        self._run = MOST_RUN
        self._crowds = Crowds(memory.slices)
        self._slices = memory.slices
        self._seen = memory.seen
        self._progress = memory.progress
        self._lateness_us = lateness_us

    def run(self, usages: Usages, first: int) -> int:
        """Count from the event at place ``first`` on; the place of the first that has to go the long way."""
        while first < len(usages):
            window = self._window(usages.times[first]) if self._has_lane(usages, first) else None
            if window is None:
                return first
            run = usages.part(first, first + self._run)
            run = run.part(0, window.holds(run.times))
            copies = _remember(run, window.hour)
            with localcontext(EXACT):
                crowded = not copies and self._crowds.are_likely(len(run))
                done = self._crowds.move(run) if crowded else self._move(run, copies)
            self._tell(run, done, copies, window.hour)
            first += done
            if done < len(run):
                self._run = max(LEAST_RUN, (self._run + done) // 2)
                return first
            self._run = min(MOST_RUN, self._run * 2)
        return first

    def _has_lane(self, usages: Usages, place: int) -> bool:
        """Whether it is worth asking more: while accounts are new, nothing can be counted."""
        opened = self._slices.opened.get(usages.accounts[place])
        return opened is not None and usages.types[place] in opened.lanes

    def _window(self, at: datetime) -> Window | None:
        """The window that ``at`` lies in; None when this time needs a second look.

        The floor rises with stream time while events are counted; no further than the window's begin, since that is at
        most the lateness before its end.
        """
        progress, us = self._progress, to_us(at)
        begin = us - us % HOUR_US
        since = max(begin, progress.floor)
        until = min(
            begin + HOUR_US,
            since + self._lateness_us,
            progress.now + FAR_FUTURE_US + 1,
            self._slices.none_due_before(),
        )
        if not since <= us < until:
            return None
        hour = self._seen.hour(us)
        return Window(hour, since, until) if hour.sealed is NOTHING else None

    def _move(  # noqa: C901, PLR0912 - flat on purpose: a call would cost as much as what it is called for
        self, usages: Usages, copies: set[int]
    ) -> int:
        """Move the meters of as many as mean nothing else; of an event's meters all are moved, or none."""
        change, one, decimal = self._slices.change, ONE, Decimal
        adds, tops, times = How.ADDS, How.TOPS, usages.times
        place, users = -1, usages.users()
        amounts = Amounts(usages)
        at_work = map(self._slices.opened.get, usages.accounts)
        for place, (opened, kind) in enumerate(zip(at_work, usages.types)):  # noqa: B905 - as many
            found = opened.lanes.get(kind) if opened is not None else None
            if opened is None or found is None:
                return place
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
            for cell, prop, how in lane.steps:
                by = amounts[prop][place]
                if type(by) is not decimal:
                    if type(by) is not int:
                        lane.undo(cell)
                        return place
                    by = one if by == 1 else decimal(by)
                state = cell.state
                before = state.value
                if how is adds:
                    after = before + by
                elif how is tops:
                    after = max(before, by)
                else:
                    after = before - by
                if not cell.low <= after < cell.high:
                    lane.undo(cell)
                    return place
                cell.before = before
                state.value = after
            if not opened.changed:
                change(opened)
            if holder is not None and not holder.changed:
                change(holder)
        return place + 1

    def _tell(self, usages: Usages, done: int, copies: set[int], hour: Hour) -> None:
        """So many of them were counted: forget the ids of the others, and say how far that brings stream time."""
        if done < len(usages):
            _forget(usages, done, copies, hour)
        fresh: Sequence[int] = range(done)
        if copies:
            fresh = [place for place in fresh if place not in copies]
        self.duplicates += done - len(fresh)
        self.counted += len(fresh)
        if not fresh:
            return
        progress, times = self._progress, usages.times
        newest = max(times) if len(fresh) == len(times) else max([times[place] for place in fresh])
        progress.stream_time = max(progress.stream_time, to_us(newest))
        progress.floor = max(progress.floor, progress.stream_time - self._lateness_us)


class Amounts(dict[str | None, Sequence[object]]):
    """Amounts of a run of usage by the property that has them (None: the quantity), each looked up once."""

    def __init__(self, usages: Usages) -> None:
        super().__init__()
        self._usages = usages

    def __missing__(self, prop: str | None) -> Sequence[object]:
        self[prop] = found = self._usages.amounts(prop)
        return found


def _by_source(usages: Usages, first: int = 0) -> dict[str, Sequence[int]]:
    """The places of the events from ``first`` on, by who sent them."""
    sources = usages.sources
    if sources.count(sources[0]) == len(sources):
        return {sources[0]: range(first, len(sources))}
    found: dict[str, list[int]] = {}
    for place in range(first, len(sources)):
        found.setdefault(sources[place], []).append(place)
    return dict(found)


def _remember(usages: Usages, hour: Hour) -> set[int]:
    """Take note of the ids of these events; the places of those counted before, or that stand here a second time."""
    copies: set[int] = set()
    for source, places in _by_source(usages).items():
        ids = usages.ids if len(places) == len(usages) else [usages.ids[place] for place in places]
        of_source = hour.of(source)
        if of_source.add(ids):
            continue
        fresh: dict[str, None] = {}
        for place, event_id in zip(places, ids, strict=True):
            if event_id in of_source.known or event_id in fresh:
                copies.add(place)
            else:
                fresh[event_id] = None
        of_source.add(list(fresh))
    return copies


def _forget(usages: Usages, first: int, copies: set[int], hour: Hour) -> None:
    """Forget those that were noted from place ``first`` on."""
    for source, places in _by_source(usages, first).items():
        hour.of(source).take_back(sum(place not in copies for place in places))
