"""On a real PostgreSQL, behind a network that can be cut and frozen."""

# ruff: noqa: PT012 - what is under test is a whole block

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from services.kit.db.engine import IDLE_S, Pool
from services.kit.db.faults import DatabaseAway
from services.kit.db.sessions import Database
from tests.kit.network import network_to
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.kit.db.sessions import ReadSession
    from tests.conftest import Server

IMPATIENT = Pool(size=2, wait_s=0.5, connect_s=1.0, statement_s=0.5, answer_s=1.0)


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    made = Database(fresh_database_url, "public", "test", IMPATIENT)
    async with made.writing() as session:
        await session.execute(text("create table kept (n int primary key)"))
    yield made
    await made.close()


async def numbers(database: Database) -> list[int]:
    async with database.reading() as session:
        return [n for (n,) in await session.execute(text("select n from kept order by n"))]


async def test_a_block_that_ends_is_committed(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("insert into kept values (1)"))
        await session.execute(text("insert into kept values (:n)"), [{"n": 2}, {"n": 3}])
    assert await numbers(database) == [1, 2, 3]


async def test_a_block_that_an_exception_leaves_changes_nothing(database: Database) -> None:
    with pytest.raises(OSError, match="the block's own"):
        async with database.writing() as session:
            await session.execute(text("insert into kept values (1)"))
            raise OSError("the block's own")
    assert await numbers(database) == []


async def test_a_client_that_sleeps_between_a_statements_parsing_and_its_run_holds_its_locks_for_a_while_only(
    fresh_database_url: str,
) -> None:
    hasty = Database(fresh_database_url, "public", "sleeper", replace(IMPATIENT, transaction_s=1.0))
    with pytest.raises(DatabaseAway):
        async with hasty.writing() as sleeper:
            await sleeper.execute(text("create table held (n int)"))
            connection = await sleeper._connection.get_raw_connection()
            assert connection.driver_connection
            await connection.driver_connection.prepare("select count(*) from held")
            await until("the server ended the transaction", partial(_gone, fresh_database_url), timeout_s=20)
    await hasty.close()


async def _gone(url: str) -> bool:
    other = await asyncpg.connect(url)
    try:
        return not await other.fetchval("select count(*) from pg_stat_activity where application_name = 'rung-sleeper'")
    finally:
        await other.close()


async def test_postgresql_itself_refuses_a_write_in_a_reading_session(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with database.reading() as session:
            await session.execute(text("insert into kept values (1)"))


async def test_a_connection_that_read_can_write_next(database: Database) -> None:
    await numbers(database)
    async with database.writing() as session:
        await session.execute(text("insert into kept values (1)"))
    assert await numbers(database) == [1]


async def test_all_statements_of_a_reading_session_see_one_state(database: Database) -> None:
    count = text("select count(*) from kept")

    async def counted(session: ReadSession) -> int:
        return int((await session.execute(count)).scalar_one())

    async with database.reading() as session:
        before = await counted(session)
        async with database.writing() as other:
            await other.execute(text("insert into kept values (1)"))
        assert await counted(session) == before


async def test_sessions_that_are_asked_at_once_see_the_same_state(database: Database, fresh_database_url: str) -> None:
    count = text("select count(*) from kept")
    async with database.reading_alike(2) as sessions:
        beside = Database(fresh_database_url, "public", "test")
        async with beside.writing() as other:
            await other.execute(text("insert into kept values (1)"))
        await beside.close()
        assert [(await session.execute(count)).scalar_one() for session in sessions] == [0, 0]
    assert await numbers(database) == [1]


async def test_times_come_back_in_utc_and_the_schema_is_the_search_path(database: Database) -> None:
    async with database.reading() as session:
        shown = await session.execute(text("select current_setting('timezone'), current_schema()"))
        assert tuple(shown.one()) == ("UTC", "public")


async def test_a_statement_that_takes_too_long_is_given_up_as_away(database: Database) -> None:
    with pytest.raises(DatabaseAway, match="statement timeout"):
        async with database.reading() as session:
            await session.execute(text("select pg_sleep(5)"))
    assert await numbers(database) == []


async def test_no_free_connection_is_away_and_not_a_wait_without_end(database: Database) -> None:
    async with database.reading(), database.reading():
        with pytest.raises(DatabaseAway, match="QueuePool limit"):
            async with database.reading():
                pytest.fail("got a third of two connections")


async def test_a_wrong_statement_is_a_bug_and_not_away(database: Database) -> None:
    with pytest.raises(ProgrammingError, match="nowhere"):
        async with database.reading() as session:
            await session.execute(text("select * from nowhere"))


async def test_a_server_that_refuses_connections_is_away_until_it_is_back(fresh_database_url: str) -> None:
    async with network_to(fresh_database_url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        async with database.reading() as session:
            await session.execute(text("select 1"))
        await network.cut()
        for _ in range(2):
            with pytest.raises(DatabaseAway):
                async with database.reading() as session:
                    await session.execute(text("select 1"))
                    pytest.fail("read through a cut network")
        await network.up()
        async with database.reading() as session:
            assert (await session.execute(text("select 1"))).scalar_one() == 1
        await database.close()


async def test_a_connection_lost_inside_a_block_is_away(fresh_database_url: str) -> None:
    async with network_to(fresh_database_url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        with pytest.raises(DatabaseAway):
            async with database.writing() as session:
                await session.execute(text("create table lost (n int)"))
                await network.cut()
                await session.execute(text("insert into lost values (1)"))
        await database.close()


async def test_a_connection_lost_before_the_commit_is_away(fresh_database_url: str) -> None:
    async with network_to(fresh_database_url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        with pytest.raises(DatabaseAway):
            async with database.writing() as session:
                await session.execute(text("create table lost (n int)"))
                await network.cut()
        await database.close()


async def test_a_frozen_server_is_away_within_the_bounds(fresh_database_url: str) -> None:
    async with network_to(fresh_database_url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        async with database.reading() as session:
            await session.execute(text("select 1"))
        network.freeze()
        with pytest.raises(DatabaseAway):
            async with asyncio.timeout(10):
                async with database.writing() as session:
                    await session.execute(text("create table lost (n int)"))
        network.thaw()
        async with database.reading() as session:
            assert (await session.execute(text("select 1"))).scalar_one() == 1
        await database.close()


async def test_a_connection_that_was_idle_while_the_server_forgot_it_is_not_used(
    fresh_database_url: str, server: Server
) -> None:
    database = Database(fresh_database_url, "public", "idle-test")
    async with database.reading() as session:
        first = (await session.execute(text("select pg_backend_pid()"))).scalar_one()
    server.execute(f"select pg_terminate_backend({first})")
    await asyncio.sleep(IDLE_S + 0.1)
    async with database.reading() as session:
        assert (await session.execute(text("select pg_backend_pid()"))).scalar_one() != first
    await database.close()


async def test_a_connection_is_in_use_while_a_session_is_open(database: Database) -> None:
    async with database.reading(), database.reading():
        assert database.in_use() == 2
    assert database.in_use() == 0


async def test_an_error_does_not_tell_what_was_to_be_written(database: Database) -> None:
    with pytest.raises(DBAPIError) as told:
        async with database.writing() as session:
            await session.execute(text("insert into missing values (:word)"), {"word": "jane"})
    assert "jane" not in str(told.value)
