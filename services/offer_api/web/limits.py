"""How much a request may bring, and how long it may take to bring it."""

import asyncio
import re
import zlib
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.envelope import MAX_ID_BYTES
from services.offer_api.web.errors import BY_STATUS, MALFORMED, Problem, response_for
from services.offer_api.web.models import MAX_RESPONSES

FIELDS: Final = 8
MAX_BODY_BYTES: Final = MAX_RESPONSES * FIELDS * MAX_ID_BYTES
"""A full list of responses with the longest ids: 200 KiB; also of a body that comes compressed, when it is not."""

MAX_ADDRESS_BYTES: Final = 16 * 1024
"""Path and query: an account, a user and 32 placements with the longest ids, each byte written as three."""

MAX_HEADERS_BYTES: Final = 16 * 1024
"""A token has at most 4 KiB; the rest is what browsers and proxies add."""

MAX_DEPTH: Final = 8
"""Of a list of responses: 2."""

BODY_S: Final = 10.0
"""Longest time for a whole body, in seconds: 200 KiB over a bad connection."""

WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKETS: Final = re.compile(rb"[\[\]{}]")
GZIP: Final = zlib.MAX_WBITS | 16


class Unfit(Exception):
    """A body that is not read any further.

    Attributes:
        problem: Why.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)


class BoundedRequest:
    """Reads a body whole before anybody else does: in time, within bounds, inflated, and not too deep."""

    def __init__(self, app: ASGIApp, body_s: float = BODY_S) -> None:
        self._app = app
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_head(scope)
            if scope["method"] not in WITHOUT_BODY:
                scope, receive = await self._with_body(scope, receive)
        except Unfit as unfit:
            # the rest of the body is not read, so the connection is of no more use
            await response_for(unfit.problem, headers={"connection": "close"})(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        try:
            async with asyncio.timeout(self._body_s):
                raw = await _read(receive)
        except TimeoutError:
            raise Unfit(BY_STATUS[408]) from None
        body = _inflated(raw, Headers(scope=scope).get("content-encoding", "identity").strip().lower())
        if depth(body) > MAX_DEPTH:
            raise Unfit(MALFORMED)
        plain = [one for one in scope["headers"] if one[0] not in (b"content-encoding", b"content-length")]
        length = (b"content-length", str(len(body)).encode())
        return {**scope, "headers": [*plain, length]}, _replayed(body, receive)


def _check_head(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS_BYTES:
        raise Unfit(BY_STATUS[414])
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS_BYTES:
        raise Unfit(BY_STATUS[431])


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise Unfit(BY_STATUS[413])
        if not message.get("more_body", False):
            return bytes(body)


def _inflated(raw: bytes, encoding: str) -> bytes:
    if encoding == "identity":
        return raw
    if encoding != "gzip":
        raise Unfit(BY_STATUS[415])
    inflating = zlib.decompressobj(GZIP)
    try:
        body = inflating.decompress(raw, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise Unfit(MALFORMED) from None
    if len(body) > MAX_BODY_BYTES:
        raise Unfit(BY_STATUS[413])
    if not inflating.eof or inflating.unused_data:
        raise Unfit(MALFORMED)
    return body


def depth(body: bytes) -> int:
    """How deep the lists and objects of a JSON text go; of what is no JSON, some number."""
    deepest = now = 0
    for bracket in BRACKETS.findall(STRINGS.sub(b"", body)):
        now += 1 if bracket in b"[{" else -1
        deepest = max(deepest, now)
    return deepest


def _replayed(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
