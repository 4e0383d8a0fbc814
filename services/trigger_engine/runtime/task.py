"""One partition: fence, restore, then read, decide and commit until told to stop or shut out by another owner."""

import asyncio
from typing import Final

import structlog

from schemas import topics
from schemas.stages import Stage, stages_from_headers
from services.kit.errors import Fatal
from services.kit.kafka.reader import Bounds, Log, Record
from services.trigger_engine.domain.core import Core
from services.trigger_engine.metrics import Ending, Stream
from services.trigger_engine.ports import Doubt, Fenced, LogFactory, Logs, Transactions
from services.trigger_engine.runtime.intake import Intake, Rules, Told
from services.trigger_engine.runtime.memory import Memory, OpenTransaction, restored
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.position import POSITION_KEY, Position, encode
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.switching import Switching

log = structlog.get_logger()

CHUNK: Final = 500
"""Records handled before the loop is given to others: heartbeats and others wait no longer than about 10 ms."""

MAX_OUTGOING: Final = 5_000
"""Records in one transaction; beyond it commits do not wait for their time."""

IDLE_MS: Final = 250
"""Longest wait for records before looking at timers and at whether to stop."""

RETRY_S: Final = 1.0
"""Between tries to begin anew while the broker is away or a foreign transaction is open."""

US_PER_MS: Final = 1_000


class PositionGone(Fatal):
    """The input log no longer holds the position that the state stopped at; nothing is skipped silently.

    Attributes:
        where: Which log.
        position: The next offset to read.
        bounds: What there is of the log.
    """

    exit_code = 65
    """EX_DATAERR of sysexits.h: restarting does not help."""

    def __init__(self, where: Log, position: int, bounds: Bounds) -> None:
        self.where = where
        self.position = position
        self.bounds = bounds
        super().__init__(
            f"{where.topic}[{where.partition}] is kept from {bounds.first} to {bounds.written}, and the state stopped "
            f"at {position}: retention passed it or the topic was made anew; restore the log, or start again with a "
            "new topic prefix"
        )


