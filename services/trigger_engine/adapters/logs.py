"""Logs on Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.kit.kafka.reader import Reader
from services.trigger_engine.ports import Logs


class KafkaLogs:
    """Opens a reader of its own for each purpose."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._bootstrap = bootstrap
        self._client = client

    @asynccontextmanager
    async def __call__(self, purpose: str) -> AsyncIterator[Logs]:
        """A reader, closed at the end of the context."""
        async with Reader(self._bootstrap, f"{self._client}-{purpose}") as reader:
            yield reader
