"""The quick way: usage that moves meters and means nothing else is counted in one flat loop.

Most usage is so. Whatever is not (unreadable, late, new, near a step, of an account that is not at work) is left for
the long way, `Intake.usage`, which alone says what becomes of it. What is counted here leaves everything as the long
way would have, to the byte; the simulation holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from services.kit.kafka.reader import Raw
from services.trigger_engine.domain.inputs import ONE, Plain
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.numbers import EXACT
from services.trigger_engine.domain.quiet import How, Lane
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.seen import HOUR_US, NOTHING, Hour

LEAST_RUN: Final = 8
MOST_RUN: Final = 512
"""Records in a run: fewer while many go the long way, since what comes after those is asked again."""

FAR_FUTURE_US: Final = 5 * 60 * 1_000_000
"""Clocks of servers differ by seconds; minutes ahead is a fault, and would make honest events late."""


class Window:
    """From when to when event times need no second look: one hour of ids, no timer, neither late nor too far ahead."""

    __slots__ = ("hour", "since", "until")

    def __init__(self, hour: Hour, since: int, until: int) -> None:
        self.hour = hour
        self.since = to_datetime(since)
        self.until = to_datetime(until)


class Counting:
    """Counts what it can. ``counted`` and ``duplicates``: how many there were since somebody set them to 0.

    Usage is looked at in runs, a question asked of all at once: asked of each by itself, it takes half as long again.
    """

    def __init__(self, memory: Memory, lateness_us: int) -> None:
        self.counted = 0
        self.duplicates = 0
        self._run = MOST_RUN
        self._slices = memory.slices
        self._seen = memory.seen
        self._progress = memory.progress
        self._lateness_us = lateness_us

    def run(self, raws: Sequence[Raw], plains: Sequence[Plain | None], times: Sequence[datetime], first: int) -> int:
        """Count from record ``first`` on; the number of the first record that has to go the long way.

        ``plains`` and ``times`` are the same records as they were read.
        """
        while first < len(plains):
            window = self._window(times[first]) if self._has_lane(raws[first], plains[first]) else None
            if window is None:
                return first
            end = _until(plains, times, range(first, min(first + self._run, len(plains))), window)
            events: list[Plain] = plains[first:end]  # type: ignore[assignment]  # `_until` has looked
            copies = _copies(events, _by_source(events), window.hour)
            keys = [raw.key for raw in raws[first:end]]
            with localcontext(EXACT):
                done = self._count(keys, events, times[first:end], copies)
            self._remember(events[:done], times[first : first + done], copies, window.hour)
            first += done
            if first < end:
                self._run = max(LEAST_RUN, self._run // 2)
                return first
            self._run = min(MOST_RUN, self._run * 2)
        return first

    def _has_lane(self, raw: Raw, plain: Plain | None) -> bool:
        """Whether it is worth asking more: while accounts are new, nothing can be counted."""
        opened = self._slices.opened.get(raw.key or b"")
        return opened is not None and plain is not None and plain.type in opened.lanes

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

    def _count(  # noqa: C901, PLR0912 - flat on purpose: a call would cost as much as what it is called for
        self, keys: Sequence[bytes | None], events: Sequence[Plain], times: Sequence[datetime], copies: set[int]
    ) -> int:
        """Move the meters of as many as mean nothing else; of an event's meters all are moved, or none."""
        opened_by, change, one, decimal = self._slices.opened, self._slices.change, ONE, Decimal
        adds, tops = How.ADDS, How.TOPS
        place = -1
        at_work = map(opened_by.get, keys)  # type: ignore[arg-type]  # None is nobody's key
        for place, (opened, event) in enumerate(zip(at_work, events)):  # noqa: B905 - as many
            if opened is None or opened.name != event.subject:
                return place
            found = opened.lanes.get(event.type)
            data, holder = event.data, None
            if type(found) is Lane:
                lane = found
            elif type(found) is dict and data.user in found:
                lane = found[data.user]
                holder = opened.users[data.user] if data.user is not None else None
            else:
                return place
            if lane.since is not None and not lane.since <= times[place] < lane.until:  # type: ignore[operator]  # both or none
                return place
            if copies and place in copies:
                continue
            for cell, prop, how in lane.steps:
                by = data.quantity if prop is None else data.properties.get(prop)
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

    def _remember(self, events: Sequence[Plain], times: Sequence[datetime], copies: set[int], hour: Hour) -> None:
        """The ids of what was counted, and how far that brings stream time."""
        if copies:
            fresh = [place for place in range(len(events)) if place not in copies]
            self.duplicates += len(events) - len(fresh)
            events, times = [events[place] for place in fresh], [times[place] for place in fresh]
        if not events:
            return
        self.counted += len(events)
        for source, ids in _by_source(events).items():
            found = hour.of(source)
            found.known.update(ids)
            found.added.extend(ids)
        progress = self._progress
        progress.stream_time = max(progress.stream_time, to_us(max(times)))
        progress.floor = max(progress.floor, progress.stream_time - self._lateness_us)


def _until(plains: Sequence[Plain | None], times: Sequence[datetime], places: range, window: Window) -> int:
    """The first record among these that is not plain, or not in the window; the end, when all are."""
    since, until, here = window.since, window.until, times[places.start : places.stop]
    if all(plains[places.start : places.stop]) and since <= min(here) and max(here) < until:
        return places.stop
    for place in places:
        if plains[place] is None or not since <= times[place] < until:
            return place
    return places.stop


def _by_source(events: Sequence[Plain]) -> dict[str, list[str]]:
    """The ids of ``events``, in their order."""
    sources = {event.source for event in events}
    if len(sources) == 1:
        return {sources.pop(): [event.id for event in events]}
    found: dict[str, list[str]] = {source: [] for source in sorted(sources)}
    for event in events:
        found[event.source].append(event.id)
    return found


def _copies(events: Sequence[Plain], ids: Mapping[str, Sequence[str]], hour: Hour) -> set[int]:
    """Which of ``events`` were counted before, or stand among themselves a second time."""
    if all(len(set(some)) == len(some) and hour.of(source).known.isdisjoint(some) for source, some in ids.items()):
        return set()
    known = {source: set(hour.of(source).known.intersection(some)) for source, some in ids.items()}
    found = set()
    for place, event in enumerate(events):
        of_source = known[event.source]
        if event.id in of_source:
            found.add(place)
        of_source.add(event.id)
    return found
