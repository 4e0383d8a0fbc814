"""`rung migrate`: bring the database to the newest revision."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time


def migrate(*, as_json: Json = False) -> None:
    """Create or renew the tables in DATABASE_URL. Changes nothing when they are as they should be."""
    import asyncio

    from services.kit.db.migrations import migrate as bring_up
    from services.kit.errors import Fatal
    from services.kit.settings import DatabaseSettings, MigrationSettings, load

    database = load(DatabaseSettings)
    try:
        revision = asyncio.run(bring_up(database.url, database.db_schema, load(MigrationSettings).scripts))
    except Fatal as fatal:
        typer.echo(f"error: {fatal}", err=True)
        raise typer.Exit(fatal.exit_code) from None
    if as_json:
        typer.echo(json.dumps({"schema": database.db_schema, "revision": revision}))
        return
    typer.echo(f"schema {database.db_schema} is at revision {revision}")