class PartitionTask:
    """Works on one partition number: its usage and its responses, in one order, by one judge."""

    def __init__(
        self,
        rules: Rules,
        transactions: Transactions,
        logs: LogFactory,
        sets: Sets,
        told: Told,
    ) -> None:
        self.caught_up = False
        self.memory: Memory | None = None
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
        self._usage = Log(topics.USAGE.under(rules.prefix), rules.partition)
        self._responses = Log(topics.RESPONSES.under(rules.prefix), rules.partition)

    def stop(self) -> None:
        """Finish the transaction at hand, and end."""
        self._stop.set()

    async def run(self) -> None:
        """Work until stopped or fenced. Raises a ``Fatal`` when this partition can not be worked on."""
        try:
            while not self._stop.is_set():
                try:
                    await self._own()
                except (Doubt, OpenTransaction) as doubt:
                    self._metrics.ended(Ending.DOUBT)
                    log.warning("in doubt, beginning anew", partition=self._rules.partition, why=repr(doubt))
                    await self._pause(RETRY_S)
        except Fenced:
            self._metrics.ended(Ending.FENCED)
            log.warning("fenced: another engine has the partition", partition=self._rules.partition)
        finally:
            await self._transactions.close()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    # --- order on assignment --------------------------------------------------------------------

    async def _own(self) -> None:
        """Take the partition over, then work on it.

        1. fence          the former owner is shut out, and what it left open is undone
        2. restore        up to the end as of after the fence: nothing can be added behind our back
        3. position       from the state; the start of the log only for a partition never worked on
        4. read           no input before this, no output before this
        """
        self.caught_up = False
        self._outbox.clear()
        await self._transactions.fence()
        began = self._clock.monotonic()
        memory = await restored(self._logs, self._prefix, self._rules.partition)
        self._metrics.restores.observe(self._clock.monotonic() - began)
        self.memory = memory
        async with self._logs(f"task-{self._rules.partition}") as reader:
            reader.assign(await self._positions(reader, memory))
            log.info("restored", partition=self._rules.partition, slices=len(memory.slices), seen=len(memory.seen))
            await self._work(reader, memory)

    async def _positions(self, reader: Logs, memory: Memory) -> dict[Log, int]:
        found = {}
        for where, known in (
            (self._responses, memory.position.responses if memory.position else None),
            (self._usage, memory.position.usage if memory.position else None),
        ):
            bounds = await reader.bounds(where)
            found[where] = bounds.first if known is None else known
            if not bounds.first <= found[where] <= bounds.written:
                raise PositionGone(where, found[where], bounds)
        return found

    # --- reading and deciding -------------------------------------------------------------------

    async def _work(self, reader: Logs, memory: Memory) -> None:
        intake = Intake(self._rules, memory.slices, memory.seen, self._outbox, memory.progress, self._told)
        committed_at = self._clock.monotonic() - self._commit_every_s
        core = await self._first_core()
        switching = Switching(self._sets, memory.slices, memory.position.swept if memory.position else -1)
        while core is not None and not self._stop.is_set():
            due_in = self._commit_every_s - (self._clock.monotonic() - committed_at)
            wait_ms = IDLE_MS if self._outbox.empty else max(0, int(due_in * 1_000))
            chunks = await reader.read(wait_ms, CHUNK)
            consumed_ms = self._clock.now_us() // US_PER_MS
            if self._outbox.empty:
                core = switching.newest(core)  # versions change between two commits, never within one
            self._take(intake, core, chunks, consumed_ms)
            self.caught_up = reader.at_end(self._usage) and reader.at_end(self._responses)
            if not chunks and self.caught_up:
                intake.tick(core)
            elapsed = self._clock.monotonic() - committed_at
            full = len(self._outbox.records) >= MAX_OUTGOING
            if not self._outbox.empty and (elapsed >= self._commit_every_s or full):
                await self._commit(reader, memory, core, switching.swept)
                committed_at = self._clock.monotonic()
            if self._outbox.empty:
                intake.sweep(core, switching.some())
                switching.done()
            await asyncio.sleep(0)
        if core is not None and not self._outbox.empty:
            await self._commit(reader, memory, core, switching.swept)

    async def _first_core(self) -> Core | None:
        await self._sets.caught_up.wait()
        while self._sets.current is None and not self._stop.is_set():
            await self._pause(IDLE_MS / 1_000)
        return self._sets.current

    def _take(self, intake: Intake, core: Core, chunks: dict[Log, list[Record]], consumed_ms: int) -> None:
        """Responses go first: what a person said is known before the next offer is decided."""
        responses = chunks.get(self._responses, [])
        if responses:
            intake.begin(Stream.RESPONSES, responses[0].offset, responses[-1].offset)
            for record in responses:
                intake.response(core, record, consumed_ms)
        usage = chunks.get(self._usage, [])
        if usage:
            intake.begin(Stream.USAGE, usage[0].offset, usage[-1].offset)
            for record in usage:
                intake.usage(core, record, consumed_ms)

    # --- order on commit ------------------------------------------------------------------------

    async def _commit(self, reader: Logs, memory: Memory, core: Core, swept: int) -> None:
        """Publish what was decided, all or nothing.

        1. collect        slices, ids seen, position and journal join the events      crash: nothing happened
        2. commit         one transaction, every record acknowledged before its end   crash or doubt: the next fence
                          settles it, and the restored position tells which
        3. adopt          the new state is the truth                                  crash: restored from the log
        """
        outbox, before = self._outbox, memory.position or Position()
        written = memory.slices.changes(core)
        for key, value in written:
            outbox.record(topics.ENGINE_STATE, key, value)
        for key, value in memory.seen.added():
            outbox.record(topics.ENGINE_SEEN, key, value)
        position = Position(
            transaction=before.transaction + 1,
            usage=reader.position(self._usage) or before.usage,
            responses=reader.position(self._responses) or before.responses,
            stream_time=memory.progress.stream_time,
            floor=memory.progress.floor,
            now=memory.progress.now,
            version=core.rules.version,
            swept=swept,
        )
        outbox.record(topics.ENGINE_STATE, POSITION_KEY, encode(position))
        outbox.journal(position.transaction, position.version, self._rules.partition)
        began = self._clock.monotonic()
        await self._transactions.commit(outbox.records)
        self._metrics.commits.observe(self._clock.monotonic() - began)
        self._published()
        memory.slices.adopt(written)
        memory.seen.adopt(memory.progress.floor)
        memory.position = position
        outbox.clear()

    def _published(self) -> None:
        now = self._clock.now_us()
        offers = topics.OFFERS.under(self._prefix)
        for record in self._outbox.records:
            if record.topic == offers:
                produced = stages_from_headers(tuple(record.headers)).get(Stage.PRODUCED)
                if produced is not None:
                    self._metrics.published(produced, now)
