"""Play sets over a log of events, side by side, and keep what came of it."""

from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from schemas.codec import UnreadableEvent
from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from services.cli.event_log import Head, IntakeTopics, Piece, head_of
from services.cli.history import Progress
from services.kit.clock import Clock
from services.kit.kafka.reader import Record
from services.kit.settings import KafkaSettings
from services.trigger_engine.adapters import wire
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.trying.hindsight import Hindsight, Sought
from services.trigger_engine.domain.trying.tally import Accounts, Tally
from services.trigger_engine.metrics import Handled
from services.trigger_engine.runtime.replay import Part, Replay


@dataclass
class Refusals:
    """Records that an engine would set aside: how many for each reason, and the first of each: where, and why."""

    counts: Counter[DeadLetterReason] = field(default_factory=Counter)
    first: dict[DeadLetterReason, tuple[int, str]] = field(default_factory=dict)

    def add(self, offset: int, reason: DeadLetterReason, detail: str) -> None:
        """One more."""
        self.counts[reason] += 1
        self.first.setdefault(reason, (offset, detail))


@dataclass
class Side:
    """One set that is played, and what came of it."""

    name: str
    rules: CompiledSet
    tally: Tally
    hindsight: Hindsight | None = None
    refusals: Refusals = field(default_factory=Refusals)
    handled: Counter[Handled] = field(default_factory=Counter)

    def event(self, event: Envelope) -> None:
        """The engine would publish this."""
        self.tally.event(event)
        if self.hindsight is not None:
            self.hindsight.event(event)

    def refused(self, offset: int, reason: DeadLetterReason, detail: str) -> None:
        """The engine would set this record aside."""
        self.refusals.add(offset, reason, detail)


@dataclass
class Seen:
    """What the log itself holds: its events and accounts, and from when to when."""

    accounts: Accounts
    events: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, heads: Iterable[Head]) -> None:
        """These events, too."""
        for head in heads:
            self.events += 1
            if head.subject:
                self.accounts.number(head.subject)
            at = _time(head.time)
            if at is not None:
                self.first = at if self.first is None else min(self.first, at)
                self.last = at if self.last is None else max(self.last, at)


@dataclass(frozen=True)
class Wanted:
    """What is to be played: sets by name, the first of them the one that is asked about.

    ``sought`` is what to look back from, and ``within_us`` how far.
    """

    sets: Sequence[tuple[str, CompiledSet]]
    lateness_us: int
    clock: Clock
    sought: Sought | None = None
    within_us: int = 0
    examples: int = 1


@dataclass
class Played:
    """What came of each set, and what the log held; ``cut`` when the log's beginning was not there any more.

    ``stored`` is what the deployment itself decided, when that was asked for.
    """

    sides: Sequence[Side]
    seen: Seen
    cut: bool = False
    stored: Tally | None = None


async def play_file(wanted: Wanted, pieces: Iterable[Piece]) -> Played:
    """Play a file: one log, as if a deployment had a single partition."""
    player = Player(wanted)
    await player.play(_each(pieces), Part())
    return Played(player.sides, player.seen)


async def play_topics(wanted: Wanted, kafka: KafkaSettings, progress: Progress) -> Played:
    """Play what a deployment keeps, partition by partition, each from its beginning to its end as of now.

    Raises `KafkaUnreachable`, `TopicsMissing` and the client's own faults.
    """
    player = Player(wanted)
    async with IntakeTopics(kafka, progress) as topics:
        for partition in range(topics.partitions):
            await player.play(topics.pieces(partition), Part(partition, topics.partitions))
        return Played(player.sides, player.seen, topics.cut)


async def _each(pieces: Iterable[Piece]) -> AsyncIterator[Piece]:
    for piece in pieces:
        yield piece


class Player:
    """Plays sets over one partition after the other."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._sought = wanted.sought
        self._mark = wanted.sought.type.encode() if wanted.sought is not None else b""
        accounts = Accounts()
        self.seen = Seen(accounts)
        self.sides = [
            Side(name, rules, Tally(accounts, wanted.examples), self._hindsight(accounts))
            for name, rules in wanted.sets
        ]

    def _hindsight(self, accounts: Accounts) -> Hindsight | None:
        return Hindsight(accounts, self._wanted.within_us) if self._sought is not None else None

    async def play(self, pieces: AsyncIterable[Piece], part: Part) -> None:
        """Play a partition from its beginning to its end."""
        outside = self._wanted.clock, wire.EventWire()
        replays = [Replay(side.rules, part, self._wanted.lateness_us, outside, side) for side in self.sides]
        async for piece in pieces:
            if not piece.responses:
                self.seen.add(head_of(record.value) for record in piece.records)
                if self._sought is not None:
                    self._look_for(self._sought, piece.records)
            for replay in replays:
                (replay.responses if piece.responses else replay.usages)(piece.records)
        for side, replay in zip(self.sides, replays, strict=True):
            side.handled.update(replay.handled)

    def _look_for(self, sought: Sought, records: Sequence[Record]) -> None:
        for record in records:
            if self._mark in (record.value or b"") or any(self._mark in value for _, value in record.headers):
                found = _said(record)
                if found is not None and sought.is_met(found[1], found[3]):
                    for side in self.sides:
                        if side.hindsight is not None:
                            side.hindsight.happened(found[0], found[2])


def _said(record: Record) -> tuple[str, str, int, dict[str, object]] | None:
    """Account, type, time and what the event says of itself; None when it can not be read."""
    try:
        event = wire.read_usage(record)
    except UnreadableEvent:
        return None
    if isinstance(event, Usage):
        return event.account, event.type, event.at, {"user": event.user, **event.properties}
    return event.subject, event.type, to_us(event.time), event.data.model_dump(exclude_none=True)


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
