"""Bugs in how a partition is taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from services.trigger_engine.adapters.simulated.broker import Credentials
from services.trigger_engine.runtime.task import PartitionTask
from tests.simulation.shell import Shell, WatchedLogFactory, WatchedLogs, WatchedTransactions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.kit.kafka.reader import Log, Record
    from services.trigger_engine.ports import Batch, LogFactory, Transactions
    from tests.simulation.process import Process


class RandomId(Shell):
    """Each producer has a transactional id of its own, so it fences nobody."""

    made = 0

    @override
    def transactional_id(self, partition: int) -> str:
        self.made += 1
        return f"{super().transactional_id(partition)}-{self.made}"


class _Unfenced(WatchedTransactions):
    @override
    async def fence(self) -> None:
        if self._broker.owner(self._id).epoch < 0:
            await super().fence()
        self.credentials = Credentials(self._id, self._broker.owner(self._id).epoch)
        self._sequences = dict(self._broker.owner(self._id).sequences)


class NoFence(Shell):
    """The new owner works under the epoch of the former one."""

    @override
    def transactions(self, process: Process, partition: int) -> Transactions:
        return _Unfenced(self.world, process, self.transactional_id(partition), partition)


class _FencedLate(WatchedTransactions):
    fenced = False

    @override
    async def fence(self) -> None:
        self.fenced = False

    @override
    async def commit(self, batches: Mapping[str, Batch]) -> Mapping[str, int]:
        if not self.fenced:
            await super().fence()
            self.fenced = True
        return await super().commit(batches)


class PositionBeforeFence(Shell):
    """State and position are read first, and the former owner is shut out with the first commit only."""

    @override
    def transactions(self, process: Process, partition: int) -> Transactions:
        return _FencedLate(self.world, process, self.transactional_id(partition), partition)


class _FromGroup(WatchedLogs):
    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        told = self._world.told
        super().assign({log: told.get(log, position) for log, position in positions.items()})

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> dict[Log, list[Record]]:
        # told with the next poll, as a client does that commits its offsets by itself
        self._world.told.update(self._positions)
        return await super().read(timeout_ms, limit)


class _FromGroupFactory(WatchedLogFactory):
    @override
    def __call__(self, purpose: str) -> WatchedLogs:
        return (_FromGroup if purpose.startswith("task") else WatchedLogs)(self._world, self._process, purpose)


class PositionFromGroup(Shell):
    """Reading begins where the group's offsets say, and they are committed on their own."""

    @override
    def logs(self, process: Process) -> LogFactory:
        return _FromGroupFactory(self.world, process)


class _Unasked(PartitionTask):
    @override
    async def _check_owned(self) -> None:
        return


class NotAskedWhoOwns(Shell):
    """An engine that was shut out, and finds input gone that the new owner is past, halts for it."""

    kind: type[PartitionTask] = _Unasked


BUGS: Final[dict[str, type[Shell]]] = {
    "random-transactional-id": RandomId,
    "no-fence": NoFence,
    "position-before-fence": PositionBeforeFence,
    "position-from-group": PositionFromGroup,
    "not-asked-who-owns": NotAskedWhoOwns,
}
