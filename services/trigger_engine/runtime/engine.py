"""The process: which partitions it was given, and a task for each of them."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import Membership
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.task import PartitionTask

log = structlog.get_logger()

STOP_S: Final = 8.0
"""For all tasks together to finish their transactions; then they are cut off, and the next owner's fence tidies up."""


class Engine:
    """Keeps one task for each partition given.

    A rebalance needs no care beyond that: a task goes on until it is told that its partition is another's, or until the
    other's fence shuts it out, whichever comes first. So nothing waits inside a rebalance, and a partition that comes
    back finds its state warm.
    """

    def __init__(
        self, membership: Membership, make_task: Callable[[int], PartitionTask], sets: Sets, metrics: EngineMetrics
    ) -> None:
        self.given: tuple[int, ...] | None = None
        self._membership = membership
        self._make_task = make_task
        self._sets = sets
        self._metrics = metrics
        self._tasks: dict[int, PartitionTask] = {}
        self._running: dict[int, asyncio.Task[None]] = {}

    @property
    def ready(self) -> str | None:
        """None when every partition given is being worked on and the set is known; else what is missing."""
        if self.given is None:
            return "not in the group yet"
        if self._sets.current is None:
            return "no set is published"
        waiting = [p for p in self.given if p not in self._tasks or not self._tasks[p].caught_up]
        return f"partitions catching up: {waiting}" if waiting else None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set. Raises what ended a task for good."""
        following = asyncio.create_task(self._sets.run())
        try:
            await self._membership.start()
            while not stop.is_set():
                given = await self._membership.poll()
                self._raise_faults(following)  # before a task that failed could be begun anew
                if given is not None:
                    self._follow(given)
                self._observe()
        finally:
            await self._stop_all()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await self._membership.stop()

    def _follow(self, given: tuple[int, ...]) -> None:
        if given != self.given:
            log.info("partitions", given=list(given))
        self.given = given
        for partition in set(self._tasks) - set(given):
            self._tasks[partition].stop()
        for partition in given:
            running = self._running.get(partition)
            if running is None or running.done():
                self._start(partition)

    def _start(self, partition: int) -> None:
        # a task that ended as fenced is begun anew only while the group says that the partition is ours
        task = self._tasks[partition] = self._make_task(partition)
        self._running[partition] = asyncio.create_task(task.run(), name=f"partition-{partition}")

    def _raise_faults(self, following: "asyncio.Task[None]") -> None:
        for running in (*self._running.values(), following):
            if running.done() and not running.cancelled() and (error := running.exception()) is not None:
                raise error
        for partition in [p for p, running in self._running.items() if running.done() and p not in (self.given or ())]:
            del self._running[partition]
            del self._tasks[partition]

    def _observe(self) -> None:
        memories = [task.memory for task in self._tasks.values() if task.memory is not None]
        self._metrics.partitions.set(len(self._tasks))
        self._metrics.slices.set(sum(len(memory.slices) for memory in memories))
        self._metrics.seen.set(sum(len(memory.seen) for memory in memories))

    async def _stop_all(self) -> None:
        for task in self._tasks.values():
            task.stop()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running.values(), timeout=STOP_S)
        for running in late:
            running.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
