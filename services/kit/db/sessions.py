"""Sessions: one request or one batch is one transaction, opened and committed here and nowhere else."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import CursorResult, Executable, QueuePool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.db.engine import Pool, make_engine
from services.kit.db.faults import DatabaseAway, telling_away
from services.kit.db.kept import KeptConnections

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""One set of named values, or one for each row."""


class ReadSession:
    """A transaction that can only read; PostgreSQL itself refuses a write in it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]:
        """Run one statement. Raises `DatabaseAway` when the database is."""
        with telling_away():
            return await self._connection.execute(statement, parameters)


class WriteSession(ReadSession):
    """A transaction that may write. Whoever only reads asks for a `ReadSession`, and may be given this one."""


class Database:
    """The one way to PostgreSQL of a process.

    Nothing is connected before the first session. While the database is away every session raises `DatabaseAway`, at
    its first statement at the latest: then nothing, or (when the commit's answer was lost) all of it took effect.
    """

    def __init__(self, url: str, schema: str, service: str, pool: Pool | None = None, role: str | None = None) -> None:
        self.schema = schema
        self._engine: AsyncEngine = make_engine(url, schema, service, pool, role)
        self._kept = KeptConnections(url, schema, service, pool or Pool(), role)

    def in_use(self) -> int:
        """Connections that sessions and statements hold just now."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 - `make_engine` makes no other
        return pool.checkedout() + self._kept.in_use

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A session whose statements all see one state of the database."""
        async with self._transaction(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def reading_alike(self, sessions: int) -> AsyncIterator[Sequence[ReadSession]]:
        """So many sessions that all see the same state of the database: it can be asked several things at once."""
        async with AsyncExitStack() as opened:
            first = await opened.enter_async_context(self.reading())
            state = (await first.execute(text("select pg_export_snapshot()"))).scalar_one()
            others = [await opened.enter_async_context(self.reading()) for _ in range(sessions - 1)]
            for other in others:
                await other.execute(text(f"set transaction snapshot '{state}'"))
            yield [first, *others]

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """A session that commits when its block ends, and rolls back when an exception leaves it."""
        async with self._transaction(isolation_level="READ COMMITTED", postgresql_readonly=False) as connection:
            yield WriteSession(connection)

    async def fetch(self, statement: str, *values: object) -> Sequence[asyncpg.Record]:
        """The rows of one statement that reads; the quickest way, see `KeptConnections`. Raises `DatabaseAway`."""
        return await self._kept.fetch(statement, *values)

    @asynccontextmanager
    async def _transaction(self, **options: Any) -> AsyncIterator[AsyncConnection]:
        # only the database's own calls are translated: an OSError of the block is the block's
        async with AsyncExitStack() as opened:
            with telling_away():
                connection = await opened.enter_async_context(self._engine.connect())
                connection = await connection.execution_options(**options)
                transaction = await connection.begin()
            try:
                yield connection
            except BaseException:
                with suppress(DatabaseAway), telling_away():
                    await transaction.rollback()
                raise
            with telling_away():
                await transaction.commit()

    async def close(self) -> None:
        """Close the pool; sessions still open end with an error."""
        await self._kept.close()
        await self._engine.dispose()
