"""One partition: fence, restore, then read, decide and commit until told to stop or shut out by another owner."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from schemas import topics
from schemas.journal import Segment
from services.kit.clock import US_PER_MS
from services.kit.kafka.reader import Log, Raw, Record, record_at
from services.kit.tasks import cancel
from services.trigger_engine.domain.core import Core
from services.trigger_engine.metrics import Ending, Stream
from services.trigger_engine.ports import Away, Doubt, Fenced, LogFactory, Logs, TooLarge, Transactions
from services.trigger_engine.runtime.halts import PartitionsChanged, PositionGone
from services.trigger_engine.runtime.intake import Intake
from services.trigger_engine.runtime.memory import Memory, OpenTransaction
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.pacing import Pace
from services.trigger_engine.runtime.position import POSITION_KEY, Position, encode
from services.trigger_engine.runtime.reading import Reading
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.switching import Switching

log = structlog.get_logger()

LONG_S: Final = 0.002
TURNS: Final = 8
"""Who has held the loop for so long gives it to others for so many turns: an answer of the broker takes some to reach
who waits for it, and a commit waits for several answers. With one turn, all other tasks took a go in each of them, and
a commit took twice as long."""

MAX_OUTGOING: Final = 5_000
"""Records in one transaction; beyond it commits do not wait for their time."""

IDLE_MS: Final = 250
"""Longest wait for records before looking at timers and at whether to stop."""

RETRY_S: Final = 1.0
"""Between tries to begin anew while the broker is away or a foreign transaction is open."""

TRIM_EVERY_S: Final = 60.0
"""Ids become late by the hour; in a backfill hours pass in moments, and this bounds the asking."""

OF_RECORDS: Final = (Stream.USAGE.value, Stream.RESPONSES.value)
"""Segments of what was read, and not of time that passed."""

KEPT_BYTES: Final = 64 * 1024
"""Of a record of which the broker will not take what came of it."""


class PartitionTask:
    """Works on one partition number: its usage and its responses, in one order, by one judge.

    ``memory`` may be what an earlier task of this process left: it is rolled back to its last commit, and the log tells
    what has happened since.
    """

    def __init__(
        self,
        rules: Rules,
        transactions: Transactions,
        logs: LogFactory,
        sets: Sets,
        told: Told,
        memory: Memory | None = None,
    ) -> None:
        self.caught_up = False
        self._rules = rules
        self._prefix = rules.prefix
        self._commit_every_s = rules.commit_every_ms / 1_000
        self._transactions = transactions
        self._logs = logs
        self._sets = sets
        self._told = told
        self._clock = told.clock
        self._metrics = told.metrics
        self._stop = asyncio.Event()
        self._outbox = Outbox(rules.prefix)
        self._pace = Pace()
        self._consumed_ms = 0
        self._careful_to: dict[Log, int] = {}
        self._aside: dict[tuple[Log, int], int] = {}
        """Records of which the broker will not take what comes of them, and how many bytes of each to keep."""

        self._trimmed = 0
        self._trimmed_at = self._clock.monotonic()
        self._usage = Log(topics.USAGE.under(rules.prefix), rules.partition)
        self._responses = Log(topics.RESPONSES.under(rules.prefix), rules.partition)
        self.memory = memory if memory is not None and memory.is_warm(self._clock.monotonic()) else self._new_memory()
        self.turned_at = self._clock.monotonic()
        """When the loop last came round, in seconds of the clock that never goes backwards."""

    def _new_memory(self) -> Memory:
        return Memory(self._prefix, self._rules.partition, self._rules.max_seen, self._told.files)

    def stop(self) -> None:
        """Finish the transaction at hand, and end."""
        self._stop.set()

    async def run(self) -> None:
        """Work until stopped or fenced. Raises a ``Fatal`` when this partition can not be worked on."""
        try:
            while not self._stop.is_set():
                try:
                    await self._own()
                except TooLarge:  # the producer is of no use any more, and who knows who came meanwhile
                    self._metrics.ended(Ending.TOO_LARGE)
                    log.warning("too large for the broker, beginning anew", partition=self._rules.partition)
                except (Away, Doubt, OpenTransaction) as doubt:
                    self._metrics.ended(Ending.DOUBT)
                    log.warning("in doubt, beginning anew", partition=self._rules.partition, why=repr(doubt))
                    await self._pause(RETRY_S)
        except Fenced:
            self._metrics.ended(Ending.FENCED)
            log.warning("fenced: another engine has the partition", partition=self._rules.partition)
        finally:
            self.caught_up = False
            self._give_up()
            await self._transactions.close()

    def _give_up(self) -> None:
        """What was not committed never happened; it is read again."""
        for underway in self._outbox.underway:
            underway.is_doubtful(self._clock.now_us())
        self._outbox.clear()

    async def _pause(self, seconds: float) -> None:
        self.turned_at = self._clock.monotonic()
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    # --- order on assignment --------------------------------------------------------------------

    async def _own(self) -> None:
        """Take the partition over, then work on it.

        1. fence          the former owner is shut out, and what it left open is undone
        2. catch up       to the end as of after the fence: nothing can be added behind our back
        3. position       from the state; the start of the log only for a partition never worked on
        4. read           no input before this, no output before this
        """
        self.caught_up = False
        self._give_up()
        if not await self._fence():
            return
        began = self._clock.monotonic()
        await self.memory.catch_up(self._logs)
        self.memory.known_at = self._clock.monotonic()
        self._metrics.restores.observe(self.memory.known_at - began)
        async with self._logs(f"task-{self._rules.partition}") as reader:
            reader.assign(await self._positions(reader))
            held = {"slices": len(self.memory.slices), "seen": len(self.memory.seen)}
            log.info("restored", partition=self._rules.partition, **held)
            await self._work(Reading(reader))

    async def _fence(self) -> bool:
        """Whether the partition is ours; not when we are stopped meanwhile: a late fence would shut out the next."""
        fencing, stopping = asyncio.create_task(self._transactions.fence()), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((fencing, stopping), return_when=asyncio.FIRST_COMPLETED)
            if fencing.done():
                await fencing  # raises what it met with
            return fencing.done()
        finally:
            stopping.cancel()
            await cancel(fencing)

    async def _positions(self, reader: Logs) -> dict[Log, int]:
        position = self.memory.position
        if position is not None and position.partitions != self._rules.partitions:
            raise PartitionsChanged(position.partitions, self._rules.partitions)
        found = {}
        for where, known in (
            (self._responses, position.responses if position is not None else None),
            (self._usage, position.usage if position is not None else None),
        ):
            bounds = await reader.bounds(where)
            found[where] = bounds.first if known is None else known
            if not bounds.first <= found[where] <= bounds.written:
                await self._check_owned()
                raise PositionGone(where, found[where], bounds)
        return found

    async def _check_owned(self) -> None:
        """Raises `Fenced` when another has committed since we caught up: what we stopped at may be gone by right."""
        before = self.memory.position
        await self.memory.catch_up(self._logs)
        if self.memory.position != before:
            raise Fenced

    # --- reading and deciding -------------------------------------------------------------------

    async def _work(self, reader: Reading) -> None:
        memory = self.memory
        intake = Intake(self._rules, memory, self._outbox, self._told)
        switching = Switching(self._sets, memory.slices, memory.position.swept if memory.position else -1)
        committed_at = self._clock.monotonic() - self._commit_every_s
        core, more_is_due = await self._first_core(), False
        while core is not None and not self._stop.is_set():
            self.turned_at = self._clock.monotonic()
            alone = intake.timing.apart = self._is_careful(reader)
            wait_ms = 0 if more_is_due else self._wait_ms(committed_at)
            chunks = await reader.read(wait_ms, 1 if alone else self._pace.size)
            if self._outbox.empty:
                core = switching.newest(core)  # versions change between two commits, never within one
            began = self._clock.monotonic()
            self._take(intake, core, chunks, reader)
            self.caught_up = reader.at_end(self._usage) and reader.at_end(self._responses)
            if not chunks:
                more_is_due = self.caught_up and intake.timing.tick(core)
            turns = TURNS if self._clock.monotonic() - began > LONG_S else 1
            if self._is_due(committed_at, at_once=alone):
                await self._commit_or_suspect(reader, core, switching.swept, alone=alone)
                committed_at = self._clock.monotonic()
            if self._outbox.empty:
                intake.timing.sweep(core, switching.some())
                switching.done()
            for _ in range(turns):
                await asyncio.sleep(0)
        if core is not None and not self._outbox.empty:
            await self._commit(reader, core, switching.swept)

    async def _first_core(self) -> Core | None:
        """The set in force, once it is not older than the one that the owner before worked by."""
        await self._sets.caught_up.wait()
        version = self.memory.position.version if self.memory.position is not None else -1
        while not self._stop.is_set() and (self._sets.current is None or not await self._sets.knows(version)):
            await self._pause(IDLE_MS / 1_000)
        return self._sets.current

    def _wait_ms(self, committed_at: float) -> int:
        if self._outbox.empty:
            return IDLE_MS
        due_in = self._commit_every_s - (self._clock.monotonic() - committed_at)
        return max(0, int(due_in * 1_000))

    def _is_careful(self, reader: Reading) -> bool:
        """Whether the next record is among those of which one is too large."""
        if any((reader.position(where) or 0) < end for where, end in self._careful_to.items()):
            return True
        self._careful_to = {}
        self._aside = {}
        return False

    def _is_due(self, committed_at: float, *, at_once: bool) -> bool:
        if self._outbox.empty:
            return False
        if at_once or len(self._outbox) >= MAX_OUTGOING:
            return True
        return self._clock.monotonic() - committed_at >= self._commit_every_s

    def _take(self, intake: Intake, core: Core, chunks: Mapping[Log, Sequence[Raw]], reader: Reading) -> None:
        """Responses go first: what a person said is known before the next offer is decided.

        Usage before which more timers are due than fit into one go is put back, and comes again when those have fired.
        """
        if not reader.again:  # what has waited for timers was consumed before
            self._consumed_ms = self._clock.now_us() // US_PER_MS
        consumed_ms, began = self._consumed_ms, self._clock.monotonic()
        responses = chunks.get(self._responses, [])
        if responses:
            intake.begin(Stream.RESPONSES, responses[0].offset, responses[-1].offset)
            for raw in responses:
                record = record_at(self._responses, raw)
                if not self._is_set_aside(intake, Stream.RESPONSES, record):
                    intake.response(core, record, consumed_ms)
        usage = chunks.get(self._usage, [])
        if usage:
            intake.begin(Stream.USAGE, usage[0].offset, usage[-1].offset)
            if self._aside and self._is_set_aside(intake, Stream.USAGE, record_at(self._usage, usage[0])):
                handled = 1  # there is no other: they come one by one
            else:
                handled = intake.usages(core, self._usage, usage, consumed_ms)
            if handled < len(usage):
                reader.put_back(self._usage, usage[handled:])
            else:
                self._pace.took(handled, self._clock.monotonic() - began)
        intake.end()

    def _is_set_aside(self, intake: Intake, stream: Stream, record: Record) -> bool:
        kept = self._aside.get((Log(record.topic, record.partition), record.offset))
        if kept is None:
            return False
        intake.set_aside(stream, record, kept)
        return True

    # --- order on commit ------------------------------------------------------------------------

    async def _commit_or_suspect(self, reader: Reading, core: Core, swept: int, *, alone: bool) -> None:
        """Commit; when the broker will not take what came of these records, find out of which, and begin anew.

        They are read again one a transaction. The one that is refused alone is set aside when it is read once more: its
        beginning, or, if even that is refused, without any of it (it still lies in its log).

        No record is set aside for what came of timers, which have a transaction of their own then: they are fired again
        and again, until the broker takes it.
        """
        try:
            await self._commit(reader, core, swept)
        except TooLarge:
            segments = self._outbox.segments
            if not any(one.stream in OF_RECORDS for one in segments):
                log.warning("what came of timers is too large for the broker", partition=self._rules.partition)
                await self._pause(RETRY_S)
            elif alone and len(segments) == 1:  # a sweep may stand before it, but not when it is read once more
                self._suspect(segments[0])
            for where in (self._usage, self._responses):
                self._careful_to[where] = max(reader.position(where) or 0, self._careful_to.get(where, 0))
            raise

    def _suspect(self, alone: Segment) -> None:
        """What came of the one record of this segment is too large."""
        record = (self._usage if alone.stream == Stream.USAGE.value else self._responses, alone.first or 0)
        self._aside[record] = 0 if record in self._aside else KEPT_BYTES

    async def _commit(self, reader: Reading, core: Core, swept: int) -> None:
        """Publish what was decided, all or nothing.

        1. collect        slices, ids seen, position and journal join the events      crash: nothing happened
        2. commit         one transaction, every record acknowledged before its end   crash or doubt: the next fence
                          settles it, and the restored position tells which
        3. adopt          the new state is the truth                                  crash: restored from the log
        """
        outbox, memory = self._outbox, self.memory
        written = memory.slices.changes()
        outbox.slices(written)
        for key, value in memory.seen.added():
            outbox.record(topics.ENGINE_SEEN, key, value)
        floor = memory.progress.floor  # where usage brought it: the position's may be higher
        position = self._position(reader, core, swept)
        outbox.record(topics.ENGINE_STATE, POSITION_KEY, encode(position))
        rules = self._rules
        outbox.journal(position, rules.partition, rules.lateness_us, floor, by_log=rules.by_log)
        began = self._clock.monotonic()
        last = await self._transactions.commit(outbox.batches)
        memory.known_at = self._clock.monotonic()
        self._metrics.committed(memory.known_at - began, position.stream_time, self._clock.now_us())
        self._published()
        memory.adopt(position, written, dict(last))
        outbox.clear()
        await self._trim()

    async def _trim(self) -> None:
        """Have the ids deleted that could only be late; they are kept by the engine's word and not by time."""
        needed = self.memory.seen.needed_from()
        if needed is None or needed <= self._trimmed or self._clock.monotonic() - self._trimmed_at < TRIM_EVERY_S:
            return
        self._trimmed, self._trimmed_at = needed, self._clock.monotonic()
        await self._transactions.trim(topics.ENGINE_SEEN.under(self._prefix), needed)

    def _position(self, reader: Reading, core: Core, swept: int) -> Position:
        memory = self.memory
        before = memory.position or Position()
        floor = memory.seen.floor_for(memory.progress.floor, memory.progress.stream_time)
        if floor > memory.progress.floor:
            memory.progress.floor = floor
            self._metrics.floor_raised.inc()
        return Position(
            transaction=before.transaction + 1,
            usage=reader.position(self._usage) or before.usage,
            responses=reader.position(self._responses) or before.responses,
            stream_time=memory.progress.stream_time,
            floor=floor,
            now=memory.progress.now,
            version=core.rules.version,
            swept=swept,
            partitions=self._rules.partitions,
        )

    def _published(self) -> None:
        now = self._clock.now_us()
        for underway in self._outbox.underway:
            underway.is_published(self._metrics, self._rules.partition, now)
