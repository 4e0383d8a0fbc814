"""A page that follows its account over bare HTTP, comes back when it is cut off, and remembers all that it was told."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.offer_api.running import LOCALHOST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

AT_ONCE_S = 0.0
REFUSED_S = 0.5
"""A page whose answer was not 200 waits this long, or as long as it was told."""


class Moment(NamedTuple):
    """What was on the screen once the change at ``offset`` was told: titles by offer."""

    offset: int
    shows: dict[str, str]


class Refused(Exception):
    """The answer was not a stream."""

    def __init__(self, status: int, retry_after_s: float) -> None:
        self.status = status
        self.retry_after_s = retry_after_s
        super().__init__(status)


@dataclass
class Page:
    """One reader of one account. ``patient``: it waits as long as the API asks it to before it comes back.

    ``breaks`` counts streams that ended without their end, ``torn`` those of them that broke within an event, ``anew``
    how often everything had to be forgotten. ``foreign`` and ``twice`` are told what must never come.
    """

    account: str
    token: str
    patient: bool = True
    shows: dict[str, str] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    reads_from: int | None = None
    breaks: int = 0
    torn: int = 0
    anew: int = 0
    _last_id: str = ""
    _retry_s: float = 1.0

    @property
    def reached(self) -> int:
        """Offset of the newest change that it knows of; -1 when it knows of none."""
        return int(self._last_id.partition("-")[2]) if self._last_id else -1

    async def follow(self, ports: Sequence[int]) -> None:
        """Read until cancelled, from the first of ``ports`` that takes the connection, as a load balancer would do."""
        while True:
            wait_s = self._retry_s if self.patient else AT_ONCE_S
            try:
                await self._read(ports)
            except (OSError, asyncio.IncompleteReadError) as broken:
                self.breaks += 1
                self.torn += bool(isinstance(broken, asyncio.IncompleteReadError) and broken.partial)
            except Refused as refused:
                self.refused.append(refused.status)
                wait_s = max(wait_s, refused.retry_after_s)
            finally:
                self.reads_from = None
            await asyncio.sleep(wait_s)

    async def _read(self, ports: Sequence[int]) -> None:
        reader, writer, port = await _connected(ports)
        try:
            last = f"last-event-id: {self._last_id}\r\n" if self._last_id else ""
            writer.write(
                f"GET /v1/accounts/{self.account}/offers/stream HTTP/1.1\r\nhost: {LOCALHOST}\r\n"
                f"authorization: Bearer {self.token}\r\n{last}\r\n".encode()
            )
            _check(await reader.readuntil(b"\r\n\r\n"))
            self.reads_from = port
            text = ""
            while (size := int(await reader.readuntil(b"\r\n"), 16)) > 0:
                text += (await reader.readexactly(size)).decode()
                *events, text = text.split("\n\n")
                for event in events:
                    self._hear(dict(_field(line) for line in event.splitlines()))
                await reader.readexactly(len(b"\r\n"))
        finally:
            writer.transport.abort()
            writer.close()

    def _hear(self, event: dict[str, str]) -> None:
        self._retry_s = int(event.get("retry", self._retry_s * 1_000)) / 1_000
        if event.get("event") == "resync":
            self.anew += 1
            self.shows.clear()
            self._last_id = ""
        elif "event" in event:
            self._change(event["event"], json.loads(event["data"]))
            self._pass(event)

    def _change(self, name: str, data: dict[str, Any]) -> None:
        if not data["id"].startswith(f"{self.account}/"):
            self.foreign.append(data["id"])
        if name == "offer":
            self.shows[data["id"]] = data["content"]["title"]
        else:
            self.shows.pop(data["id"], None)

    def _pass(self, event: dict[str, str]) -> None:
        before = self.reached
        if "id" in event:
            self._last_id = event["id"]
            if self.reached <= before:
                self.twice.append(event["data"])
            self.moments.append(Moment(self.reached, dict(self.shows)))


@asynccontextmanager
async def following(pages: Sequence[Page], ports: Sequence[int]) -> AsyncIterator[None]:
    """All ``pages`` read while the context is open. What surprises one of them is raised at the end."""
    reading = [asyncio.create_task(page.follow(ports)) for page in pages]
    try:
        yield
    finally:
        for task in reading:
            task.cancel()
        ends = await asyncio.gather(*reading, return_exceptions=True)
    surprises = [end for end in ends if not isinstance(end, asyncio.CancelledError)]
    assert not surprises, surprises


async def _connected(ports: Sequence[int]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int]:
    *others, last = ports
    for port in others:
        try:
            return *await asyncio.open_connection(LOCALHOST, port), port
        except ConnectionRefusedError:
            continue
    return *await asyncio.open_connection(LOCALHOST, last), last


def _check(head: bytes) -> None:
    status, *headers = head.decode().lower().splitlines()
    code = int(status.split()[1])
    if code != 200:
        after = [line.partition(":")[2] for line in headers if line.startswith("retry-after:")]
        raise Refused(code, float(after[0]) if after else REFUSED_S)


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")
