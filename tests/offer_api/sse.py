"""Read server-sent events as a browser does."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

WAIT_S = 15


@dataclass(frozen=True)
class Event:
    """``id`` is None when the event has no such line."""

    name: str
    data: dict[str, Any]
    id: str | None

    def brief(self) -> tuple[str, str]:
        """The event's name, or why an offer is gone; and the offer."""
        return (self.data.get("why", self.name), self.data.get("id", ""))


class Reading:
    """One open stream. ``retry_ms`` is what it asked for."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.retry_ms = 0
        self._lines = response.aiter_lines()

    async def next(self) -> Event:
        """The next event; comments are passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                fields = await self._fields()
                self.retry_ms = int(fields.get("retry", self.retry_ms))
                if "event" in fields:
                    return Event(fields["event"], json.loads(fields["data"]), fields.get("id"))

    async def several(self, count: int) -> list[Event]:
        return [await self.next() for _ in range(count)]

    async def is_over(self) -> bool:
        """Read to the end; fails when there is another event."""
        try:
            event = await self.next()
        except StopAsyncIteration:
            return True
        raise AssertionError(f"the stream goes on with {event}")

    async def _fields(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while line := await anext(self._lines):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        return fields


@asynccontextmanager
async def reading(
    http: httpx.AsyncClient, path: str, headers: dict[str, str], last_id: str | None = None
) -> AsyncIterator[Reading]:
    """Open a stream, going on after ``last_id``."""
    sent = headers if last_id is None else {**headers, "last-event-id": last_id}
    async with http.stream("GET", path, headers=sent) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Reading(response)
