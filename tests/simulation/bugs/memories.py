"""Bugs in what a task believes after a transaction that had no effect, or that it did not make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.reading import Reading
from services.trigger_engine.runtime.seen import Seen
from services.trigger_engine.runtime.slices import SliceStore
from services.trigger_engine.runtime.task import PartitionTask
from tests.simulation.shell import Shell

if TYPE_CHECKING:
    from services.kit.kafka.reader import Bounds, Log
    from services.trigger_engine.ports import LogFactory, Logs, Transactions
    from services.trigger_engine.runtime.rules import Rules, Told
    from services.trigger_engine.runtime.sets import Sets
    from tests.simulation.process import Process


class _Variant(Shell):
    memory: type[Memory]

    @override
    def task(
        self,
        process: Process,
        rules: Rules,
        transactions: Transactions,
        logs: LogFactory,
        sets: Sets,
        told: Told,
        memory: Memory | None,
    ) -> PartitionTask:
        task = super().task(process, rules, transactions, logs, sets, told, memory)
        if memory is None:
            task.memory = self.memory(rules.prefix, rules.partition, rules.max_seen)
        return task


class _SlicesKept(Memory):
    @override
    def roll_back(self) -> None:
        slices, self.slices = self.slices, SliceStore()
        super().roll_back()
        self.slices = slices


class SlicesKept(_Variant):
    """Slices are not rolled back."""

    memory: type[Memory] = _SlicesKept


class _SeenKept(Memory):
    @override
    def roll_back(self) -> None:
        seen, self.seen = self.seen, Seen(1)
        super().roll_back()
        self.seen = seen


class SeenKept(_Variant):
    """Ids seen are not rolled back."""

    memory: type[Memory] = _SeenKept


class _TimesKept(Memory):
    @override
    def roll_back(self) -> None:
        stream_time, floor = self.progress.stream_time, self.progress.floor
        super().roll_back()
        self.progress.stream_time, self.progress.floor = stream_time, floor


class StreamTimeKept(_Variant):
    """Stream time is not rolled back."""

    memory: type[Memory] = _TimesKept


class _TimersKept(SliceStore):
    @override
    def roll_back(self) -> None:
        due, timers = dict(self._due), list(self._timers)
        super().roll_back()
        self._due, self._timers = due, timers


class _WithTimersKept(Memory):
    def __init__(self, prefix: str, partition: int, max_seen: int) -> None:
        super().__init__(prefix, partition, max_seen)
        self.slices = _TimersKept()


class TimersKept(_Variant):
    """Timers are not rolled back."""

    memory: type[Memory] = _WithTimersKept


class _AllKept(Memory):
    @override
    def roll_back(self) -> None:
        return


class NothingRolledBack(_Variant):
    """Nothing is rolled back."""

    memory: type[Memory] = _AllKept


class _Trusting(Memory):
    @override
    async def catch_up(self, logs: LogFactory) -> None:
        if self.position is None:
            await super().catch_up(logs)
        else:
            self.roll_back()


class MemoryTrusted(_Variant):
    """What was committed, or by another owner, is not looked up in the log when there is a memory."""

    memory: type[Memory] = _Trusting


class _JournalLast(Memory):
    @override
    async def _bounds(self, reader: Logs) -> dict[Log, Bounds]:
        return {log: await reader.bounds(log) for log in (*self._kept, self._journal)}


class JournalAskedLast(_Variant):
    """The journal is held against an older state: what another has committed in between is taken for lost."""

    memory: type[Memory] = _JournalLast


class _PastPutBack(Reading):
    @override
    def position(self, log: Log) -> int | None:
        return self._logs.position(log)


class _Hasty(PartitionTask):
    @override
    async def _work(self, reader: Reading) -> None:
        await super()._work(_PastPutBack(reader._logs))


class PutBackTakenForHandled(Shell):
    """The position goes past usage that was put back, since too many timers were due before it."""

    kind: type[PartitionTask] = _Hasty


BUGS: Final[dict[str, type[Shell]]] = {
    "slices-not-rolled-back": SlicesKept,
    "seen-not-rolled-back": SeenKept,
    "stream-time-not-rolled-back": StreamTimeKept,
    "timers-not-rolled-back": TimersKept,
    "nothing-rolled-back": NothingRolledBack,
    "warm-memory-trusted": MemoryTrusted,
    "journal-asked-last": JournalAskedLast,
    "put-back-taken-for-handled": PutBackTakenForHandled,
}
