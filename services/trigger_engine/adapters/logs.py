"""Logs on Kafka."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from aiokafka.errors import KafkaError
from typing_extensions import override

from services.kit.clock import MS_PER_S
from services.kit.kafka.reader import Bounds, Log, Raw, Reader
from services.trigger_engine.ports import Away, Logs


@contextmanager
def _told() -> Iterator[None]:
    """The client's faults in the runtime's words."""
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        raise Away(repr(error)) from error


class KafkaReading(Logs):
    """Reads each topic through a client of its own.

    The client asks a broker for one thing at a time. While it waits there for news of a log that is at its end, half a
    second, nothing can be fetched of another that has plenty.
    """

    def __init__(self, bootstrap: str, client: str, questions: Reader, stack: AsyncExitStack) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self._questions = questions
        self._stack = stack
        self._readers: dict[str, Reader] = {}
        self._to_start: dict[str, dict[Log, int]] = {}

    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        by_topic: dict[str, dict[Log, int]] = {}
        for log, offset in positions.items():
            by_topic.setdefault(log.topic, {})[log] = offset
        for topic, reader in self._readers.items():
            reader.assign(by_topic.pop(topic, {}))
        self._to_start = by_topic

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> Mapping[Log, Sequence[Raw]]:
        with _told():
            if self._to_start:
                await self._start()
            found = await self._now(limit)
            return found if found or not timeout_ms else await self._wait(timeout_ms, limit)

    async def _now(self, limit: int | None) -> dict[Log, Sequence[Raw]]:
        """At most ``limit`` records of all logs together. Who gave some is asked last the next time."""
        found: dict[Log, Sequence[Raw]] = {}
        left = limit
        for topic, reader in list(self._readers.items()):
            if left == 0:
                break
            chunks = await reader.chunks(0, left)
            if chunks:
                found.update(chunks)
                self._readers[topic] = self._readers.pop(topic)
                left = None if left is None else left - sum(map(len, chunks.values()))
        return found

    async def _start(self) -> None:
        for topic, positions in self._to_start.items():
            reader = Reader(self._bootstrap, f"{self._client}-{topic}")
            self._readers[topic] = await self._stack.enter_async_context(reader)
            reader.assign(positions)
        self._to_start = {}

    async def _wait(self, timeout_ms: int, limit: int | None) -> dict[Log, Sequence[Raw]]:
        """What comes first. Nothing is taken while we wait, so that no position runs ahead of what is returned."""
        waits = [reader.news() for reader in self._readers.values()]
        try:
            found = await self._now(limit)  # what came after we looked, and before there was anything to wait with
            if not found:
                await asyncio.wait(waits, timeout=timeout_ms / MS_PER_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return found or await self._now(limit)

    @override
    def position(self, log: Log) -> int | None:
        reader = self._readers.get(log.topic)
        return self._to_start.get(log.topic, {}).get(log) if reader is None else reader.position(log)

    @override
    def at_end(self, log: Log) -> bool:
        reader = self._readers.get(log.topic)
        return reader is not None and reader.at_end(log)

    @override
    async def bounds(self, log: Log) -> Bounds:
        with _told():
            return await self._questions.bounds(log)


class KafkaLogs:
    """Opens a reader of its own for each purpose."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._bootstrap = bootstrap
        self._client = client

    @asynccontextmanager
    async def __call__(self, purpose: str) -> AsyncIterator[Logs]:
        """A reader, closed at the end of the context."""
        client = f"{self._client}-{purpose}"
        async with AsyncExitStack() as stack:
            with _told():
                questions = await stack.enter_async_context(Reader(self._bootstrap, client))
            yield KafkaReading(self._bootstrap, client, questions, stack)
