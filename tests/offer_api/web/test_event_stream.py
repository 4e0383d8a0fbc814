from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from services.offer_api.web.event_stream import EventStream, going_on

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Message, Receive, Scope, Send


class Held:
    """What a request was made of."""


class Asked:
    """One request for a stream, answered by an application that holds something in its frame."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.sent: list[Message] = []
        self.ended = 0
        self.left = False
        self.gone = asyncio.Event()
        self.asked_for = False
        self.held: weakref.ref[Held] | None = None

    async def items(self) -> AsyncGenerator[bytes]:
        yield b"first"
        await self.go.wait()
        if not self.left:
            yield b"second"

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = Held()
        self.held = weakref.ref(held)
        scope["state"]["request"] = held
        await EventStream(self.items(), bytes, self.leave, self.end)(scope, receive, send)

    async def __call__(self, scope: Scope) -> None:
        await going_on(self.app, scope, self.receive, self.send)

    def leave(self) -> None:
        self.left = True
        self.go.set()

    def end(self) -> None:
        self.ended += 1

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def receive(self) -> Message:
        if self.asked_for:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        self.asked_for = True
        return {"type": "http.request", "body": b"", "more_body": False}

    def bodies(self) -> list[bytes]:
        return [message["body"] for message in self.sent if message["type"] == "http.response.body"]


async def until_first(asked: Asked) -> None:
    while not asked.bodies():  # noqa: ASYNC110 - a list tells nobody
        await asyncio.sleep(0.001)


async def test_a_stream_that_is_idle_holds_nothing_of_the_request_that_began_it() -> None:
    asked = Asked()
    headers = [(b"authorization", b"Bearer secret")]
    scope: Scope = {"type": "http", "app": asked, "headers": headers}
    running = asyncio.create_task(asked(scope))
    await until_first(asked)
    gc.collect()
    assert asked.held is not None
    assert asked.held() is None
    # the server holds the list itself
    assert (headers, scope) == ([], {"type": "http", "state": {}})
    asked.go.set()
    await running
    assert asked.sent[0]["type"] == "http.response.start"
    assert (asked.bodies(), asked.ended) == ([b"first", b"second", b""], 1)


async def test_a_stream_that_is_idle_takes_one_task_beside_its_requests() -> None:
    asked, before = Asked(), len(asyncio.all_tasks())
    running = asyncio.create_task(asked({"type": "http"}))
    await until_first(asked)
    assert len(asyncio.all_tasks()) - before == 2
    asked.go.set()
    await running


async def test_a_stream_whose_reader_has_left_comes_to_its_end() -> None:
    asked = Asked()
    running = asyncio.create_task(asked({"type": "http"}))
    await until_first(asked)
    asked.gone.set()
    await asyncio.wait_for(running, 5)
    assert (asked.left, asked.ended, asked.bodies()) == (True, 1, [b"first", b""])


async def test_a_stream_whose_server_gives_up_is_ended() -> None:
    asked = Asked()
    running = asyncio.create_task(asked({"type": "http"}))
    await until_first(asked)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asked.ended == 1


async def test_a_stream_that_can_not_begin_is_ended() -> None:
    asked = Asked()

    async def broken(_: Message) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await going_on(asked.app, {"type": "http"}, asked.receive, broken)
    assert asked.ended == 1


async def test_a_stream_that_began_in_an_application_that_failed_is_ended() -> None:
    asked = Asked()

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await asked.app(scope, receive, send)
        raise ValueError("afterwards")

    with pytest.raises(ValueError, match="afterwards"):
        await going_on(failing, {"type": "http"}, asked.receive, asked.send)
    assert (asked.bodies(), asked.ended) == ([], 1)
