"""What a transaction will write, and the journal's record of it."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final, get_args

import msgspec

from schemas import codec, probe, topics
from schemas.envelope import Envelope
from schemas.journal import JournalEntry, Segment
from schemas.offers import OfferEvent
from schemas.topics import Topic
from services.kit.clock import US_PER_S
from services.trigger_engine.ports import Batch
from services.trigger_engine.runtime.position import Position

if TYPE_CHECKING:
    from services.trigger_engine.runtime.tracing import Underway

TOPIC_OF: Final[dict[type[Envelope], Topic]] = {
    event: topic
    for topic in (topics.OFFERS, topics.OUTCOMES, topics.DECISIONS)
    for event in get_args(topic.events) or (topic.events,)
}

DIGEST: Final = 32
"""Hexadecimal digits of it that are kept."""

_ENCODER: Final = msgspec.json.Encoder()


def digest_of(batches: Mapping[str, Batch]) -> str:
    """What a transaction wrote, as the beginning of a SHA-256: topic by topic, in the order of their first records.

    Hashed are, of each topic, the lengths (4 bytes each, big-endian) of its full name, of all keys and of all values,
    then those themselves in the same order. What is absent counts as empty.
    """
    digest = sha256()
    for topic, batch in batches.items():
        parts = [topic.encode(), *_present(batch.keys), *_present(batch.values)]
        digest.update(struct.pack(f">{len(parts)}I", *map(len, parts)))
        digest.update(b"".join(parts))
    return digest.hexdigest()[:DIGEST]


def _present(column: list[bytes | None]) -> Iterable[bytes]:
    return column if all(column) else [part or b"" for part in column]  # type: ignore[return-value]  # just seen


class Outbox:
    """Collects the records of one transaction, in the order in which they came about."""

    def __init__(self, prefix: str) -> None:
        self._names = {topic.name: topic.under(prefix) for topic in topics.FLOW}
        self.batches: dict[str, Batch] = {}
        """By full name of the topic, in the order in which topics got their first records."""

        self.segments: list[Segment] = []
        self.underway: list[Underway] = []
        """What somebody waits for to be published."""

    def __len__(self) -> int:
        return sum(map(len, self.batches.values()))

    @property
    def empty(self) -> bool:
        """Whether nothing was handled since the last commit, not even an input that led to nothing."""
        return not self.segments

    def event(self, event: Envelope, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """An event of the account it is about."""
        topic = TOPIC_OF[type(event)]
        value, own = codec.encode(event)
        self.record(topic, event.subject.encode(), value, [*own, *headers])

    def record(
        self,
        topic: Topic,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        """Any record."""
        self._batch(topic).add(key, value, headers)

    def slices(self, written: Mapping[bytes, bytes | None]) -> None:
        """State slices: key and stored form of each."""
        if written:
            self._batch(topics.ENGINE_STATE).extend(written)

    def of(self, topic: Topic) -> Batch | None:
        """What is to be written to a topic; None when that is nothing."""
        return self.batches.get(self._names[topic.name])

    def _batch(self, topic: Topic) -> Batch:
        return self.batches.setdefault(self._names[topic.name], Batch())

    def _count(self, topic: Topic) -> int:
        return len(self.of(topic) or ())

    def journal(self, position: Position, partition: int, lateness_us: int, floor: int, *, by_log: bool) -> None:
        """Close the transaction with the record of what it took in and gave out.

        ``floor`` is where its usage alone brought it; that of ``position`` is higher when there were too many ids.
        """
        digest = digest_of(self.batches)
        entry = JournalEntry(
            transaction=position.transaction,
            segments=tuple(self.segments),
            version=position.version,
            offers=self._count(topics.OFFERS),
            outcomes=self._count(topics.OUTCOMES),
            decisions=self._count(topics.DECISIONS),
            slices=self._count(topics.ENGINE_STATE),
            dead_letters=self._count(topics.DEAD_LETTERS),
            digest=digest,
            lateness_s=lateness_us // US_PER_S,
            floor=position.floor if position.floor > floor else None,
            now=position.now if by_log else None,
        )
        value = _ENCODER.encode(entry.model_dump(exclude_none=True))
        self.record(topics.ENGINE_JOURNAL, str(partition).encode(), value)

    def clear(self) -> None:
        """Begin the next transaction."""
        self.batches = {}
        self.segments = []
        self.underway = []


def public(events: Sequence[Envelope]) -> Sequence[Envelope]:
    """What is told of what one input came to: of the probe's accounts only what front ends are to see.

    This is the one place that keeps them out of decisions and outcomes, and so out of everybody's numbers.
    """
    if not events or not probe.is_probe(events[0].subject):
        return events
    return [event for event in events if isinstance(event, OfferEvent)]
