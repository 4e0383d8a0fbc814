"""Fold records of one log into its ledger; set aside what can not be read."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from schemas.codec import Headers, UnreadableEvent
from schemas.traces import kept_trace
from services.kit.errors import Fatal
from services.kit.kafka.reader import Record
from services.kit.telemetry.logs import traced
from services.metrics_sink.domain.streak import MAX_STREAK, streak_after
from services.metrics_sink.metrics import Log, SinkMetrics
from services.metrics_sink.ports import DeadLetters, Ledger

log = structlog.get_logger()

Row = TypeVar("Row")
Batch = TypeVar("Batch")
Read = list[tuple[Record, Row | UnreadableEvent]]

SLICE: Final = 50
"""Records that are read before everybody else has a turn: 1 ms, and the transaction under way takes some five turns."""


class TooManyUnreadable(Fatal):
    """So many records in a row could not be read that something must be broken.

    Attributes:
        record: The last of them.
        fault: What is wrong with it.
    """

    def __init__(self, record: Record, fault: UnreadableEvent) -> None:
        self.record = record
        self.fault = fault
        super().__init__(
            f"{MAX_STREAK} records in a row can not be read, the last is {record.topic}[{record.partition}] "
            f"at {record.offset}: {fault}; none of this batch was passed"
        )


@dataclass(frozen=True)
class Folding(Generic[Row, Batch]):
    """How one log is folded: a message to a row, rows to a batch, and what is counted once it is committed."""

    log: Log
    read: Callable[[bytes | None, Headers, int], Row]
    batch: Callable[[Iterable[Row]], Batch]
    folded: Callable[[Batch], None]


class Feed(Generic[Row, Batch]):
    """A `services.kit.kafka.projection.Store` for one log.

    Each step, and what a crash after it costs; the first may be under way while records before are at any other:

    1. read the records                crash: nothing happened
    2. set the unreadable ones aside   crash: they are set aside again, under the same id
    3. add rows, move the position     crash: all of it or nothing; the position tells which
    4. count                           crash: this process's counters are gone anyway
    """

    def __init__(
        self,
        folding: Folding[Row, Batch],
        ledger: Ledger[Batch],
        dead_letters: DeadLetters,
        metrics: SinkMetrics,
    ) -> None:
        self._folding = folding
        self._ledger = ledger
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._streak = 0
        self._set_aside_to: dict[int, int] = {}

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record."""
        return await self._ledger.positions()

    async def read(self, records: Sequence[Record]) -> Read[Row]:
        """Each record with its row, or what is wrong with it."""
        found: Read[Row] = []
        for first in range(0, len(records), SLICE):
            found += [(record, self._row(record)) for record in records[first : first + SLICE]]
            await asyncio.sleep(0)
        return found

    async def apply(self, partition: int, read: Read[Row], before: int, after: int) -> None:
        """Fold what was read and move the position, as the class says.

        Raises `TooManyUnreadable`, and what the ledger and the dead letters raise.
        """
        streak, too_many = streak_after(self._streak, (not isinstance(row, UnreadableEvent) for _, row in read))
        unreadable = [(record, row) for record, row in read if isinstance(row, UnreadableEvent)]
        if too_many:
            raise TooManyUnreadable(*unreadable[-1])
        for record, fault in unreadable:
            await self._set_aside(record, fault)
        batch = self._folding.batch([row for _, row in read if not isinstance(row, UnreadableEvent)])
        added = await self._ledger.add(batch, partition, before, after)
        self._streak = streak
        self._folding.folded(added)

    def _row(self, record: Record) -> Row | UnreadableEvent:
        try:
            return self._folding.read(record.value, record.headers, record.offset)
        except UnreadableEvent as fault:
            return fault

    async def _set_aside(self, record: Record, fault: UnreadableEvent) -> None:
        # a batch that is tried again because the database was away is set aside once
        if record.offset <= self._set_aside_to.get(record.partition, -1):
            return
        await self._dead_letters.send(record, fault.reason, fault.detail)
        self._set_aside_to[record.partition] = record.offset
        self._metrics.dead_lettered(self._folding.log, fault.reason)
        log.warning(
            "set aside",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=fault.reason.value,
            detail=fault.detail,
            **traced(kept_trace(record.headers)),
        )
