"""Bugs in how logs are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from services.kit.kafka.reader import Bounds
from tests.simulation.shell import RESTORE, Shell, WatchedLogFactory, WatchedLogs, WatchedTransactions

if TYPE_CHECKING:
    from services.kit.kafka.reader import Log, Record
    from services.trigger_engine.ports import LogFactory, Transactions
    from tests.simulation.process import Process

FAR: Final = 2**40


class _Dirty(WatchedLogs):
    @override
    async def bounds(self, log: Log) -> Bounds:
        found = await super().bounds(log)
        return Bounds(found.first, found.written, found.written)


class _DirtyFactory(WatchedLogFactory):
    prefix = RESTORE

    @override
    def __call__(self, purpose: str) -> WatchedLogs:
        if purpose.startswith(self.prefix):
            return _Dirty(self._world, self._process, purpose, committed_only=False)
        return super().__call__(purpose)


class RestoreToHighWatermark(Shell):
    """What was aborted, or is not committed yet, is restored like the rest."""

    @override
    def logs(self, process: Process) -> LogFactory:
        return _DirtyFactory(self.world, process)


class _DirtyInputFactory(_DirtyFactory):
    prefix = "task"


class UncommittedInput(Shell):
    """Usage is taken in that its producer has not committed."""

    @override
    def logs(self, process: Process) -> LogFactory:
        return _DirtyInputFactory(self.world, process)


class _Blind(WatchedLogs):
    @override
    async def bounds(self, log: Log) -> Bounds:
        found = await super().bounds(log)
        return Bounds(found.first, found.committed, found.committed)


class _BlindFactory(WatchedLogFactory):
    @override
    def __call__(self, purpose: str) -> WatchedLogs:
        return _Blind(self._world, self._process, purpose)


class OpenTransactionIgnored(Shell):
    """A restore ends at the last stable offset, whatever lies behind it."""

    @override
    def logs(self, process: Process) -> LogFactory:
        return _BlindFactory(self.world, process)


class _Hasty(WatchedLogs):
    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> dict[Log, list[Record]]:
        found = await super().read(timeout_ms, limit)
        if not found:
            self._positions = dict.fromkeys(self._positions, FAR)
        return found


class _HastyFactory(WatchedLogFactory):
    @override
    def __call__(self, purpose: str) -> WatchedLogs:
        made = _Hasty if purpose.startswith(RESTORE) else WatchedLogs
        return made(self._world, self._process, purpose)


class SilenceTakenForTheEnd(Shell):
    """A restore ends when nothing comes for a moment."""

    @override
    def logs(self, process: Process) -> LogFactory:
        return _HastyFactory(self.world, process)


class _TrimmedTooFar(WatchedTransactions):
    @override
    async def trim(self, topic: str, before: int) -> None:
        await super().trim(topic, before + FAR)


class TrimmedTooFar(Shell):
    """All ids are deleted that are stored, those that are still needed, too."""

    @override
    def transactions(self, process: Process, partition: int) -> Transactions:
        return _TrimmedTooFar(self.world, process, self.transactional_id(partition), partition)


BUGS: Final[dict[str, type[Shell]]] = {
    "restore-to-high-watermark": RestoreToHighWatermark,
    "uncommitted-input": UncommittedInput,
    "open-transaction-ignored": OpenTransactionIgnored,
    "silence-taken-for-the-end": SilenceTakenForTheEnd,
    "trimmed-too-far": TrimmedTooFar,
}
