"""What a transaction will write, and the journal's record of it."""

import struct
from collections.abc import Sequence
from hashlib import blake2b
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

LENGTH: Final = struct.Struct(">I")
_ENCODER: Final = msgspec.json.Encoder()


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

    def journal(self, transaction: int, version: int, partition: int) -> None:
        """Close the transaction with the record of what it took in and gave out."""
        parts: list[bytes] = []
        for topic, key, value, _ in self.records:
            name, key, value = topic.encode(), key or b"", value or b""  # noqa: PLW2901 - absent counts as empty
            parts += (LENGTH.pack(len(name)), name, LENGTH.pack(len(key)), key, LENGTH.pack(len(value)), value)
        digest = blake2b(b"".join(parts), digest_size=16)
        entry = JournalEntry(
            transaction=transaction,
            segments=tuple(self.segments),
            version=version,
            offers=self.counts.get(topics.OFFERS.name, 0),
            outcomes=self.counts.get(topics.OUTCOMES.name, 0),
            decisions=self.counts.get(topics.DECISIONS.name, 0),
            slices=self.counts.get(topics.ENGINE_STATE.name, 0),
            dead_letters=self.counts.get(topics.DEAD_LETTERS.name, 0),
            digest=digest.hexdigest(),
        )
        value = _ENCODER.encode(entry.model_dump(exclude_none=True))
        self.record(topics.ENGINE_JOURNAL, str(partition).encode(), value)

    def clear(self) -> None:
        """Begin the next transaction."""
        self.records = []
        self.segments = []
        self.counts = {}
