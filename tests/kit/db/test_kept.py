"""Single statements on a real PostgreSQL, behind a network that can be cut and frozen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services.kit.db.engine import Pool
from services.kit.db.faults import DatabaseAway
from services.kit.db.sessions import Database
from tests.kit.network import network_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Server

pytestmark = pytest.mark.postgres

IMPATIENT = Pool(size=2, wait_s=0.5, connect_s=1.0, statement_s=0.5, answer_s=1.0)
PID = "select pg_backend_pid() as pid"
NOTHING = "select 1 as one"


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    made = Database(fresh_database_url, "public", "test", IMPATIENT)
    yield made
    await made.close()


async def pid(database: Database) -> int:
    (row,) = await database.fetch(PID)
    return int(row["pid"])


async def test_a_statement_has_its_values_and_its_connection_is_kept(database: Database) -> None:
    (row,) = await database.fetch("select $1::text || current_schema() as said, current_setting('timezone')", "in ")
    assert tuple(row.values()) == ("in public", "UTC")
    assert await pid(database) == await pid(database)
    assert database.in_use() == 0


async def test_as_many_at_once_as_there_may_be_connections_and_the_next_waits_for_one(database: Database) -> None:
    slow = [asyncio.create_task(database.fetch("select pg_sleep(0.3), pg_backend_pid() as pid")) for _ in range(2)]
    await asyncio.sleep(0.1)
    assert database.in_use() == 2
    third = await pid(database)
    assert third in {row["pid"] for (row,) in await asyncio.gather(*slow)}


async def test_no_free_connection_is_away_and_not_a_wait_without_end(fresh_database_url: str) -> None:
    database = Database(fresh_database_url, "public", "test", Pool(size=1, wait_s=0.1))
    slow = asyncio.create_task(database.fetch("select pg_sleep(1)"))
    await asyncio.sleep(0)
    with pytest.raises(DatabaseAway):
        await database.fetch(NOTHING)
    await slow
    assert await database.fetch(NOTHING)
    await database.close()


async def test_postgresql_itself_refuses_a_write(database: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.fetch("create table kept (n int)")


async def test_a_wrong_statement_is_a_bug_and_not_away(database: Database) -> None:
    with pytest.raises(asyncpg.UndefinedTableError, match="nowhere"):
        await database.fetch("select * from nowhere")
    assert await database.fetch(NOTHING)


async def test_a_statement_that_takes_too_long_is_given_up_as_away(database: Database) -> None:
    with pytest.raises(DatabaseAway, match="statement timeout"):
        await database.fetch("select pg_sleep(5)")
    assert await database.fetch(NOTHING)


async def test_who_does_not_wait_for_the_answer_leaves_nobody_else_with_it(database: Database) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await database.fetch("select pg_sleep(0.3), 7 as one")
    assert [row["one"] for row in await database.fetch(NOTHING)] == [1]
    assert database.in_use() == 0


async def test_connections_that_were_cut_meanwhile_are_passed_over(database: Database, server: Server) -> None:
    slow = [asyncio.create_task(database.fetch("select pg_sleep(0.1), pg_backend_pid() as pid")) for _ in range(2)]
    kept = {row["pid"] for (row,) in await asyncio.gather(*slow)}
    for one in kept:
        server.execute(f"select pg_terminate_backend({one})")
    assert await pid(database) not in kept


async def test_a_server_that_refuses_connections_is_away_until_it_is_back(fresh_database_url: str) -> None:
    async with network_to(fresh_database_url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        await database.fetch(NOTHING)
        await network.cut()
        for _ in range(2):
            with pytest.raises(DatabaseAway):
                await database.fetch(NOTHING)
        await network.up()
        assert await database.fetch(NOTHING)
        await database.close()


async def test_a_frozen_server_is_away_within_the_bounds(fresh_database_url: str) -> None:
    async with network_to(fresh_database_url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        await database.fetch(NOTHING)
        network.freeze()
        with pytest.raises(DatabaseAway):
            async with asyncio.timeout(10):
                await database.fetch(NOTHING)
        network.thaw()
        assert await database.fetch(NOTHING)
        await database.close()
