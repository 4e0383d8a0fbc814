"""Bring the database to the revision that this program needs, and check that it is there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kit.db.engine import Pool, make_engine
from services.kit.db.faults import DatabaseAway, DatabaseUnreachable, NotMigrated, telling_away
from services.kit.errors import Fatal

IN_REPOSITORY: Final = Path(__file__).parents[3] / "deploy" / "migrations"
"""Where the scripts lie in a checkout; an image says where they are by RUNG_MIGRATIONS."""

MIGRATING: Final = Pool(size=1, statement_s=600.0, transaction_s=3_600.0, answer_s=660.0)
"""A migration may rewrite a table, and waits for one that runs already: minutes, not seconds."""


class MigrationsMissing(Fatal):
    """There are no migration scripts where they should be.

    Attributes:
        scripts: The directory that was looked at.
    """

    exit_code = 78
    """EX_CONFIG of sysexits.h: restarting does not help."""

    def __init__(self, scripts: Path) -> None:
        self.scripts = scripts
        super().__init__(f"no migration scripts in {scripts}: set RUNG_MIGRATIONS to the directory that has them")


async def migrate(url: str, schema: str, scripts: Path | None = None) -> str:
    """Bring ``schema`` to the newest revision, creating it when it is missing; returns that revision.

    All of it is one transaction under a lock: two at once run one after the other, and a failure changes nothing.
    Raises `MigrationsMissing`, `DatabaseUnreachable`.
    """
    config = _config(schema, scripts)
    engine = make_engine(url, schema, "migrate", MIGRATING)
    try:
        with telling_away():
            async with engine.begin() as connection:
                await connection.run_sync(_upgrade, config, schema)
    except DatabaseAway as away:
        raise DatabaseUnreachable(away.why) from away
    finally:
        await engine.dispose()
    return _newest(config)


async def check_migrated(url: str, schema: str, scripts: Path | None = None) -> None:
    """Raise `NotMigrated` when ``schema`` is older than this program.

    A newer one is taken: during a roll-out the old program runs on the new tables. Raises also `MigrationsMissing`,
    `DatabaseUnreachable`.
    """
    config = _config(schema, scripts)
    engine = make_engine(url, schema, "check", Pool(size=1))
    try:
        found = await _found(engine, schema)
    except DatabaseAway as away:
        raise DatabaseUnreachable(away.why) from away
    finally:
        await engine.dispose()
    wanted = _newest(config)
    if found != wanted and (found is None or _is_older(config, found)):
        raise NotMigrated(schema, found, wanted)


def _config(schema: str, scripts: Path | None) -> Config:
    directory = scripts or IN_REPOSITORY
    if not (directory / "env.py").is_file():
        raise MigrationsMissing(directory)
    config = Config()
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    config.attributes["schema"] = schema
    return config


def _upgrade(connection: Connection, config: Config, schema: str) -> None:
    """Create the schema and run the scripts; runs in the caller's transaction."""
    lock = text("select pg_advisory_xact_lock(hashtextextended('rung migrate ' || cast(:schema as text), 0))")
    connection.execute(lock, {"schema": schema})
    connection.execute(text(f'create schema if not exists "{schema}"'))  # settings allow only [a-z0-9_]
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _found(engine: AsyncEngine, schema: str) -> str | None:
    with telling_away():
        async with engine.connect() as connection:
            return await connection.run_sync(_revision, schema)


def _revision(connection: Connection, schema: str) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": schema})
    return context.get_current_revision()


def _newest(config: Config) -> str:
    return ScriptDirectory.from_config(config).get_current_head() or "none"


def _is_older(config: Config, found: str) -> bool:
    return any(script.revision == found for script in ScriptDirectory.from_config(config).walk_revisions())
