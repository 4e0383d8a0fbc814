"""The quick way: usage that moves meters and means nothing else is counted together.

Most usage is so. Whatever is not (unreadable, late, new, near a step, of an account that is not at work) is left for
the long way, `Intake.usage`, which alone says what becomes of it. What is counted here leaves everything as the long
way would have, to the byte; the simulation holds the two against each other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Usages
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.runtime.crowds import Crowd
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.moving import Straight
from services.trigger_engine.runtime.noting import Noted
from services.trigger_engine.runtime.seen import FAR_FUTURE_US, HOUR_US, Hour

LEAST_RUN: Final = 8
MOST_RUN: Final = 4_096
"""Events in a run: fewer while runs end early, since what was noted of the others is forgotten again."""

CROWDED: Final = 3
"""Events on a lane, on the average, from which on it is quicker to move lanes than to move a meter for each event."""

LOOK_EVERY: Final = 64
"""Runs after which it is found out anew how many lanes there are."""


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
        self._length = MOST_RUN
        self._lanes = 0
        self._runs = 0
        self._slices = memory.slices
        self._seen = memory.seen
        self._progress = memory.progress
        self._lateness_us = lateness_us

    def begin(self, core: Core, usages: Usages, first: int) -> "Run | None":
        """Usage from place ``first`` on that may be counted; None when that has to go the long way by itself."""
        has_lane = self._slices.drawn(core, usages.accounts[first], usages.types[first]) is not None
        # while accounts are new, nothing can be counted: it is not worth asking more
        window = self._window(usages.times[first]) if has_lane else None
        if window is None:
            return None
        some = usages.part(first, first + self._length)
        noted = Noted(some.part(0, window.holds(some.times)), window.hour)
        if self._runs % LOOK_EVERY == 0:
            self._lanes = len(set(zip(noted.usages.accounts, noted.usages.types, strict=True)))
        self._runs += 1
        if not self.is_crowded(len(noted.usages)):
            return Run(self, noted, Straight(noted, core, self._slices))
        crowd = Crowd(noted, core, self._slices)
        self._lanes = crowd.lanes
        return Run(self, noted, crowd)

    def is_crowded(self, events: int) -> bool:
        """Whether so many events are likely to be of few lanes."""
        return events >= CROWDED * self._lanes

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
        return None if hour.sealed else Window(hour, since, until)

    def tell(self, usages: Usages, first: int, stop: int, copies: set[int]) -> None:
        """Those from ``first`` up to, and without, ``stop`` were counted, but for copies: so far is stream time."""
        times: Sequence[datetime] = usages.times if stop - first == len(usages) else usages.times[first:stop]
        if copies:
            times = [at for place, at in enumerate(times, first) if place not in copies]
            self.duplicates += stop - first - len(times)
        if not times:
            return
        self.counted += len(times)
        progress = self._progress
        progress.stream_time = max(progress.stream_time, to_us(max(times)))
        progress.floor = max(progress.floor, progress.stream_time - self._lateness_us)

    def is_quiet_until(self, newest: int) -> bool:
        """Whether no timer is due by then; the long way may have set one."""
        return self._slices.none_due_before() > newest

    def ended(self, *, early: bool, at: int) -> None:
        """A run has ended, after so many events."""
        self._length = max(LEAST_RUN, (self._length + at) // 2) if early else min(MOST_RUN, self._length * 2)


class Run:
    """Usage of one window that is counted, but for events here and there that have to go the long way.

    Call `on` for the next of those; when it has gone that way, call `back`; and so on, until one of them says that the
    run is over. ``place``: how many events are behind.
    """

    def __init__(self, counting: Counting, noted: Noted, moving: Straight | Crowd) -> None:
        self.place = 0
        self._counting = counting
        self._noted = noted
        self._moving = moving
        self._newest = to_us(noted.newest)

    def on(self) -> int | None:
        """Count up to the next event that has to go the long way: its place; None when there is none left."""
        usages, first = self._noted.usages, self.place
        stop = self._moving.on()
        self.place = len(usages) if stop is None else stop
        self._counting.tell(usages, first, self.place, self._noted.copies)
        if stop is None:
            self._counting.ended(early=False, at=self.place)
        else:
            self._noted.take_out(stop)
        return stop

    def back(self) -> bool:
        """An event has gone the long way; whether those after it may still be counted without a second look."""
        stop, self.place = self.place, self.place + 1
        if not self._noted.put_back(stop) or not self._counting.is_quiet_until(self._newest):
            self._moving.end(stop + 1)
            self._noted.forget(stop + 1)
            self._counting.ended(early=True, at=stop)
            return False
        self._moving.back(stop)
        return True
