"""Sessions of one account: PostgreSQL itself gives them no row of another, whatever a statement asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text

from services.kit.db.sessions import Database, ReadSession, WriteSession

_AS: Final = text("select set_config('rung.account', :account, true)")
"""For this transaction alone: the next one on this connection may be another account's."""


def front_role(schema: str) -> str:
    """The role that requests are answered in, which the policies of `deploy/migrations` bind; its owner they do not."""
    return f"{schema}_front"


@asynccontextmanager
async def reading_own(database: Database, account: str) -> AsyncIterator[ReadSession]:
    """A session that reads rows of ``account``."""
    async with database.reading() as session:
        await session.execute(_AS, {"account": account})
        yield session


@asynccontextmanager
async def writing_own(database: Database, account: str) -> AsyncIterator[WriteSession]:
    """A session that reads and writes rows of ``account``."""
    async with database.writing() as session:
        await session.execute(_AS, {"account": account})
        yield session
