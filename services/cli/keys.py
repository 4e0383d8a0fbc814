"""`rung keys`: keys of services and operators, made, listed and revoked."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, database, fail
from services.offer_api.domain.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.offer_api.adapters.keys import KeyRow, PostgresKeys

app: Final = typer.Typer(help="Keys of services and operators for the offer API.", no_args_is_help=True)

Scopes = Annotated[list[Scope] | None, typer.Option("--scope", help="What it allows; may be given more than once.")]


@app.command("make")
def make(
    name: Annotated[str, typer.Argument(help="Whose it will be, for people who read the list.")],
    *,
    scope: Scopes = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Make a key and print it, this once: what is kept is a hash."""
    scopes = tuple(scope or (Scope.READ,))
    key, key_id = _with_keys(stack, lambda keys: keys.make(name, scopes, _now()))
    if as_json:
        typer.echo(json.dumps({"id": key_id, "key": key, "name": name, "scopes": [one.value for one in scopes]}))
        return
    typer.echo(key)
    typer.echo(f"this is key {key_id}, and it is not shown again", err=True)


@app.command("list")
def listed(*, as_json: Json = False, stack: Stack = None) -> None:
    """Every key that was made: its id, whose it is, what it allows, and whether it is revoked."""
    rows = _with_keys(stack, lambda keys: keys.all())
    if as_json:
        typer.echo(json.dumps([_for_programs(row) for row in rows]))
        return
    for row in rows:
        ended = "in force" if row.revoked_at is None else f"revoked {row.revoked_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{row.key_id}  {','.join(row.scopes)}  made {row.made_at:%Y-%m-%d %H:%M}  {ended}  {row.name}")


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `rung keys list` tells it.")],
    *,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Take a key out of force, at once and for ever."""
    if not _with_keys(stack, lambda keys: keys.revoke(key_id, _now())):
        fail(f"there is no key {key_id} in force: see `rung keys list`")
    typer.echo(json.dumps({"revoked": key_id}) if as_json else f"revoked {key_id}")


def _with_keys(stack: str | None, work: Callable[[PostgresKeys], Awaitable[Any]]) -> Any:
    import asyncio

    from services.kit.db.faults import DatabaseAway
    from services.kit.db.migrations import check_migrated
    from services.kit.db.sessions import Database
    from services.kit.errors import Fatal
    from services.kit.settings import MigrationSettings, load
    from services.offer_api.adapters.keys import PostgresKeys

    where = database(stack)

    async def run() -> Any:
        await check_migrated(where.url, where.db_schema, load(MigrationSettings).scripts)
        opened = Database(where.url, where.db_schema, "cli")
        try:
            return await work(PostgresKeys(opened))
        finally:
            await opened.close()

    try:
        return asyncio.run(run())
    except Fatal as fatal:
        typer.echo(f"error: {fatal}", err=True)
        raise typer.Exit(fatal.exit_code) from None
    except DatabaseAway as away:
        fail(f"PostgreSQL does not answer: {away.why}")


def _for_programs(row: KeyRow) -> dict[str, Any]:
    revoked = None if row.revoked_at is None else row.revoked_at.isoformat()
    scopes, made = list(row.scopes), row.made_at.isoformat()
    return {"id": row.key_id, "name": row.name, "scopes": scopes, "made_at": made, "revoked_at": revoked}


def _now() -> Any:
    from services.kit.clock import SystemClock, to_datetime

    return to_datetime(SystemClock().now_us())
