"""What an engine keeps of partitions that go to others and come back, in virtual time on a simulated broker."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from random import Random
from typing import TYPE_CHECKING, Final

import pytest
from prometheus_client import CollectorRegistry

from schemas import topics
from services.kit.clock import US_PER_S, to_datetime
from services.kit.kafka.partitioning import partition_of
from services.trigger_engine.adapters.simulated.broker import Broker
from services.trigger_engine.adapters.simulated.group import Group
from services.trigger_engine.adapters.simulated.logs import SimulatedLogFactory
from services.trigger_engine.adapters.simulated.membership import SimulatedMembership
from services.trigger_engine.adapters.simulated.network import PerfectNetwork
from services.trigger_engine.adapters.simulated.transactions import SimulatedTransactions
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.domain.account import UserSlice
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.runtime.engine import Engine, Terms
from services.trigger_engine.runtime.memory import WARM_S
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.task import PartitionTask
from tests.simulation import documents
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.workload import PREFIX, log_of
from tests.simulation.world import NOON

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from services.trigger_engine.runtime.memory import Memory

PARTITIONS: Final = 2
STAYS, GOES = range(PARTITIONS)
"""Which partition the engine keeps when another comes, and which it gives up."""

SESSION_S: Final = 10.0
A_WHILE_S: Final = 2.0
"""Enough for a rebalance, a restore and a commit."""

ACCOUNTS: Final = [next(name for name in "abcdefgh" if partition_of(name, PARTITIONS) == p) for p in range(PARTITIONS)]
"""One of each partition."""


class Place:
    """An engine that works, and what may happen around it. Its clock can be ``ahead_s``, as if time had passed."""

    def __init__(self, session_s: float = SESSION_S) -> None:
        self.loop = VirtualLoop(Random(1))  # noqa: S311  - the same each time
        self.ahead_s = 0.0
        self.begun = [0] * PARTITIONS
        self.broker = Broker(lambda: self.now_us() // 1_000)
        self.group = Group(PARTITIONS, 1e9, self.loop.time)  # others need not say that they live
        self._network = PerfectNetwork()
        self._metrics = EngineMetrics(CollectorRegistry())
        self._logs = SimulatedLogFactory(self._network, self.broker, "ours")
        self._sets = Sets(self._logs, PREFIX, self._metrics)
        member = SimulatedMembership(self._network, self.group, "a")
        self.engine = Engine(member, self._task, self._sets, self, self._metrics, Terms(1_000, session_s))
        self._sent = 0

    def now_us(self) -> int:
        return NOON + int(self.loop.time() * US_PER_S)

    def monotonic(self) -> float:
        return self.loop.time() + self.ahead_s

    def _task(self, partition: int, memory: Memory | None) -> PartitionTask:
        self.begun[partition] += 1
        rules = Rules(PREFIX, partition, PARTITIONS, 3_600 * US_PER_S, False, 10, 50, 1_000)  # noqa: FBT003 - as they are declared
        transactions = SimulatedTransactions(self._network, self.broker, "ours", f"engine-{partition}", partition)
        told = Told(self, EventWire(), self._metrics)
        return PartitionTask(rules, transactions, self._logs, self._sets, told, memory)

    def memory(self, partition: int) -> Memory:
        return self.engine._tasks[partition].memory

    def exports_of(self, partition: int) -> UserSlice:
        """What is kept of the user who exports."""
        return self.memory(partition).slices.peek_part(ACCOUNTS[partition], Part("u"))

    def use(self, partition: int) -> None:
        self._sent += 1
        event = {
            "specversion": "1.0", "id": f"e{self._sent}", "source": "app", "type": "report.exported",
            "subject": ACCOUNTS[partition], "time": to_datetime(self.now_us()).isoformat().replace("+00:00", "Z"),
            "data": {"user": "u"},
        }  # fmt: skip
        key, value = ACCOUNTS[partition].encode(), json.dumps(event).encode()
        self.broker.append(log_of(topics.USAGE, partition), key, value, [])

    def shut_out(self, partition: int) -> None:
        """Another takes the partition, of which the group has told nothing; we learn of it by our next commit."""
        self.broker.initialise(f"engine-{partition}", 60.0)
        self.use(partition)

    def run(self, course: Coroutine[None, None, None]) -> None:
        try:
            self.loop.run_until_complete(self._around(course))
        finally:
            self.loop.close()

    async def _around(self, course: Coroutine[None, None, None]) -> None:
        value, headers = documents.published(1, NOON, documents.FIRST, None)
        self.broker.append(log_of(topics.PLAYBOOKS, 0), b"files", value, headers)
        stop = asyncio.Event()
        running = asyncio.create_task(self.engine.run(stop))
        await asyncio.sleep(A_WHILE_S)
        for partition in range(PARTITIONS):
            self.use(partition)
        await asyncio.sleep(A_WHILE_S)
        try:
            await course
        finally:
            stop.set()
            await running


def test_of_a_partition_that_went_to_another_only_bytes_are_kept() -> None:
    place = Place()

    async def course() -> None:
        memory, before = place.memory(GOES), len(place.memory(GOES).slices)
        assert memory.slices.opened
        place.group.join("b")
        await asyncio.sleep(A_WHILE_S)
        assert place.engine.given == (STAYS,)
        assert (memory.slices.opened, len(memory.slices)) == ({}, before)
        assert place.memory(STAYS).slices.opened

    place.run(course())


def test_what_was_not_committed_when_the_partition_went_is_let_go_too() -> None:
    place = Place()

    async def course() -> None:
        memory, exports = place.memory(GOES), place.exports_of(GOES)
        place.shut_out(GOES)
        place.group.join("b")
        await asyncio.sleep(A_WHILE_S)
        assert place.engine.given == (STAYS,)
        assert (memory.slices.opened, memory.slices.changed) == ({}, {})
        assert place.exports_of(GOES) == exports

    place.run(course())


def test_a_partition_that_comes_back_in_time_finds_its_memory_and_goes_on() -> None:
    place = Place()

    async def course() -> None:
        memory, exports = place.memory(GOES), place.exports_of(GOES)
        place.group.join("b")
        await asyncio.sleep(A_WHILE_S)
        place.ahead_s = WARM_S - 60
        place.use(GOES)
        await asyncio.sleep(A_WHILE_S)
        assert place.exports_of(GOES) == exports
        place.group.leave("b")
        await asyncio.sleep(A_WHILE_S)
        assert place.memory(GOES) is memory
        assert place.exports_of(GOES) not in (exports, UserSlice())
        assert place.engine._reached() == {STAYS: 1, GOES: 2}

    place.run(course())


def test_a_partition_that_stays_away_is_forgotten_when_its_memory_is_of_no_use_any_more() -> None:
    place = Place()

    async def course() -> None:
        memory, exports = weakref.ref(place.memory(GOES)), place.exports_of(GOES)
        place.group.join("b")
        await asyncio.sleep(A_WHILE_S)
        place.ahead_s = WARM_S
        await asyncio.sleep(A_WHILE_S)
        engine = place.engine
        for kept in (engine._tasks, engine._running, engine._begun_in, engine._reached()):
            assert set(kept) == {STAYS}
        gc.collect()
        assert memory() is None
        assert (engine.ready, engine.alive) == (None, None)
        place.group.leave("b")
        await asyncio.sleep(A_WHILE_S)
        assert engine._reached() == {STAYS: 1, GOES: 1}
        assert place.exports_of(GOES) == exports

    place.run(course())


@pytest.mark.parametrize("session_s", [SESSION_S, 60.0])
def test_who_was_shut_out_waits_longer_than_a_session_before_it_takes_the_partition_back(session_s: float) -> None:
    place = Place(session_s)

    async def course() -> None:
        place.shut_out(GOES)
        await asyncio.sleep(session_s + 1)
        assert place.begun == [1, 1]
        assert place.engine._running[GOES].done()
        await asyncio.sleep(session_s / 2)
        assert place.begun == [1, 2]
        assert place.engine.ready is None

    place.run(course())
