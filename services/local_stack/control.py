"""How a stack is told what to do: one JSON line to the supervisor's socket, one back when it is done."""

from __future__ import annotations

import asyncio
import os
import socket
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from services.local_stack.errors import NotRunning, Refused, StackError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from services.local_stack.places import StackPlace

# seconds; longer than the longest start or stop of a part
_ANSWER_S: Final = 120.0


class Verb(StrEnum):
    """What can be asked."""

    START = "start"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    DOWN = "down"


class Request(msgspec.Struct, frozen=True):
    """One order. ``part`` is empty for the whole stack."""

    do: Verb
    part: str = ""
    stay_down: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What became of it: an empty error means done."""

    error: str = ""


def ask(place: StackPlace, request: Request) -> None:
    """Have the stack's supervisor do it, and wait until it is done.

    Raises:
        NotRunning: nobody listens.
        Refused: the supervisor says why it did not.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(_ANSWER_S)
        try:
            _connect(line, place.socket)
            line.sendall(msgspec.json.encode(request) + b"\n")
            with line.makefile("rb") as answers:
                received = answers.readline()
        except (FileNotFoundError, ConnectionError):  # never was, is gone, goes while we speak
            raise NotRunning(place.name) from None
    if not received:  # it ended before it could answer: what DOWN leads to, and nothing else should
        if request.do is Verb.DOWN:
            return
        raise NotRunning(place.name)
    answer = msgspec.json.decode(received, type=Answer)
    if answer.error:
        raise Refused(answer.error)


def _connect(line: socket.socket, path: Path) -> None:
    """Connect through a descriptor of the directory: the path itself may exceed the 107 bytes of an address."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        line.connect(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)


async def listen(path: Path, handle: Callable[[Request], Awaitable[None]]) -> asyncio.Server:
    """Serve requests, in the working directory of the process, to its own user only."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = msgspec.json.decode(await reader.readline(), type=Request)
            await handle(request)
            answer = Answer()
        except (StackError, msgspec.DecodeError) as error:
            answer = Answer(str(error))
        writer.write(msgspec.json.encode(answer) + b"\n")
        writer.close()

    previous = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(serve, path.name)
    finally:
        os.umask(previous)
