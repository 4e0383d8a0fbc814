"""The engine's shell on the simulated broker. A seeded bug is a variant of this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from schemas import topics
from services.trigger_engine.adapters.simulated.logs import SimulatedLogs
from services.trigger_engine.adapters.simulated.membership import SimulatedMembership
from services.trigger_engine.adapters.simulated.transactions import SimulatedTransactions
from services.trigger_engine.ports import Away, Doubt, TooLarge
from services.trigger_engine.runtime.task import PartitionTask
from tests.simulation.workload import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from services.kit.kafka.reader import Bounds, Log
    from services.trigger_engine.ports import Batch, LogFactory, Logs, Membership, Transactions
    from services.trigger_engine.runtime.memory import Memory
    from services.trigger_engine.runtime.rules import Rules, Told
    from services.trigger_engine.runtime.sets import Sets
    from tests.simulation.process import Process
    from tests.simulation.world import World

RESTORE: Final = "restore-"
"""What the purpose of a reader begins with that reads what the engine itself has written."""


class Shell:
    """How the parts of one engine are made. ``world`` is the one it lives in."""

    kind: type[PartitionTask] = PartitionTask

    def __init__(self, world: World) -> None:
        self.world = world

    def transactions(self, process: Process, partition: int) -> Transactions:
        return WatchedTransactions(self.world, process, self.transactional_id(partition), partition)

    def transactional_id(self, partition: int) -> str:
        return f"{PREFIX}-engine-{partition}"

    def logs(self, process: Process) -> LogFactory:
        return WatchedLogFactory(self.world, process)

    def membership(self, process: Process) -> Membership:
        return SimulatedMembership(self.world.network, self.world.group, process.name)

    def task(  # noqa: PLR0913, PLR0917 - as the task itself, and whose it is
        self,
        process: Process,
        rules: Rules,
        transactions: Transactions,
        logs: LogFactory,
        sets: Sets,
        told: Told,
        memory: Memory | None,
    ) -> PartitionTask:
        del process  # of use to variants
        if memory is not None:
            self.world.reached["a partition came back to a warm memory"] += 1
        return self.kind(rules, transactions, logs, sets, told, memory)


class WatchedTransactions(SimulatedTransactions):
    """Notes what commits meet with."""

    def __init__(self, world: World, process: Process, transactional_id: str, partition: int) -> None:
        super().__init__(world.network, world.broker, process.name, transactional_id, partition)
        self.world = world
        self.process = process
        self.partition = partition

    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        try:
            return await super().commit(batches)
        except Doubt:
            self.process.in_doubt.add(self.partition)
            raise
        except TooLarge:
            self.world.reached["a record too large"] += 1
            raise

    @override
    async def trim(self, topic: str, before: int) -> None:
        self.world.reached["ids were trimmed"] += 1
        await super().trim(topic, before)


class WatchedLogFactory:
    """Readers of one process."""

    def __init__(self, world: World, process: Process) -> None:
        self._world = world
        self._process = process

    def __call__(self, purpose: str) -> WatchedLogs:
        return WatchedLogs(self._world, self._process, purpose)


class WatchedLogs(SimulatedLogs):
    """Notes what restores meet with."""

    def __init__(self, world: World, process: Process, purpose: str, *, committed_only: bool = True) -> None:
        super().__init__(world.network, world.broker, process.name, committed_only=committed_only)
        self.purpose = purpose
        self._world = world
        self._process = process
        self._before = 0

    @override
    async def __aenter__(self) -> Logs:
        if self.purpose.startswith(RESTORE):
            self._world.restore_began(self.purpose)
            self._before = self._transaction()
        return await super().__aenter__()

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self.purpose.startswith(RESTORE):
            self._restored(int(self.purpose.removeprefix(RESTORE)))
        await super().__aexit__(kind, error, trace)

    def _restored(self, partition: int) -> None:
        self._world.restore_ended(self.purpose)
        if partition in self._process.in_doubt:
            self._process.in_doubt.discard(partition)
            how = "done" if self._transaction() != self._before else "without effect"
            self._world.reached[f"a commit that was settled as {how}"] += 1

    def _transaction(self) -> int:
        """The last transaction that the task knows of."""
        task = self._process.tasks.get(int(self.purpose.removeprefix(RESTORE)))
        position = task.memory.position if task is not None else None
        return position.transaction if position is not None else 0

    @override
    async def bounds(self, log: Log) -> Bounds:
        try:
            found = await super().bounds(log)
        except Away:
            self._world.reached["a log could not be read, and was tried again"] += 1
            raise
        if log.topic == topics.ENGINE_STATE.under(PREFIX) and found.committed != found.written:
            self._world.reached["a transaction was open at restore"] += 1
        return found
