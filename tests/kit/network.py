"""A network between a client and a server that can be cut and frozen, so that a shared server can seem to be away."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Network:
    """Forwards 127.0.0.1:``port`` to a server."""

    def __init__(self, host: str, server_port: int) -> None:
        self._host = host
        self._server_port = server_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._lets_say = 0
        self.port = 0
        self.connections = 0

    async def up(self) -> None:
        """Accept connections, on the same port each time."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break all connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def freeze(self) -> None:
        """Keep connections, and let nothing through."""
        self._flowing.clear()

    def freeze_after(self, said: int) -> None:
        """Freeze once so many more requests of clients have gone through; the last one has no answer."""
        self._lets_say = said

    @property
    def frozen(self) -> bool:
        """Whether nothing is let through."""
        return not self._flowing.is_set()

    def thaw(self) -> None:
        """Let through what waited."""
        self._flowing.set()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        to_server = await asyncio.open_connection(self._host, self._server_port)
        pumps = [
            asyncio.create_task(self._pump(reader, to_server[1], self._hear)),
            asyncio.create_task(self._pump(to_server[0], writer)),
        ]
        self._tasks.update(pumps)
        for pump in pumps:
            pump.add_done_callback(self._tasks.discard)

    def _hear(self) -> None:
        if self._lets_say:
            self._lets_say -= 1
            if not self._lets_say:
                self.freeze()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hear: Callable[[], None] = lambda: None
    ) -> None:
        self._open.add(writer)
        try:
            with suppress(OSError):
                while data := await reader.read(65_536):
                    await self._flowing.wait()
                    hear()
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.transport.abort()
            self._open.discard(writer)


@asynccontextmanager
async def network_to(url: str) -> AsyncIterator[tuple[Network, str]]:
    """A network in front of the server of ``url``, and the URL that leads through it."""
    parts = urlsplit(url)
    network = Network(parts.hostname or "127.0.0.1", parts.port or 5432)
    await network.up()
    user = parts.netloc.rpartition("@")[0]
    through = f"{user}@127.0.0.1:{network.port}" if user else f"127.0.0.1:{network.port}"
    try:
        yield network, urlunsplit(parts._replace(netloc=through))
    finally:
        network.thaw()
        await network.cut()
