"""A wire that breaks: what the API says to a client is cut off after any number of bytes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncIterator, Sequence

PIECE = 65_536


class Wire:
    """Passes bytes on to any of ``ports``, and breaks while ``cuts`` is set.

    ``most``: bytes of an answer that come through at most.
    """

    def __init__(self, ports: Sequence[int], chance: random.Random, most: int) -> None:
        self.cuts = True
        self.cut = 0
        self._ports = ports
        self._chance = chance
        self._most = most

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its address, while the context is open."""
        open_now: set[asyncio.Task[None]] = set()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._connect(reader, writer))
            open_now.add(task)
            task.add_done_callback(open_now.discard)

        server = await asyncio.start_server(connect, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            left = tuple(open_now)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, asks = await asyncio.open_connection("127.0.0.1", self._chance.choice(self._ports))
        except OSError:
            writer.close()
            return
        asking = asyncio.create_task(_pass_on(reader, asks))
        try:
            with suppress(ConnectionError):
                await self._answer(answers, writer)
        finally:
            asking.cancel()
            for end in (writer, asks):
                end.transport.abort()
                end.close()
            await asyncio.gather(asking, return_exceptions=True)

    async def _answer(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._chance.randrange(self._most)
        while part := await answers.read(PIECE):
            if self.cuts and len(part) > left:
                writer.write(part[:left])
                await writer.drain()
                self.cut += 1
                return
            left -= len(part)
            writer.write(part)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await source.read(PIECE):
            sink.write(part)
