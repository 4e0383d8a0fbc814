"""A response that goes on: written item by item, ended when its reader leaves or does not read any more."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, Generic, TypeVar

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

log = structlog.get_logger()

Item = TypeVar("Item")

WRITE_TIMEOUT_S: Final = 20.0
"""Longest wait for a reader whose buffers are full; beyond one keep-alive."""


class EventStream(Response, Generic[Item]):
    """Server-sent events from ``items``; ``write`` makes bytes of each.

    Closes ``items`` and calls ``ended`` however it ends.
    """

    def __init__(self, items: AsyncGenerator[Item], write: Callable[[Item], bytes], ended: Callable[[], None]) -> None:
        # a proxy that collected events before it hands them on would defeat the purpose
        super().__init__(
            headers={"cache-control": "no-store", "x-accel-buffering": "no"}, media_type="text/event-stream"
        )
        del self.headers["content-length"]
        self._items = items
        self._write = write
        self._ended = ended

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not writing.done():
                writing.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)
            self._ended()
            await self._items.aclose()
        if not writing.cancelled():
            writing.result()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for item in self._items:
            body = self._write(item)
            try:
                await asyncio.wait_for(
                    send({"type": "http.response.body", "body": body, "more_body": True}), WRITE_TIMEOUT_S
                )
            except TimeoutError:
                log.info("reader does not read")
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
