"""The emitter for programs without an event loop: the asynchronous one, on a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from rung_client.emitting import AsyncEmitter
from rung_client.events import Event

T = TypeVar("T")


class Emitter:
    """As `AsyncEmitter`, for any thread. Use as a context manager; make it after a fork, not before."""

    def __init__(
        self,
        bootstrap_servers: str,
        source: str,
        *,
        topic: str = "rung.usage",
        max_waiting: int = 10_000,
        kafka: Mapping[str, Any] | None = None,
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rung-emitter", daemon=True)
        self._thread.start()

        async def made() -> AsyncEmitter:
            return await AsyncEmitter(
                bootstrap_servers, source, topic=topic, max_waiting=max_waiting, kafka=kafka
            ).__aenter__()

        self._emitter = self._run(made())

    def __enter__(self) -> Self:
        """It has begun already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def emit(self, event: Event, timeout_s: float = 5.0) -> None:
        """As `AsyncEmitter.emit`."""
        self._run(self._emitter.emit(event, timeout_s))

    def flush(self, timeout_s: float = 30.0) -> None:
        """As `AsyncEmitter.flush`."""
        self._run(self._emitter.flush(timeout_s))

    def close(self, timeout_s: float = 10.0) -> None:
        """As `AsyncEmitter.close`."""
        try:
            self._run(self._emitter.close(timeout_s))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
