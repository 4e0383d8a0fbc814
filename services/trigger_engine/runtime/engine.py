"""The process: which partitions it was given, and a task for each of them."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog

from services.kit.clock import Clock
from services.kit.tasks import cancel
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import Assignment, Membership
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.task import PartitionTask

log = structlog.get_logger()

STOP_S: Final = 8.0
"""For all tasks together to finish their transactions; then they are cut off, and the next owner's fence tidies up."""


HUNG_S: Final = 60.0
"""A loop that has not come round for so long hangs: the slowest thing that it waits for is given up far earlier."""

TELL_EVERY_S: Final = 5.0
"""Between two times that lag tools are told how far each partition is."""

FENCED_SESSIONS: Final = 1.5
"""More than one: by then a sleeper has been told that its partitions are another's."""


class Terms(NamedTuple):
    """What an engine is set to: slices kept as objects, of all partitions together, and seconds of a group's session.

    After a session the group gives the partitions of who is not heard of to another.
    """

    hot_slices: int
    session_s: float


class Engine:
    """Keeps one task for each partition given.

    A rebalance needs no care beyond that: a task goes on until it is told that its partition is another's, or until the
    other's fence shuts it out, whichever comes first. So nothing waits inside a rebalance, and a partition that comes
    back finds its memory warm.
    """

    def __init__(
        self,
        membership: Membership,
        make_task: Callable[[int, Memory | None], PartitionTask],
        sets: Sets,
        clock: Clock,
        metrics: EngineMetrics,
        terms: Terms,
    ) -> None:
        self.given: tuple[int, ...] | None = None
        self._generation = 0
        self._membership = membership
        self._make_task = make_task
        self._sets = sets
        self._clock = clock
        self._metrics = metrics
        self._hot_slices = terms.hot_slices
        self._fenced_wait_s = FENCED_SESSIONS * terms.session_s
        self._tasks: dict[int, PartitionTask] = {}
        self._running: dict[int, asyncio.Task[None]] = {}
        self._begun_in: dict[int, int] = {}
        self._ended_at: dict[int, float] = {}
        self._turned_at = clock.monotonic()

    @property
    def ready(self) -> str | None:
        """None when every partition given is being worked on and the set is known; else what is missing."""
        if self.given is None:
            return "not in the group yet"
        if self._sets.current is None:
            return "no set is published"
        waiting = [p for p in self.given if p not in self._tasks or not self._tasks[p].caught_up]
        return f"partitions catching up: {waiting}" if waiting else None

    @property
    def alive(self) -> str | None:
        """None while every loop comes round; else which one hangs. The health of a broker is no part of it."""
        now = self._clock.monotonic()
        if now - self._turned_at > HUNG_S:
            return f"the group was not polled for {now - self._turned_at:.0f} s"
        hung = [
            partition
            for partition, task in self._tasks.items()
            if task.caught_up and not self._running[partition].done() and now - task.turned_at > HUNG_S
        ]
        return f"partitions hang: {hung}" if hung else None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set. Raises what ended a task for good."""
        following = asyncio.create_task(self._sets.run())
        told_at = self._clock.monotonic()
        try:
            await self._membership.start()
            while not stop.is_set():
                given = await self._membership.poll()
                self._turned_at = self._clock.monotonic()
                self._raise_faults(following)  # before a task that failed could be begun anew
                if given is not None:
                    self._follow(given)
                self._observe()
                if self._clock.monotonic() - told_at >= TELL_EVERY_S:
                    told_at = self._clock.monotonic()
                    await self._membership.tell(self._reached())
        finally:
            await self._stop_all()
            await cancel(following)
            await self._membership.tell(self._reached())
            await self._membership.stop()

    def _follow(self, given: Assignment) -> None:
        if given.generation != self._generation:
            log.info("partitions", given=list(given.partitions), generation=given.generation)
            self._metrics.rebalances.inc()
        self.given, self._generation = given.partitions, given.generation
        for partition in set(self._tasks) - set(given.partitions):
            self._leave(partition)
        for partition in given.partitions:
            running = self._running.get(partition)
            if running is None or (running.done() and self._may_begin_anew(partition)):
                self._begin(partition)

    def _leave(self, partition: int) -> None:
        """Of a partition that is another's only bytes are kept, and those for as long as they are of use."""
        task = self._tasks[partition]
        task.stop()
        if not self._running[partition].done():
            return
        if task.memory.is_warm(self._clock.monotonic()):
            task.memory.cool()
            return
        del self._tasks[partition], self._running[partition], self._begun_in[partition]
        self._ended_at.pop(partition, None)

    def _may_begin_anew(self, partition: int) -> bool:
        """Whether a task that ended by itself, as fenced, should take its partition back.

        Not at once: if we slept past our session, the one who fenced us is the owner, and we are about to be told so.
        """
        since = self._ended_at.setdefault(partition, self._clock.monotonic())
        return self._begun_in[partition] != self._generation or self._clock.monotonic() - since > self._fenced_wait_s

    def _begin(self, partition: int) -> None:
        before = self._tasks.get(partition)
        self._ended_at.pop(partition, None)
        self._begun_in[partition] = self._generation
        task = self._tasks[partition] = self._make_task(partition, before.memory if before is not None else None)
        self._running[partition] = asyncio.create_task(task.run(), name=f"partition-{partition}")

    def _raise_faults(self, following: "asyncio.Task[None]") -> None:
        for running in (*self._running.values(), following):
            if running.done() and not running.cancelled() and (error := running.exception()) is not None:
                raise error

    def _observe(self) -> None:
        working = [self._tasks[partition] for partition, running in self._running.items() if not running.done()]
        for task in working:  # memory is the process's, however many partitions it has
            task.memory.slices.most_hot = self._hot_slices // len(working)
            # those that end do not count: a floor that was raised for a moment's sake stays raised
            task.memory.seen.shared_by = max(1, len(self.given or ()))
        self._metrics.partitions.set(len(working))
        self._metrics.behind.set(sum(not task.caught_up for task in working))
        self._metrics.slices.set(sum(len(task.memory.slices) for task in working))
        self._metrics.seen.set(sum(len(task.memory.seen) for task in working))

    def _reached(self) -> dict[int, int]:
        """The next offset of usage of each partition, as committed with its state."""
        known = {partition: task.memory.position for partition, task in self._tasks.items()}
        return {partition: position.usage for partition, position in known.items() if position is not None}

    async def _stop_all(self) -> None:
        for task in self._tasks.values():
            task.stop()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running.values(), timeout=STOP_S)
        for running in late:
            running.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
