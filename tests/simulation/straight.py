"""A straight run: the same inputs, the journaled times, one memory that is never thrown away, and no Kafka at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from schemas import topics
from services.kit.kafka.reader import Log, Record
from services.trigger_engine.metrics import Stream
from services.trigger_engine.runtime.intake import Intake
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.position import POSITION_KEY, Position, encode
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from tests.simulation.plan import Plan
from tests.simulation.process import MAX_INVALID_RUN, WIRE, metrics
from tests.simulation.workload import PREFIX, US_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.journal import JournalEntry, Segment
    from services.trigger_engine.domain.core import Core
    from services.trigger_engine.ports import LogFactory, Logs, Outgoing


MANY: Final = 1_000_000
"""More than there are, of whatever it is."""


@dataclass
class ToldTime:
    """The clock of a straight run says what the journal says."""

    now: int = 0

    def now_us(self) -> int:
        return self.now

    def monotonic(self) -> float:
        return self.now / US_PER_S


def no_logs(purpose: str) -> Logs:
    """A straight run reads nothing by itself."""
    raise NotImplementedError(purpose)


def cores(records: Sequence[Record], plan: Plan) -> dict[int, Core]:
    """The core of each version that was accepted."""
    factory: LogFactory = no_logs  # type: ignore[assignment]  # never called
    sets, found = Sets(factory, PREFIX, metrics(), in_backfill=plan.by_log), {}
    for record in records:
        before = sets.current
        sets._consider(record)
        if sets.current is not None and sets.current is not before:
            found[record.offset] = sets.current
    return found


@dataclass
class StraightRun:
    """One partition. `transaction` gives all records that a transaction must have written."""

    plan: Plan
    partition: int
    usage: dict[int, Record]
    responses: dict[int, Record]
    set_aside: dict[tuple[str, int], int]
    """Inputs of which the broker did not take what came of them, and how many bytes of each were kept."""

    clock: ToldTime = field(default_factory=ToldTime)

    def __post_init__(self) -> None:
        self.outbox = Outbox(PREFIX)
        self.after = 0
        plan = self.plan
        rules = Rules(
            prefix=PREFIX,
            partition=self.partition,
            partitions=plan.partitions,
            lateness_us=plan.lateness_s * US_PER_S,
            by_log=plan.by_log,
            max_invalid_run=MAX_INVALID_RUN,
            commit_every_ms=plan.commit_ms,
            max_seen=plan.max_seen,
        )
        self.memory = Memory(PREFIX, self.partition, plan.max_seen)
        self.intake = Intake(rules, self.memory, self.outbox, Told(self.clock, WIRE, metrics()))

    def transaction(self, entry: JournalEntry, core: Core, position: Position) -> list[Outgoing]:
        """Take the entry's segments. ``position`` is what the engine wrote; its offsets are believed, nothing else."""
        if entry.now is not None:  # the wall's word in a backfill, which bounds how far ahead an event may be
            self.clock.now = entry.now
        for segment in entry.segments:
            self._segment(segment, core)
        outbox, memory = self.outbox, self.memory
        written = memory.slices.changes()
        outbox.slices(written)
        for key, value in memory.seen.added():
            outbox.record(topics.ENGINE_SEEN, key, value)
        progress, floor = memory.progress, memory.progress.floor
        progress.floor = self._floor(position.floor)
        reached = Position(
            transaction=entry.transaction,
            usage=position.usage,
            responses=position.responses,
            stream_time=progress.stream_time,
            floor=progress.floor,
            now=progress.now,
            version=entry.version,
            swept=position.swept,
            partitions=self.plan.partitions,
        )
        outbox.record(topics.ENGINE_STATE, POSITION_KEY, encode(reached))
        lateness_us, by_log = self.plan.lateness_s * US_PER_S, self.plan.by_log
        outbox.journal(reached, self.partition, lateness_us, floor, by_log=by_log)
        records = [row for topic, batch in outbox.batches.items() for row in batch.rows(topic)]
        memory.adopt(reached, written, {})
        outbox.clear()
        return records

    def _floor(self, told: int) -> int:
        """What was told, if it is right for some number of partitions that its process can have had."""
        seen, progress, floors = self.memory.seen, self.memory.progress, []
        for seen.shared_by in range(1, self.plan.partitions + 1):
            floors.append(seen.floor_for(progress.floor, progress.stream_time))
        return told if told in floors else floors[0]

    def _segment(self, segment: Segment, core: Core) -> None:
        assert (segment.now == "log") is self.plan.by_log
        if isinstance(segment.now, int):
            self.clock.now = segment.now
        self.intake.timing.pace.size = MANY if segment.timers is None else segment.timers
        if segment.stream == "tick" and segment.first is not None:
            self._time_before(segment, core)
        elif segment.stream == "tick":
            self.intake.timing.tick(core)
        elif segment.stream == "sweep":
            self.intake.timing.sweep(core, list(segment.accounts or ()))
        else:
            self._take(segment, core)

    def _take(self, segment: Segment, core: Core) -> None:
        stream = Stream(segment.stream)
        first, last = segment.first, segment.last
        assert first is not None
        assert last is not None
        self.intake.begin(stream, first, last)
        records = self._records(stream)
        handle = self.intake.usage if stream is Stream.USAGE else self.intake.response
        for offset in range(first, last + 1):
            if offset in records and (stream.value, offset) in self.set_aside:
                self.intake.set_aside(stream, records[offset], self.set_aside[stream.value, offset])
            elif offset in records:
                handle(core, records[offset], 0)
        self.intake.end()
        if stream is Stream.USAGE:
            self.after = last + 1

    def _time_before(self, segment: Segment, core: Core) -> None:
        """Let time pass before the next record, which is handled later."""
        record = self.usage[min(offset for offset in self.usage if offset >= self.after)]
        assert segment.first == segment.last == record.offset, "time passed before another record than the next"
        self.intake.timing.apart = True
        self.intake.begin(Stream.USAGE, record.offset, record.offset)
        handled = self.intake.usages(core, Log(record.topic, record.partition), [record], 0)
        self.intake.timing.apart = False
        assert handled == 0, "a tick before a record is told, and none was cut there"

    def _records(self, stream: Stream) -> dict[int, Record]:
        return self.usage if stream is Stream.USAGE else self.responses
