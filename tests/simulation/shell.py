"""The engine's shell on the simulated broker. A seeded bug is a variant of this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas import topics
from services.trigger_engine.adapters.simulated.logs import SimulatedLogs
from services.trigger_engine.adapters.simulated.membership import SimulatedMembership
from services.trigger_engine.adapters.simulated.transactions import SimulatedTransactions
from services.trigger_engine.runtime.task import PartitionTask
from tests.simulation.workload import PREFIX

if TYPE_CHECKING:
    from types import TracebackType

    from services.kit.kafka.reader import Bounds, Log
    from services.trigger_engine.ports import LogFactory, Logs, Membership, Transactions
    from services.trigger_engine.runtime.intake import Rules, Told
    from services.trigger_engine.runtime.memory import Memory
    from services.trigger_engine.runtime.sets import Sets
    from tests.simulation.process import Process
    from tests.simulation.world import World


class Shell:
    """How the parts of one engine are made. ``world`` is the one it lives in."""

    def __init__(self, world: World) -> None:
        self.world = world

    def transactions(self, process: Process, partition: int) -> Transactions:
        world = self.world
        return SimulatedTransactions(
            world.network, world.broker, process.name, f"{PREFIX}-engine-{partition}", partition
        )

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
        return PartitionTask(rules, transactions, logs, sets, told, memory)


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

    async def __aenter__(self) -> Logs:
        if self.purpose.startswith("restore"):
            self._world.restore_began(self.purpose)
        return await super().__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self.purpose.startswith("restore"):
            self._world.restore_ended(self.purpose)
        await super().__aexit__(kind, error, trace)

    async def bounds(self, log: Log) -> Bounds:
        found = await super().bounds(log)
        if log.topic == topics.ENGINE_STATE.under(PREFIX) and found.committed != found.written:
            self._world.reached["a transaction was open at restore"] += 1
        return found
