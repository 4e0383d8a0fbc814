"""The real scripts, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from services.kit.db.faults import DatabaseUnreachable, NotMigrated
from services.kit.db.migrations import IN_REPOSITORY, MigrationsMissing, check_migrated, migrate
from services.kit.db.sessions import Database

if TYPE_CHECKING:
    from pathlib import Path

ENV = (IN_REPOSITORY / "env.py").read_text()
NOWHERE = "postgresql://nobody:secret@127.0.0.1:1/db"


def script(directory: Path, revision: str, after: str | None, statement: str) -> None:
    (directory / "versions").mkdir(exist_ok=True, parents=True)
    (directory / "env.py").write_text(ENV)
    (directory / "versions" / f"{revision}.py").write_text(
        f"from alembic import op\nrevision = {revision!r}\ndown_revision = {after!r}\n"
        f"def upgrade():\n    op.execute({statement!r})\n"
    )


async def tables(url: str, schema: str) -> set[str]:
    database = Database(url, schema, "test")
    async with database.reading() as session:
        found = await session.execute(
            text("select table_name from information_schema.tables where table_schema = :s"), {"s": schema}
        )
        names = {name for (name,) in found}
    await database.close()
    return names


async def test_migrating_makes_the_schema_and_everything_in_it(fresh_database_url: str) -> None:
    await migrate(fresh_database_url, "rung")
    assert {"offers", "outcomes", "facts", "decisions", "offer_funnel"} <= await tables(fresh_database_url, "rung")
    await check_migrated(fresh_database_url, "rung")


async def test_migrating_twice_and_at_once_is_migrating_once(fresh_database_url: str) -> None:
    revisions = await asyncio.gather(*(migrate(fresh_database_url, "rung") for _ in range(3)))
    assert len(set(revisions)) == 1
    assert await migrate(fresh_database_url, "rung") == revisions[0]


async def test_two_deployments_live_in_one_database(fresh_database_url: str) -> None:
    await migrate(fresh_database_url, "one")
    with pytest.raises(NotMigrated):
        await check_migrated(fresh_database_url, "two")
    await migrate(fresh_database_url, "two")
    assert await tables(fresh_database_url, "one") == await tables(fresh_database_url, "two")
    assert await tables(fresh_database_url, "public") == set()


async def test_an_empty_database_is_told_what_to_run(fresh_database_url: str) -> None:
    with pytest.raises(NotMigrated, match=r"schema 'rung' is at revision none.*run `rung migrate`"):
        await check_migrated(fresh_database_url, "rung")


async def test_an_older_database_is_refused_and_a_newer_one_is_taken(fresh_database_url: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for directory in (old, new):
        script(directory, "a", None, "create table a (n int)")
    script(new, "b", "a", "create table b (n int)")
    await migrate(fresh_database_url, "rung", old)
    with pytest.raises(NotMigrated, match="is at revision a, and b is needed"):
        await check_migrated(fresh_database_url, "rung", new)
    await migrate(fresh_database_url, "rung", new)
    await check_migrated(fresh_database_url, "rung", old)


async def test_a_script_that_fails_takes_back_those_before_it(fresh_database_url: str, tmp_path: Path) -> None:
    script(tmp_path, "a", None, "create table a (n int)")
    script(tmp_path, "b", "a", "create table a (n int)")
    with pytest.raises(Exception, match="already exists"):
        await migrate(fresh_database_url, "rung", tmp_path)
    assert await tables(fresh_database_url, "rung") == set()


async def test_a_directory_without_scripts_is_named(fresh_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationsMissing, match=f"{tmp_path}.*RUNG_MIGRATIONS"):
        await migrate(fresh_database_url, "rung", tmp_path)


async def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    with pytest.raises(DatabaseUnreachable, match="PostgreSQL does not answer") as told:
        await check_migrated(NOWHERE, "rung")
    assert "secret" not in str(told.value)
    with pytest.raises(DatabaseUnreachable):
        await migrate(NOWHERE, "rung")
