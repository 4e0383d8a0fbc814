"""`rung report`: what offers did, as a page for people, or as JSON."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, database, fail, kafka

if TYPE_CHECKING:
    from decimal import Decimal

    from services.cli.history import History, InForce
    from services.kit.settings import DatabaseSettings
    from services.metrics_sink.adapters.reports import HeldOut
    from services.metrics_sink.domain.report import Report

SERVICE: Final = "report"


def report(
    out: Annotated[Path, typer.Option(help="The page to write; what lies there is overwritten.")] = Path("report.html"),
    *,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Say what offers did: who took them, what they changed against those held out, revenue kept, what blocks most.

    Writes one page that stands alone: it can be sent, and fetches nothing.
    """
    from services.cli.asking import ask
    from services.cli.history import read
    from services.metrics_sink.web.page import page

    sets = ask(read(kafka(stack)))
    if sets.in_force is None:
        fail("no set is in force: there is nothing to report on")
    found = ask(_read(database(stack), sets.in_force.rules.product.currency, _held_out(sets)))
    if as_json:
        from pydantic import TypeAdapter

        typer.echo(TypeAdapter(type(found)).dump_json(found).decode())
        return
    out.write_text(page(found), "utf-8")
    typer.echo(f"{_advised(found)}\nwritten to {out}")


async def _read(settings: DatabaseSettings, currency: str, held_out: HeldOut) -> Report:
    from services.kit.clock import SystemClock, to_datetime
    from services.kit.db.sessions import Database
    from services.metrics_sink.adapters.reports import read_report

    opened = Database(settings.url, settings.db_schema, SERVICE)
    try:
        return await read_report(opened, to_datetime(SystemClock().now_us()), currency, held_out)
    finally:
        await opened.close()


def _held_out(sets: History) -> HeldOut:
    """The share held out by the set in force, and all versions that held out the same."""
    from services.metrics_sink.adapters.reports import HeldOut

    shares = {version.number: _share(version.after) for version in sets.versions if version.after is not None}
    now = _share(sets.in_force)
    return HeldOut(now, [number for number, share in shares.items() if share == now])


def _share(held: InForce | None) -> Decimal:
    from decimal import Decimal

    holdout = held.rules.product.holdout if held is not None else None
    return holdout.share if holdout is not None else Decimal(0)


def _advised(found: Report) -> str:
    from services.metrics_sink.web.words import BECAUSE

    return (
        "\n".join(f"{one.effect.advice.value:<6}{one.offer}: {BECAUSE[one.effect.because]}" for one in found.offers)
        or "no offer was made yet"
    )
