"""What the process deals out to its partitions."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from typing_extensions import override

from benchmarks import inside
from services.kit.clock import SystemClock
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import Assignment, Logs, Membership
from services.trigger_engine.runtime.engine import Engine, Terms
from services.trigger_engine.runtime.sets import Sets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from services.trigger_engine.runtime.memory import Memory
    from services.trigger_engine.runtime.task import PartitionTask


class Dealt(Membership):
    """Is given one assignment after the other, and notes after each how many share the ids of partition 0."""

    def __init__(self, *given: tuple[int, ...]) -> None:
        self.tasks: dict[int, PartitionTask] = {}
        self.noted: list[int] = []
        self.stop_engine = asyncio.Event()
        self._left = [Assignment(partitions, generation) for generation, partitions in enumerate(given, 1)]

    @override
    async def start(self) -> None:
        return

    @override
    async def poll(self) -> Assignment | None:
        await asyncio.sleep(0)
        if self.tasks:
            self.noted.append(self.tasks[0].memory.seen.shared_by)
        if len(self._left) == 1:
            self.stop_engine.set()
        return self._left.pop(0)

    @override
    async def tell(self, positions: Mapping[int, int]) -> None:
        return

    @override
    async def stop(self) -> None:
        return


async def test_ids_are_shared_by_the_partitions_that_the_process_has_now() -> None:
    @asynccontextmanager
    async def logs(purpose: str) -> AsyncIterator[Logs]:
        del purpose
        yield inside.Waiting(0, inside.Usage())

    metrics = EngineMetrics(CollectorRegistry())
    dealt = Dealt((0, 1, 2), (0,), (0, 1), (0, 1))

    def task(partition: int, memory: Memory | None) -> PartitionTask:
        del memory
        made = dealt.tasks[partition] = inside.task_of(partition, inside.Usage(), metrics)
        return made

    await Engine(dealt, task, Sets(logs, "inside", metrics), SystemClock(), metrics, Terms(100, 10.0)).run(
        dealt.stop_engine
    )
    assert dealt.noted == [3, 1, 2]
