"""Emit events to Kafka: kept in memory until the broker has them, sent in batches, tried again."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from rung_client.events import Event
from rung_client.tracing import traceparent

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = ("content-type", b"application/cloudevents+json")
CHUNK: Final = 1_000
"""Events on their way at once."""

BATCH_BYTES: Final = 256 * 1024
LINGER_MS: Final = 5
"""The client sends one batch a partition at a time: larger ones, gathered for a moment, make the most of it."""

ANSWER_S: Final = 15.0
"""Longest wait for the broker's word on a chunk; an idempotent producer alone would wait for ever."""

FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 10.0
"""Between two tries; doubled, with chance in it."""


class NoRoom(Exception):
    """So many events wait for Kafka that there was no room for another in time: it was not taken."""


class NotDelivered(Exception):
    """Kafka has not said that it has these events. They may have arrived; emitted again, each counts once.

    Attributes:
        events: What was not acknowledged, in order.
    """

    def __init__(self, events: tuple[Event, ...]) -> None:
        self.events = events
        super().__init__(f"{len(events)} events")


class Waiting(NamedTuple):
    """An event, and the message made of it."""

    event: Event
    value: bytes
    headers: list[tuple[str, bytes]]


class AsyncEmitter:
    """Emits events of one ``source``, in the order given. Use as an async context manager.

    It begins without Kafka and goes on when Kafka is back. An account's partition is murmur2 of its id, as Rung wants
    it. ``max_waiting``: events kept in memory at most. ``kafka``: further settings of ``AIOKafkaProducer``, such as
    ``security_protocol``.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        source: str,
        *,
        topic: str = "rung.usage",
        max_waiting: int = 10_000,
        kafka: Mapping[str, Any] | None = None,
    ) -> None:
        self._source = source
        self._topic = topic
        self._max_waiting = max_waiting
        self._settings: dict[str, Any] = {
            "bootstrap_servers": bootstrap_servers,
            "client_id": "rung-client",
            "enable_idempotence": True,
            "acks": "all",
            "linger_ms": LINGER_MS,
            "max_batch_size": BATCH_BYTES,
            **(kafka or {}),
        }
        self._waiting: deque[Waiting] = deque()
        self._changed = asyncio.Condition()
        self._producer: AIOKafkaProducer | None = None
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to send."""
        self._sending = asyncio.create_task(self._send_all())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def emit(self, event: Event, timeout_s: float = 5.0) -> None:
        """Take ``event``; it is in Kafka when `flush` or `close` return. Raises ``EventRefused``, `NoRoom`.

        In a program that uses OpenTelemetry, what comes of it belongs to the trace at hand.
        """
        waiting = Waiting(event, event.written(self._source), _headers())
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: len(self._waiting) < self._max_waiting)
                self._waiting.append(waiting)
                self._changed.notify_all()
        except TimeoutError as late:
            raise NoRoom from late

    async def flush(self, timeout_s: float = 30.0) -> None:
        """Return when Kafka has all that was emitted. Raises `NotDelivered`; what it names is still tried again."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: not self._waiting)
        except TimeoutError as late:
            raise NotDelivered(self._events()) from late

    async def close(self, timeout_s: float = 10.0) -> None:
        """Send what waits, and end. Raises `NotDelivered`."""
        try:
            await self.flush(timeout_s)
        finally:
            if self._sending is not None:
                self._sending.cancel()
                with suppress(asyncio.CancelledError):
                    await self._sending
            await self._drop()

    def _events(self) -> tuple[Event, ...]:
        return tuple(waiting.event for waiting in self._waiting)

    async def _send_all(self) -> None:
        failures = 0
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
                chunk = list(islice(self._waiting, CHUNK))
            try:
                await self._send(chunk)
            except (KafkaError, TimeoutError) as fault:
                log.warning("events wait for Kafka: %s", type(fault).__name__)
                await self._drop()
                wait_s = min(FIRST_WAIT_S * 2**failures, LONGEST_WAIT_S)
                await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing
                failures = min(failures + 1, 16)
                continue
            failures = 0
            async with self._changed:
                for _ in chunk:
                    self._waiting.popleft()
                self._changed.notify_all()

    async def _send(self, chunk: list[Waiting]) -> None:
        """All of ``chunk`` or an error; what arrived before it is recognised when it comes again."""
        async with asyncio.timeout(ANSWER_S):
            producer = await self._started()
            # the default partitioner is murmur2 of the key, as in the Java client
            sent = [
                await producer.send(self._topic, waiting.value, waiting.event.account.encode(), headers=waiting.headers)
                for waiting in chunk
            ]
            await asyncio.gather(*sent)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(**self._settings)
            try:
                await producer.start()
            except BaseException:
                await _stop(producer)
                raise
            self._producer = producer
        return self._producer

    async def _drop(self) -> None:
        """A producer that failed is not used again: after some faults it never recovers."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _stop(producer)


def _headers() -> list[tuple[str, bytes]]:
    told = traceparent()
    return [CONTENT_TYPE] if told is None else [CONTENT_TYPE, ("traceparent", told.encode())]


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(2):
            await producer.stop()
    except (TimeoutError, KafkaError):
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(2):
                await producer._sender.close()  # noqa: SLF001 - its own stop waits for a broker that is gone
                await producer.client.close()
