"""What the offer API writes to Kafka: responses, and records that it could not read."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.codec import encode
from schemas.dead_letters import DeadLetterReason
from schemas.responses import Responded
from services.kit.clock import Clock
from services.kit.kafka.dead_letters import DeadLetterSender
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Record
from services.kit.kafka.stopping import stopped
from services.offer_api.ports import LogUnavailable

log = structlog.get_logger()

START_TIMEOUT_S: Final = 3.0
SEND_TIMEOUT_S: Final = 3.0
"""Someone waits for the answer. A broker's restart takes longer: then they are told to come back."""

STOP_TIMEOUT_S: Final = 1.0
"""For each half of a stop; with the broker gone the client's own takes for ever."""

RETRY_S: Final = 1.0
"""After a failed start everybody is refused at once for this long, so that requests do not queue up for the broker."""

BATCH_BYTES: Final = 256 * 1024
"""The client sends one batch a partition at a time; its default of 16 KiB would make a queue."""


class Message(NamedTuple):
    """One record to write."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class LogWriter:
    """An idempotent producer that is started at first use, and anew when it is broken."""

    def __init__(self, bootstrap: str, client_id: str, clock: Clock) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._clock = clock
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._retry_at = 0.0

    async def write(self, messages: Sequence[Message]) -> None:
        """Return when all in-sync replicas have all of ``messages``; raises `LogUnavailable`.

        What timed out is not taken back: the client keeps trying, and it may arrive after all.
        """
        producer = await self._started()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                sent = [await producer.send(*_sendable(message)) for message in messages]
                await asyncio.gather(*sent)
        except TimeoutError as error:
            raise LogUnavailable("no answer in time") from error
        except KafkaError as error:
            if not error.retriable:
                await self._drop(producer)
            raise LogUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Stop, within a few seconds."""
        if self._producer is not None:
            await self._drop(self._producer)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is not None:
                return self._producer
            if self._clock.monotonic() < self._retry_at:
                raise LogUnavailable("did not answer a moment ago")
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=self._client_id,
                enable_idempotence=True,
                acks="all",
                max_batch_size=BATCH_BYTES,
                request_timeout_ms=5_000,
            )
            try:
                async with asyncio.timeout(START_TIMEOUT_S):
                    await producer.start()
            except (KafkaError, TimeoutError) as error:
                self._retry_at = self._clock.monotonic() + RETRY_S
                await _stop(producer)
                raise LogUnavailable(type(error).__name__) from error
            self._producer = producer
            return producer

    async def _drop(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await _stop(producer)


class KafkaResponses:
    """`ResponseLog` on ``rung.responses``."""

    def __init__(self, writer: LogWriter, topic: str, partitions: int) -> None:
        self._writer = writer
        self._topic = topic
        self._partitions = partitions

    async def send(self, responses: Sequence[Responded]) -> None:
        """Send each to its account's partition."""
        await self._writer.write([self._message(response) for response in responses])

    def _message(self, response: Responded) -> Message:
        value, headers = encode(response)
        partition = partition_of(response.subject, self._partitions)
        return Message(self._topic, partition, response.subject.encode(), value, headers)


class KafkaDeadLetters:
    """`DeadLetters` on ``rung.dead-letters``."""

    def __init__(self, sender: DeadLetterSender) -> None:
        self._sender = sender

    async def send(self, record: Record, reason: DeadLetterReason, detail: str) -> None:
        """Send the record whole."""
        try:
            await self._sender.send(record, reason, detail)
        except KafkaError as error:
            raise LogUnavailable(type(error).__name__) from error


def _sendable(message: Message) -> tuple[object, ...]:
    """In the order of the client's own parameters; no time of our own."""
    return message.topic, message.value, message.key, message.partition, None, list(message.headers)


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        await stopped(producer, STOP_TIMEOUT_S)
    except (TimeoutError, KafkaError):
        log.info("producer cut off", client=type(producer).__name__)
