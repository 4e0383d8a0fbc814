"""A partition is taken over: who may, and from which set of playbooks on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry

from benchmarks import inside, job
from services.kit.clock import SystemClock
from services.kit.kafka.reader import Bounds, Log
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.runtime.position import Position
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.task import PartitionTask
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

VERSION = 7
"""Of the set that the owner before worked by."""


def task_of(kind: type[PartitionTask] = PartitionTask) -> PartitionTask:
    made = job.messages(1_000, job.Accounts(100), SystemClock().now_us())
    return inside.task_of(0, inside.waiting(made)[0], EngineMetrics(CollectorRegistry()), kind=kind)


class Unanswered:
    """A broker that does not answer who would shut out others."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.is_given_up = False

    async def fence(self) -> None:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.is_given_up = True
            raise

    async def close(self) -> None:
        return


class Asking(PartitionTask):
    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self._transactions: Any = Unanswered()
        self.broker = self._transactions


async def test_who_is_stopped_shuts_out_nobody_any_more() -> None:
    task = task_of(Asking)
    assert isinstance(task, Asking)
    running = asyncio.create_task(task.run())
    await task.broker.asked.wait()
    task.stop()
    await asyncio.wait_for(running, 10)
    assert task.broker.is_given_up


class LogOfSets:
    """Has records up to ``end``."""

    def __init__(self, end: int) -> None:
        self.end = end

    @asynccontextmanager
    async def __call__(self, purpose: str) -> AsyncIterator[LogOfSets]:
        del purpose
        yield self

    async def bounds(self, log: Log) -> Bounds:
        del log
        return Bounds(0, self.end, self.end)


@pytest.mark.parametrize(
    ("end", "known"),
    [
        pytest.param(VERSION + 1, False, id="it is there and was not read yet"),
        pytest.param(0, True, id="the log was made anew, and ends before it"),
    ],
)
async def test_a_version_is_known_once_all_is_read_that_there_is_up_to_it(end: int, known: bool) -> None:
    logs: Any = LogOfSets(end)
    assert await Sets(logs, "rung", EngineMetrics(CollectorRegistry())).knows(VERSION) is known


async def test_nothing_is_taken_by_an_older_set_than_that_of_the_owner_before() -> None:
    task = task_of()
    task.memory.position = Position(version=VERSION, partitions=job.PARTITIONS)
    sets: Any = task._sets
    sets._logs = LogOfSets(VERSION + 1)
    running = asyncio.create_task(task.run())
    await asyncio.sleep(0.6)  # it looks every quarter of a second
    assert task.memory.position.usage == 0
    sets._read_to = VERSION + 1  # as once its reader has come so far
    await until("it takes usage", lambda: task.memory.position is not None and task.memory.position.usage > 0)
    task.stop()
    await running
