"""HTTP as uvicorn speaks it, and a bound on how long it waits for the head of a request."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = structlog.get_logger()

TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class PromptHeads(HttpToolsProtocol):
    """One connection, cut when the head of a request is not there in time.

    Time begins with the connection, and on one that is used again with the first byte after an answer; how long it may
    say nothing in between is uvicorn's to bound. uvicorn itself waits for a head for ever, however little comes of it.
    """

    __slots__ = ("_cut", "_due")  # there are thousands, and one more name would give each a dictionary of its own

    head_s: float = 10.0
    """Longest time for a head, in seconds: 16 KiB over a bad connection."""

    def __init__(self, cut: Callable[[], None], *args: Any, **kwargs: Any) -> None:
        """``cut`` is called of each that was; what follows is uvicorn's."""
        super().__init__(*args, **kwargs)
        self._cut = cut
        self._due: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._due = self.loop.call_later(self.head_s, self._too_slow)

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # there is none before the first; one that is not answered yet had a whole head
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr]  # as uvicorn has it
            self._stop_waiting()
        elif self._due is None:
            self._due = self.loop.call_later(self.head_s, self._too_slow)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _too_slow(self) -> None:
        log.info("slow head cut", port=self.config.port, waited_s=self.head_s)
        self._cut()
        if self.scope is not None:  # who has not begun to ask is not answered: browsers open connections to have them
            self.transport.write(TOO_SLOW)
        self.transport.close()
