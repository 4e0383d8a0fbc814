"""`rung versions`, `rung rollback`, `rung pause`, `rung resume`: what is in force, what was, and how to change it."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.completing import offers
from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, kafka

if TYPE_CHECKING:
    from services.cli.history import History, Version
    from services.cli.publishing import Publisher, Put

By = Annotated[str | None, typer.Option(help="Who does it; kept with it.")]
Why = Annotated[str | None, typer.Option(help="What for; kept with it.")]
WhyStopped = Annotated[str, typer.Option(help="Why it is to stop; kept with it.")]
Offer = Annotated[str, typer.Argument(help="An offer of the set in force.", autocompletion=offers)]


def versions(
    *,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """List the versions of the set: when, what, by whom, which is in force, and which offers are paused."""
    from services.cli.asking import ask, progress
    from services.cli.history import read

    with progress("reading the log of sets") as show:
        history = ask(read(kafka(stack), progress=show))
    chosen = history.versions[-last:]
    force = history.in_force
    if as_json:
        told = {
            "in_force": force.rules.version if force is not None else None,
            "paused": sorted(force.rules.paused) if force is not None else [],
            "versions": [_for_programs(version) for version in chosen],
        }
        typer.echo(json.dumps(told))
        return
    for version in chosen:
        typer.echo(_line(version, history))
    if force is None:
        typer.echo("no set is in force: put one in force with `rung publish`")
    else:
        paused = ", ".join(sorted(force.rules.paused)) or "none"
        typer.echo(f"in force: set {force.rules.version} of product {force.rules.product.name}; paused: {paused}")


def rollback(
    version: Annotated[int, typer.Argument(min=0, help="A number that `rung versions` lists.")],
    *,
    why: Why = None,
    by: By = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Put the set that was in force at VERSION in force again, as a new version. What is paused stays so."""
    from services.cli.asking import ask

    put = ask(_publisher(stack, by, why).roll_back(version))
    _done(put, f"set {version} is in force again", f"in force is what was at {version}", as_json=as_json)


def pause(
    offer: Offer,
    why: WhyStopped,
    *,
    by: By = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Stop an offer: it is made to nobody from the next commit on, and open ones are taken back."""
    from services.cli.asking import ask

    put = ask(_publisher(stack, by, why).pause(offer))
    _done(put, f"{offer} is paused", f"{offer} is paused already", as_json=as_json)


def resume(
    offer: Offer,
    *,
    why: Why = None,
    by: By = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Let an offer that was paused go on."""
    from services.cli.asking import ask

    put = ask(_publisher(stack, by, why).resume(offer))
    _done(put, f"{offer} goes on", f"{offer} is not paused", as_json=as_json)


def _publisher(stack: str | None, by: str | None, why: str | None) -> Publisher:
    from services.cli.publishing import Publisher, Words
    from services.kit.clock import SystemClock

    return Publisher(kafka(stack), SystemClock(), Words(by, why))


def _done(put: Put, done: str, was_so: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"version": put.version, "changed": put.fresh}))
    elif put.fresh:
        typer.echo(f"set {put.version}: {done}")
    else:
        typer.echo(f"{was_so}: nothing to do")


def _line(version: Version, history: History) -> str:
    """``* 3  2026-03-05 10:12  rolled back to 0, by maria: complaints``; the star is beside what is in force."""
    force = history.in_force
    star = "*" if force is not None and force.rules.version == version.number else " "
    event = version.event
    if event is None:
        return f"{star} {version.number:>4}  refused: {version.refused}"
    by = f", by {event.data.by}" if event.data.by else ""
    why = f": {event.data.why}" if event.data.why else ""
    refused = f"  refused: {version.refused}" if version.refused is not None else ""
    return f"{star} {version.number:>4}  {event.time:%Y-%m-%d %H:%M}  {_what(version)}{by}{why}{refused}"


def _what(version: Version) -> str:
    from schemas.playbooks import OfferPaused, OfferResumed, SetPublished, SetRolledBack

    match version.event:
        case SetPublished():
            return "published"
        case SetRolledBack(data=data):
            return f"rolled back to {data.to}"
        case OfferPaused(data=data):
            return f"paused {data.offer}"
        case OfferResumed(data=data):
            return f"resumed {data.offer}"
        case None:
            return "unreadable"


def _for_programs(version: Version) -> dict[str, Any]:
    told: dict[str, Any] = {"version": version.number, "refused": version.refused}
    if version.event is not None:
        event = version.event
        told |= {"at": event.time.isoformat(), "type": event.type, "by": event.data.by, "why": event.data.why}
        told |= event.data.model_dump(mode="json", include={"offer", "to", "expects"}, exclude_none=True)
    return told
