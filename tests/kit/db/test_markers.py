"""On a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, text

from services.kit.db.markers import Markers
from services.kit.db.sessions import Database
from services.kit.digest import digest_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TABLE = Table(
    "gone",
    MetaData(),
    Column("digest", LargeBinary, primary_key=True),
    Column("a", BigInteger),
    Column("b", BigInteger),
)
MARKERS = Markers(TABLE)

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    made = Database(fresh_database_url, "public", "test")
    async with made.writing() as session:
        await session.execute(text("create table gone (digest bytea primary key, a bigint, b bigint)"))
    yield made
    await made.close()


async def leave(database: Database, **erased: tuple[int, int]) -> None:
    async with database.writing() as session:
        await MARKERS.leave(session, {name: {"a": a, "b": b} for name, (a, b) in erased.items()})


async def test_each_value_of_a_marker_moves_only_forward_and_no_name_is_kept(database: Database) -> None:
    await leave(database, acme=(3, 4), other=(1, 1))
    await leave(database, acme=(2, 5))
    await leave(database)
    async with database.reading() as session:
        found = await MARKERS.among(session, {"acme", "nobody"})
        assert await MARKERS.among(session, ()) == {}
        rows = (await session.execute(text("select * from gone order by a"))).all()
    assert {name: (row.a, row.b) for name, row in found.items()} == {"acme": (3, 5)}
    assert [tuple(row) for row in rows] == [(digest_of("other"), 1, 1), (digest_of("acme"), 3, 5)]


async def test_who_holds_markers_keeps_others_from_being_left(database: Database) -> None:
    async with database.writing() as session:
        await MARKERS.hold(session)
        leaving = asyncio.create_task(leave(database, acme=(1, 1)))
        done, _ = await asyncio.wait({leaving}, timeout=0.3)
        assert not done
    await leaving
    async with database.writing() as session:
        assert set(await MARKERS.among(session, {"acme"})) == {"acme"}
