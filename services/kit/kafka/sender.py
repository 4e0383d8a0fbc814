"""Send events one by one and know where each came to lie; for people's commands and simulators, not for mass."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from schemas.codec import encode
from services.kit.kafka.admin import CALL_TIMEOUT_S, MAX_MESSAGE_BYTES
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.starting import connected
from services.kit.kafka.stopping import stopped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from schemas.envelope import Envelope
    from schemas.topics import Topic

LINGER_MS: Final = 0
"""A person, or a measurement, waits for each of them."""


class Sent(NamedTuple):
    """Where an event lies now: full name of the topic, partition, offset."""

    topic: str
    partition: int
    offset: int


class Sender:
    """Sends each event with its subject as key, to its account's partition. Use as an async context manager."""

    def __init__(self, bootstrap: str, prefix: str, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_idempotence=True,
            linger_ms=LINGER_MS,
            max_request_size=MAX_MESSAGE_BYTES,
        )

    async def __aenter__(self) -> Self:
        """Connect; raises `KafkaUnreachable`."""
        await connected(self._bootstrap, self._producer.start(), self._stop, CALL_TIMEOUT_S)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def send(self, topic: Topic, event: Envelope) -> Sent:
        """Return once the broker has ``event``; raises ``KafkaError`` when it has not, or does not say so in time."""
        value, headers = encode(event)
        return await self.send_raw(topic, event.subject, value, headers)

    async def send_raw(self, topic: Topic, key: str, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> Sent:
        """As `send`, of bytes that nobody has looked at."""
        name = topic.under(self._prefix)
        try:
            return await asyncio.wait_for(self._send(topic, name, key, value, headers), CALL_TIMEOUT_S)
        except TimeoutError as late:
            raise KafkaTimeoutError(f"no answer of {name} within {CALL_TIMEOUT_S:g} s") from late

    async def _send(
        self, topic: Topic, name: str, key: str, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> Sent:
        partition = 0
        if topic.per_account:
            partition = partition_of(key, len(await self._producer.partitions_for(name)))
        said = await self._producer.send_and_wait(
            name, value=value, key=key.encode(), partition=partition, headers=list(headers)
        )
        return Sent(name, partition, said.offset)

    async def _stop(self) -> None:
        try:
            await stopped(self._producer, CALL_TIMEOUT_S)
        except (TimeoutError, KafkaError):
            return
