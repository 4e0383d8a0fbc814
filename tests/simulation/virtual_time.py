"""An event loop in which time passes only when nobody has anything left to do, and a seed says who goes first."""

from __future__ import annotations

import asyncio
import heapq
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from typing_extensions import override

if TYPE_CHECKING:
    from collections import deque
    from random import Random

MAX_STEPS: Final = 2_000_000
"""Rounds of the loop; a seed takes some thousands, so more are an endless loop in which no time passes."""


class Frozen:
    """What can be stopped at any await and maybe go on later, as a process by SIGSTOP, SIGCONT and SIGKILL."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.running = True
        self._loop = loop
        self._parked: list[asyncio.Handle] = []

    def freeze(self) -> None:
        """From here on nothing of it runs; time and the world go on."""
        self.running = False

    def thaw(self) -> None:
        """It goes on where it stood."""
        self.running = True
        self._loop.take_back(self._parked)
        self._parked = []

    def park(self, handle: asyncio.Handle) -> None:
        """Keep for later what was about to run."""
        self._parked.append(handle)


OWNER: Final[ContextVar[Frozen | None]] = ContextVar("owner", default=None)
"""To whom a callback belongs: tasks pass it on to whatever they start."""


class Stuck(AssertionError):
    """Nothing is left to do, or there is no end to it."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready in an order drawn from ``rng``, then moves the clock to the next timer. Touches no socket."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _stopping: bool

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng
        self._now = 0.0
        self._steps = 0
        self.set_exception_handler(lambda _loop, _context: None)  # a killed process leaves tasks behind

    @override
    def time(self) -> float:
        return self._now

    def take_back(self, handles: list[asyncio.Handle]) -> None:
        self._ready.extend(handles)

    def _run_once(self) -> None:
        self._collect()
        batch = [handle for handle in self._ready if not handle._cancelled]
        self._ready.clear()
        if len(batch) > 1:
            self._rng.shuffle(batch)
        for handle in batch:
            owner = handle._context.get(OWNER)  # type: ignore[attr-defined]  # a slot of the handle
            if owner is not None and not owner.running:
                owner.park(handle)
            elif not handle._cancelled:
                handle._run()

    def _collect(self) -> None:
        """Move due timers to those that are ready; when nothing is ready, time passes."""
        self._steps += 1
        timers = self._scheduled
        while timers and timers[0]._cancelled:
            _forget(heapq.heappop(timers))
        if not self._ready and not self._stopping:
            if not timers or self._steps > MAX_STEPS:
                raise Stuck(f"after {self._steps} rounds at {self._now:.3f} s")
            self._now = max(self._now, timers[0].when())
        while timers and timers[0].when() <= self._now:
            handle = heapq.heappop(timers)
            _forget(handle)
            self._ready.append(handle)


def _forget(handle: asyncio.TimerHandle) -> None:
    handle._scheduled = False  # type: ignore[attr-defined]  # the base class keeps count by it
