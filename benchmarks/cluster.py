"""What a run is made on: topics of its own on the one broker, a published set, events that wait to be read."""

from __future__ import annotations

import itertools
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaProducer

from benchmarks import job
from schemas import topics
from schemas.codec import encode
from schemas.playbooks import SetPublished, SourceFile, WholeSet
from services.kit.clock import Clock, SystemClock, to_datetime
from services.kit.kafka.admin import create_topics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

BATCH_BYTES: Final = 256 * 1024
"""Of what emitters send; uncompressed, so that no line depends on a codec's speed."""

AGO_US: Final = 120 * 1_000_000
"""Events begin so long ago: none of a run lies ahead of the clock."""


@dataclass
class Cluster:
    """The broker, and fresh prefixes on it."""

    bootstrap: str
    clock: Clock = field(default_factory=SystemClock)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def fresh(self, files: tuple[SourceFile, ...], published_us: int | None = None) -> str:
        """All topics anew under a prefix of their own, with this set in force; since then, or now."""
        prefix = f"b{next(self._numbers)}-{secrets.token_hex(3)}"
        await create_topics(self.bootstrap, prefix, partitions=job.PARTITIONS)
        at = to_datetime(published_us or self.clock.now_us())
        event = SetPublished(
            id="measured", source="benchmarks", subject="measured", time=at, data=WholeSet(files=files)
        )
        value, headers = encode(event)
        async with producing(self.bootstrap) as producer:
            name = topics.PLAYBOOKS.under(prefix)
            await producer.send_and_wait(name, value, key=b"measured", partition=0, headers=headers)
        return prefix

    async def load(self, topic: str, messages: Iterable[job.Message]) -> None:
        """Write all ``messages``, each to its partition, and wait until the broker has them."""
        async with producing(self.bootstrap) as producer:
            batches = [producer.create_batch() for _ in range(job.PARTITIONS)]
            for partition, key, value in messages:
                if batches[partition].append(key=key, value=value, timestamp=None) is None:
                    await producer.send_batch(batches[partition], topic, partition=partition)
                    batches[partition] = producer.create_batch()
                    batches[partition].append(key=key, value=value, timestamp=None)
            for partition, batch in enumerate(batches):
                await producer.send_batch(batch, topic, partition=partition)

    def start_us(self) -> int:
        """Event time of a run's first event."""
        return self.clock.now_us() - AGO_US


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer whose ``send_batch`` takes batches of `BATCH_BYTES`; all is sent at the end of the context."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=BATCH_BYTES, enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
