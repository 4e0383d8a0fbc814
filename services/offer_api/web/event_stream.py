"""A response that goes on: written item by item, ended when its reader leaves or does not read any more."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, Generic, NamedTuple, TypeVar

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

    Calls ``left`` when its reader has gone: ``items`` must then come to an end. Closes ``items`` and calls ``ended``
    however it ends.
    """

    def __init__(
        self,
        items: AsyncGenerator[Item],
        write: Callable[[Item], bytes],
        left: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        # a proxy that collected events before it hands them on would defeat the purpose
        super().__init__(
            headers={"cache-control": "no-store", "x-accel-buffering": "no"}, media_type="text/event-stream"
        )
        del self.headers["content-length"]
        self._going = _Going(items, write, left, ended)

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin; `going_on` does the rest, once everybody has had their say about the headers."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        except BaseException:
            await self._going.abandon()
            raise
        scope["state"][GOING] = self._going


class _Going(NamedTuple, Generic[Item]):
    """What is left of an `EventStream` that has begun."""

    items: AsyncGenerator[Item]
    write: Callable[[Item], bytes]
    left: Callable[[], None]
    ended: Callable[[], None]

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Write items until there are no more or nobody reads them."""
        leaving = asyncio.create_task(self._until_left(receive))
        try:
            async for item in self.items:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await send({"type": "http.response.body", "body": self.write(item), "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("reader does not read")
        finally:
            leaving.cancel()
            await self.abandon()

    async def abandon(self) -> None:
        """Nothing more will be written."""
        self.ended()
        await self.items.aclose()

    async def _until_left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left()


async def going_on(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Call ``app``, and go on with the event stream that it has begun, if it has, after it has returned.

    A stream may be idle for minutes, and there are thousands. Inside the application each would hold the frames of all
    that it passed on its way there, and what its request was made of: half of what it takes.
    """
    state = scope.setdefault("state", {})
    try:
        await app(dict(scope), receive, send)
    except BaseException:
        if (begun := state.pop(GOING, None)) is not None:
            await begun.abandon()
        raise
    if (stream := state.pop(GOING, None)) is not None:
        state.clear()
        # the server has the same list at hand, with the token in it
        scope.pop("headers", []).clear()
        for name in set(scope) - NEEDED:
            del scope[name]
        await stream.go_on(receive, send)
