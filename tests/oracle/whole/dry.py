"""An engine without a broker: its intake, core and memory, on a clock that is told; what it writes lies in lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from oracle.recorded import RecordedLogs
from oracle.records import INTAKE, PLAYBOOKS, WRITTEN
from oracle.records import Record as Recorded
from schemas import topics
from schemas.codec import encode as encoded
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log, Record
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.metrics import Stream
from services.trigger_engine.runtime.intake import Intake
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.position import POSITION_KEY, Position, encode
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.switching import Switching
from tests.simulation.process import metrics
from tests.simulation.straight import MANY, ToldTime, no_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemas.envelope import Envelope
    from services.trigger_engine.domain.account import AccountSlice
    from services.trigger_engine.domain.core import Core
    from services.trigger_engine.ports import LogFactory

PREFIX: Final = "dry"
LATENESS_US: Final = 24 * 3_600 * 1_000_000


class Dry:
    """All partitions, one after the other. ``records`` are the logs so far.

    Each keeps at most ``max_seen`` ids, and fires at most ``most_timers`` in one go.
    """

    def __init__(
        self, now: int, partitions: int = 2, *, by_log: bool = False, max_seen: int = MANY, most_timers: int = MANY
    ) -> None:
        factory: LogFactory = no_logs  # type: ignore[assignment]  # never called
        self.clock = ToldTime(now)
        self.leaves_out: Callable[[AccountSlice], bool] = lambda _: False
        """Which accounts are not brought over to a new set; an engine that leaves some out is found out."""

        self.ticks: Callable[[], bool] = lambda: True
        """Whether time is let pass where nothing was sent; an engine that does not is found out, too."""

        self.goes_on: Callable[[], bool] = lambda: True
        """Whether what a tick left is fired by another at once."""

        self.sets = Sets(factory, PREFIX, metrics(), in_backfill=by_log)
        self.records: dict[tuple[str, int], list[Recorded]] = {(PLAYBOOKS, 0): []}
        for number in range(partitions):
            self.records |= {(topic, number): [] for topic in (*INTAKE, *WRITTEN)}
        whole = rules(partitions, by_log, max_seen, most_timers)
        self._parts = [_Part(self, msgspec.structs.replace(whole, partition=number)) for number in range(partitions)]

    @property
    def logs(self) -> RecordedLogs:
        """All of it, to be verified."""
        return RecordedLogs(PREFIX, self.records)

    def tell_sets(self, event: Envelope) -> None:
        """Publish a set, or stop an offer."""
        log = self.records[PLAYBOOKS, 0]
        value, headers = encoded(event)
        log.append(Recorded(len(log), b"set", value, tuple(headers)))
        topic = topics.PLAYBOOKS.under(PREFIX)
        self.sets._consider(Record(topic, 0, len(log) - 1, b"set", value, tuple(headers), 0))

    def send(self, topic: str, event: Mapping[str, Any]) -> None:
        """A message to usage or responses."""
        account = event["subject"]
        log = self.records[topic, partition_of(account, len(self._parts))]
        log.append(Recorded(len(log), account.encode(), json.dumps(event).encode(), (), self.clock.now // 1_000))

    def set_lateness(self, lateness_us: int) -> None:
        """Stop the engine, and start it with this setting."""
        for part in self._parts:
            part.start(msgspec.structs.replace(part.rules, lateness_us=lateness_us))

    def turn(self) -> None:
        """Have each partition take what was sent; where that is nothing, time passes."""
        for part in self._parts:
            part.turn()


def rules(partitions: int, by_log: bool, max_seen: int, most_timers: int) -> Rules:
    """What the operator set, for the first partition."""
    return Rules(
        prefix=PREFIX,
        partition=0,
        partitions=partitions,
        lateness_us=LATENESS_US,
        by_log=by_log,
        max_invalid_run=MANY,
        commit_every_ms=100,
        max_seen=max_seen,
        most_timers=most_timers,
    )


class _Part:
    def __init__(self, dry: Dry, rules: Rules) -> None:
        self.number = rules.partition
        self._dry = dry
        self._outbox = Outbox(PREFIX)
        self._memory = Memory(PREFIX, rules.partition, rules.max_seen)
        self._core: Core | None = None
        self._switching = Switching(dry.sets, self._memory.slices, -1)
        self._next = dict.fromkeys(INTAKE, 0)
        self.start(rules)

    def start(self, rules: Rules) -> None:
        """Go by these rules, with the memory that there is."""
        self.rules = rules
        self._intake = Intake(rules, self._memory, self._outbox, Told(self._dry.clock, EventWire(), metrics()))

    def turn(self) -> None:
        """Take what was sent, commit, and bring accounts over to a new set, as the engine's task does."""
        self._core = core = self._switching.newest(self._core or self._dry.sets.current)  # type: ignore[arg-type]  # there is one by now
        more = True
        while more:
            taken, more = self._take(core)
            if not taken and self._dry.ticks():
                more = self._intake.timing.tick(core) and self._dry.goes_on()
            self._commit(core)
        while left := self._switching.some():
            self._intake.timing.sweep(core, [account for account in left if not self._is_left_out(account)])
            self._switching.done()
            self._commit(core)
        self._switching.done()

    def _is_left_out(self, account: str) -> bool:
        seen = self._memory.slices.peek(account)
        return seen is not None and self._dry.leaves_out(seen)

    def _take(self, core: Core) -> tuple[int, bool]:
        """How many messages there were, and whether some are left, since so many timers were due before them."""
        responses, usage = (self._new(topic) for topic in ("responses", "usage"))
        if responses:
            self._intake.begin(Stream.RESPONSES, responses[0].offset, responses[-1].offset)
            topic = topics.RESPONSES.under(PREFIX)
            for record in (self._read(topic, one) for one in responses):
                self._intake.response(core, record, 0)
        if usage:
            self._intake.begin(Stream.USAGE, usage[0].offset, usage[-1].offset)
            topic = topics.USAGE.under(PREFIX)
            records = [self._read(topic, one) for one in usage]
            handled = self._intake.usages(core, Log(topic, self.number), records, 0)
            self._intake.end()
            self._next["usage"] -= len(usage) - handled
            return len(responses) + len(usage), handled < len(usage)
        return len(responses), False

    def _read(self, topic: str, one: Recorded) -> Record:
        return Record(topic, self.number, one.offset, one.key, one.value, (), one.timestamp_ms)

    def _new(self, topic: str) -> list[Recorded]:
        found = self._dry.records[topic, self.number][self._next[topic] :]
        self._next[topic] += len(found)
        return found

    def _commit(self, core: Core) -> None:
        outbox, memory = self._outbox, self._memory
        if outbox.empty:
            return
        written = memory.slices.changes()
        outbox.slices(written)
        for key, value in memory.seen.added():
            outbox.record(topics.ENGINE_SEEN, key, value)
        progress, before = memory.progress, memory.position or Position()
        floor = progress.floor
        progress.floor = memory.seen.floor_for(progress.floor, progress.stream_time)
        reached = Position(
            transaction=before.transaction + 1,
            usage=self._next["usage"],
            responses=self._next["responses"],
            stream_time=progress.stream_time,
            floor=progress.floor,
            now=progress.now,
            version=core.rules.version,
            swept=self._switching.swept,
            partitions=self.rules.partitions,
        )
        outbox.record(topics.ENGINE_STATE, POSITION_KEY, encode(reached))
        rules = self.rules
        outbox.journal(reached, rules.partition, rules.lateness_us, floor, by_log=rules.by_log)
        for name, batch in outbox.batches.items():
            log = self._dry.records[name.removeprefix(f"{PREFIX}."), self.number]
            for row in batch.rows(name):
                log.append(Recorded(len(log), row.key, row.value, tuple(row.headers)))
        memory.adopt(reached, written, {})
        outbox.clear()
