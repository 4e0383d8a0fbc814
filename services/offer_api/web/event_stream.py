"""A response that goes on: written item by item, ended when its reader leaves or does not read any more."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, Generic, TypeVar

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

log = structlog.get_logger()

Item = TypeVar("Item")

GOING: Final = "going"
"""Under which a stream that has begun lies in the request's state."""

NEEDED: Final = {"type", "asgi", "http_version", "server", "client", "scheme", "method", "path", "state"}
"""What servers look at after a response has begun."""

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
        """Begin; `Going` does the rest, once everybody has had their say about the headers."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        except BaseException:
            await self.abandon()
            raise
        scope["state"][GOING] = self

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Write items until there are no more or the reader leaves."""
        writing = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not writing.done():
                writing.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)
            await self.abandon()
        if not writing.cancelled():
            writing.result()

    async def abandon(self) -> None:
        """Nothing more will be written."""
        self._ended()
        await self._items.aclose()

    async def _send_all(self, send: Send) -> None:
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


class Going:
    """Goes on with an event stream after the application has returned.

    A stream may be idle for minutes, and there are thousands. Inside the application each would hold the frames of all
    that it passed on its way there, and what its request was made of: half of what it takes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application, outside all others."""
        state = scope.setdefault("state", {})
        try:
            await self._app(scope, receive, send)
        except BaseException:
            if (begun := state.pop(GOING, None)) is not None:
                await begun.abandon()
            raise
        if (stream := state.pop(GOING, None)) is not None:
            state.clear()
            for name in set(scope) - NEEDED:
                del scope[name]
            await stream.go_on(receive, send)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
