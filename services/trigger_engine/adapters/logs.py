"""Logs on Kafka."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from aiokafka.errors import KafkaError
from typing_extensions import override

from services.kit.kafka.reader import Bounds, Log, Reader, Record
from services.trigger_engine.ports import Away, Logs


@contextmanager
def _told() -> Iterator[None]:
    """The client's faults in the runtime's words."""
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        raise Away(repr(error)) from error


class KafkaReading(Logs):
    """One reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        self._reader.assign(positions)

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> dict[Log, list[Record]]:
        with _told():
            return await self._reader.read(timeout_ms, limit)

    @override
    def position(self, log: Log) -> int | None:
        return self._reader.position(log)

    @override
    def at_end(self, log: Log) -> bool:
        return self._reader.at_end(log)

    @override
    async def bounds(self, log: Log) -> Bounds:
        with _told():
            return await self._reader.bounds(log)


class KafkaLogs:
    """Opens a reader of its own for each purpose."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._bootstrap = bootstrap
        self._client = client

    @asynccontextmanager
    async def __call__(self, purpose: str) -> AsyncIterator[Logs]:
        """A reader, closed at the end of the context."""
        reader = Reader(self._bootstrap, f"{self._client}-{purpose}")
        with _told():
            await reader.__aenter__()
        try:
            yield KafkaReading(reader)
        finally:
            await reader.__aexit__(None, None, None)
