"""Connections kept for single statements: one way to the server and back, where a transaction takes four."""

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg

from services.kit.db.engine import Pool, connect_args
from services.kit.db.faults import DatabaseAway, telling_away

LOST: Final = (
    ConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver makes of a goodbye that it has read and nobody waited for
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
"""What a statement raises on a connection that is gone, or that was going before it was sent."""


class KeptConnections:
    """At most ``pool.size`` connections of the driver's own, each made when no other is free.

    Every statement is a transaction of its own, which can only read. Nothing is asked before a connection is used
    again: that it was cut meanwhile shows with the statement, which is then run on another one.
    """

    def __init__(self, url: str, schema: str, service: str, pool: Pool, role: str | None) -> None:
        self._options = connect_args(url, schema, service, pool, role)
        self._options["server_settings"]["default_transaction_read_only"] = "on"
        self._wait_s = pool.wait_s
        self._places = asyncio.Semaphore(pool.size)
        self._free: list[asyncpg.Connection] = []
        self.in_use = 0

    async def fetch(self, statement: str, *values: object) -> Sequence[asyncpg.Record]:
        """The rows of ``statement``, whose ``$1`` and so on are ``values``. Raises `DatabaseAway`."""
        with telling_away():
            await self._place()
            self.in_use += 1
            try:
                return await self._fetched(statement, values)
            except asyncpg.InterfaceError as error:
                raise DatabaseAway(str(error)) from error
            finally:
                self.in_use -= 1
                self._places.release()

    async def close(self) -> None:
        """Close those that are free; one in use ends with its statement."""
        while self._free:
            self._free.pop().terminate()

    async def _place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # at once: a time limit would cost more than it
            return
        async with asyncio.timeout(self._wait_s):
            await self._places.acquire()

    async def _fetched(self, statement: str, values: tuple[object, ...]) -> Sequence[asyncpg.Record]:
        while self._free:
            try:
                return await self._on(self._free.pop(), statement, values)
            except LOST:
                continue
        return await self._on(await asyncpg.connect(**self._options), statement, values)

    async def _on(
        self, connection: asyncpg.Connection, statement: str, values: tuple[object, ...]
    ) -> Sequence[asyncpg.Record]:
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
        except BaseException:
            # in which state it is nobody knows
            connection.terminate()
            raise
        self._free.append(connection)
        return rows
