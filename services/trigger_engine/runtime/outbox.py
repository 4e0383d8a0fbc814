"""What a transaction will write, and the journal's record of it."""

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, get_args

import msgspec

from schemas import codec, topics
from schemas.envelope import Envelope
from schemas.journal import JournalEntry, Segment
from schemas.topics import Topic
from services.trigger_engine.ports import Outgoing

TOPIC_OF: Final[dict[type[Envelope], Topic]] = {
    event: topic
    for topic in (topics.OFFERS, topics.OUTCOMES, topics.DECISIONS)
    for event in get_args(topic.events) or (topic.events,)
}

DIGEST: Final = 32
"""Hexadecimal digits of it that are kept."""

_ENCODER: Final = msgspec.json.Encoder()


def digest_of(records: Sequence[Outgoing]) -> str:
    """What a transaction wrote, as the beginning of a SHA-256: topic by topic, in the order of their first records.

    Hashed are, of each topic, the lengths (4 bytes each, big-endian) of its full name, of all keys and of all values,
    then those themselves in the same order. What is absent counts as empty.
    """
    by_topic: dict[str, list[Outgoing]] = {}
    for record in records:
        by_topic.setdefault(record.topic, []).append(record)
    digest = sha256()
    for topic, written in by_topic.items():
        parts = [topic.encode()]
        parts += [key or b"" for _, key, _, _ in written]
        parts += [value or b"" for _, _, value, _ in written]
        digest.update(struct.pack(f">{len(parts)}I", *map(len, parts)))
        digest.update(b"".join(parts))
    return digest.hexdigest()[:DIGEST]


class Outbox:
    """Collects the records of one transaction, in the order in which they came about."""

    def __init__(self, prefix: str) -> None:
        self._names = {topic.name: topic.under(prefix) for topic in topics.FLOW}
        self.records: list[Outgoing] = []
        self.segments: list[Segment] = []
        self.counts: dict[str, int] = {}

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
        self.counts[topic.name] = self.counts.get(topic.name, 0) + 1
        self.records.append(Outgoing(self._names[topic.name], key, value, headers))

    def slices(self, written: Sequence[tuple[bytes, bytes | None]]) -> None:
        """State slices: key and stored form of each."""
        name = self._names[topics.ENGINE_STATE.name]
        self.counts[topics.ENGINE_STATE.name] = self.counts.get(topics.ENGINE_STATE.name, 0) + len(written)
        self.records.extend([Outgoing(name, key, value) for key, value in written])

    def journal(self, transaction: int, version: int, partition: int) -> None:
        """Close the transaction with the record of what it took in and gave out."""
        digest = digest_of(self.records)
        entry = JournalEntry(
            transaction=transaction,
            segments=tuple(self.segments),
            version=version,
            offers=self.counts.get(topics.OFFERS.name, 0),
            outcomes=self.counts.get(topics.OUTCOMES.name, 0),
            decisions=self.counts.get(topics.DECISIONS.name, 0),
            slices=self.counts.get(topics.ENGINE_STATE.name, 0),
            dead_letters=self.counts.get(topics.DEAD_LETTERS.name, 0),
            digest=digest,
        )
        value = _ENCODER.encode(entry.model_dump(exclude_none=True))
        self.record(topics.ENGINE_JOURNAL, str(partition).encode(), value)

    def clear(self) -> None:
        """Begin the next transaction."""
        self.records = []
        self.segments = []
        self.counts = {}
