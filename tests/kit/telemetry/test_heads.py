"""Slow heads of requests, written byte by byte over real connections."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from services.kit.telemetry.heads import PromptHeads
from services.kit.telemetry.listener import operators_app, serving
from tests.kit.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD_S = 0.3
HEAD = b"GET /healthz HTTP/1.1\r\nhost: here\r\n\r\n"
WELL = b"HTTP/1.1 200 OK"
SLOW = b"HTTP/1.1 408 Request Timeout"
STEP_S = 0.05
LATE_S = 5.0
"""Beyond all of this, and with patience for a busy machine."""


class Server:
    """The operators' listener, with how many it cut."""

    def __init__(self) -> None:
        self.port = free_port()
        self.cut = 0

    def count(self) -> None:
        self.cut += 1

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


@asynccontextmanager
async def served() -> AsyncIterator[Server]:
    server = Server()
    app = operators_app(CollectorRegistry(), lambda: None, lambda: None)
    async with serving(app, "127.0.0.1", server.port, slow_head=server.count):
        yield server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PromptHeads, "head_s", HEAD_S)


async def trickled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> bytes:
    """What comes back, to the end of the connection, while ``head`` is sent byte by byte and never ended."""
    whole = asyncio.create_task(reader.read())
    for byte in head:
        writer.write(bytes([byte]))
        await asyncio.sleep(STEP_S)
        if whole.done():
            break
    try:
        return await asyncio.wait_for(whole, LATE_S)
    finally:
        writer.close()


async def test_a_head_that_comes_byte_by_byte_is_cut_in_time_and_counted() -> None:
    async with served() as server:
        said = await trickled(*await server.connected(), HEAD[:-2] + b"x-more: " + b"x" * 100)
    assert (said.partition(b"\r\n")[0], server.cut) == (SLOW, 1)


async def test_a_connection_that_says_nothing_is_cut_without_a_word() -> None:
    async with served() as server:
        reader, writer = await server.connected()
        said = await asyncio.wait_for(reader.read(), LATE_S)
        writer.close()
    assert (said, server.cut) == (b"", 1)


@pytest.mark.parametrize("more", [HEAD[:-2] + b"x-more: " + b"x" * 100, b"\r\n" * 50], ids=["a head", "empty lines"])
async def test_a_connection_that_is_used_again_is_cut_as_well(more: bytes) -> None:
    async with served() as server:
        reader, writer = await server.connected()
        writer.write(HEAD)
        first = await reader.readuntil(b"ok\n")
        said = await trickled(reader, writer, more)
    assert (first.startswith(WELL), said.partition(b"\r\n")[0], server.cut) == (True, SLOW, 1)


async def test_a_head_in_two_parts_is_answered_and_so_is_the_next_on_its_connection() -> None:
    async with served() as server:
        reader, writer = await server.connected()
        for _ in range(3):
            writer.write(HEAD[:20])
            await asyncio.sleep(STEP_S)
            writer.write(HEAD[20:])
            assert (await reader.readuntil(b"ok\n")).startswith(WELL)
            # the time of the head before is over meanwhile, and of no account
            await asyncio.sleep(HEAD_S * 1.5)
        writer.close()
    assert server.cut == 0


async def test_an_answer_may_take_longer_than_a_head() -> None:
    async def slow(scope: object, receive: object, send: object) -> None:
        del scope, receive
        await asyncio.sleep(HEAD_S * 2)
        assert callable(send)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
        await send({"type": "http.response.body", "body": b"ok\n"})

    server = Server()
    async with serving(slow, "127.0.0.1", server.port, slow_head=server.count):
        reader, writer = await server.connected()
        writer.write(HEAD)
        assert (await reader.readuntil(b"ok\n")).startswith(WELL)
        writer.close()
    assert server.cut == 0
