"""A log replayed in memory: what an engine would tell of it in a backfill, where time is what the log says.

It is the engine's own intake, core and memory; only nothing is read from a broker, and nothing is written to one.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct
from prometheus_client import CollectorRegistry
from typing_extensions import override

from schemas import dead_letters, topics
from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.probe import MARK
from schemas.topics import DEFAULT_PREFIX, Topic
from services.kit.clock import Clock
from services.kit.kafka.reader import Log, Raw, Record
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.metrics import EngineMetrics, Handled, Stream
from services.trigger_engine.ports import Wire
from services.trigger_engine.runtime.intake import Intake
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.outbox import Outbox
from services.trigger_engine.runtime.position import Position
from services.trigger_engine.runtime.rules import Rules, Told

NO_BOUND: Final = 2**63
"""An engine stops after a long run of dead letters; here whoever reads how many there were decides."""

MAX_SEEN: Final = 20_000_000
"""Ids held at once, as by an engine."""

PROBE: Final = MARK.encode()
"""What keys of the probe's records begin with: no set of anybody's is asked about them."""


class Audience(Protocol):
    """Who is told what comes of a replay, in the order in which it comes about."""

    def event(self, event: Envelope) -> None:
        """The engine would publish this."""

    def refused(self, offset: int, reason: DeadLetterReason, detail: str) -> None:
        """The engine would set the record at this offset aside."""


class Part(Struct, frozen=True):
    """Which part of the log it is: accounts lie in one of ``partitions`` by murmur2 of their names."""

    partition: int = 0
    partitions: int = 1


class Replay:
    """One partition of a log, taken in by one version of the set. ``handled`` counts what became of records.

    Memory is what an engine would have for the accounts and the lateness: slices as bytes, and ids of the hours in
    which an event would still be accepted.
    """

    def __init__(
        self, rules: CompiledSet, part: Part, lateness_us: int, outside: tuple[Clock, Wire], audience: Audience
    ) -> None:
        clock, wire = outside
        kept = Rules(
            prefix=DEFAULT_PREFIX,
            partition=part.partition,
            partitions=part.partitions,
            lateness_us=lateness_us,
            by_log=True,
            max_invalid_run=NO_BOUND,
            commit_every_ms=0,
            max_seen=MAX_SEEN,
            most_timers=None,
        )
        self.handled: Counter[Handled] = Counter()
        self._core = Core(rules.as_always())
        self._log = Log(topics.USAGE.under(DEFAULT_PREFIX), part.partition)
        self._memory = Memory(DEFAULT_PREFIX, part.partition, MAX_SEEN)
        self._outbox = _Told(audience)
        self._intake = Intake(kept, self._memory, self._outbox, Told(clock, wire, _Counts(self.handled)))

    def usages(self, records: Sequence[Raw]) -> None:
        """Take in usage and facts, in their order; some thousands at a time. Those of the probe are left out."""
        records = [record for record in records if not (record.key or b"").startswith(PROBE)]
        if records:
            self._intake.begin(Stream.USAGE, records[0].offset, records[-1].offset)
            self._intake.usages(self._core, self._log, records, records[-1].timestamp)
            self._intake.end()
            self._settle()

    def responses(self, records: Sequence[Record]) -> None:
        """Take in responses, in their order; as `usages`."""
        records = [record for record in records if not record.key or not record.key.startswith(PROBE)]
        if records:
            self._intake.begin(Stream.RESPONSES, records[0].offset, records[-1].offset)
            for record in records:
                self._intake.response(self._core, record, record.timestamp_ms)
            self._settle()

    def _settle(self) -> None:
        """All up to here is the truth, as after a commit: what is large becomes small, what is old is let go."""
        memory = self._memory
        progress = memory.progress
        progress.floor = memory.seen.floor_for(progress.floor, progress.stream_time)
        reached = Position(stream_time=progress.stream_time, floor=progress.floor, now=progress.now)
        memory.adopt(reached, memory.slices.changes(), {})
        self._outbox.clear()


class _Told(Outbox):
    """Hands on what would be written."""

    def __init__(self, audience: Audience) -> None:
        super().__init__(DEFAULT_PREFIX)
        self._audience = audience

    @override
    def event(self, event: Envelope, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        self._audience.event(event)

    @override
    def record(
        self, topic: Topic, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        told = dict(headers)
        if topic is topics.DEAD_LETTERS:
            reason = DeadLetterReason(told[dead_letters.REASON].decode())
            self._audience.refused(int(told[dead_letters.OFFSET]), reason, told[dead_letters.DETAIL].decode())


class _Counts(EngineMetrics):
    """Metrics that nobody scrapes; what became of records is counted for the replay."""

    def __init__(self, handled: Counter[Handled]) -> None:
        super().__init__(CollectorRegistry())
        self._kept = handled

    @override
    def handled(self, stream: Stream, handled: Handled, count: int = 1) -> None:
        self._kept[handled] += count
