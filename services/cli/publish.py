"""`rung check` and `rung publish`: playbook documents, held against the compiler and put in force."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import EXIT_REFUSED, Stack, kafka

if TYPE_CHECKING:
    from services.cli.documents import Document
    from services.trigger_engine.domain.playbook.sets import CompiledSet

Paths = Annotated[list[Path], typer.Argument(help="Documents, or directories of them: one product, any playbooks.")]


def check(paths: Paths, *, as_json: Json = False) -> None:
    """Check a product document and its playbooks. Prints every problem, and exits 1 when there is one."""
    from services.cli.checked import checked_for_programs
    from services.cli.documents import summary

    if as_json:
        found = checked_for_programs(paths)
        typer.echo(json.dumps(found))
        raise typer.Exit(0 if found["ok"] else EXIT_REFUSED)
    _, compiled = _checked(paths)
    typer.echo(f"ok: {summary(compiled)}")


def publish(  # noqa: PLR0913 - one parameter an option
    paths: Paths,
    *,
    why: Annotated[str | None, typer.Option(help="What this set is for; kept with it.")] = None,
    by: Annotated[str | None, typer.Option(help="Who publishes; kept with it.")] = None,
    first: Annotated[bool, typer.Option("--first", help="Only when no set is in force yet.")] = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="History is read again under it: its meters count as always known.")
    ] = False,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Check the documents and put them in force as one set, all at once. Changes nothing when they are already."""
    from services.cli.asking import ask
    from services.cli.documents import summary
    from services.cli.publishing import Publisher, Words
    from services.kit.clock import SystemClock

    documents, compiled = _checked(paths)
    publisher = Publisher(kafka(stack), SystemClock(), Words(by, why))
    published = ask(publisher.publish(compiled.product.name, documents, first=first, backfill=backfill))
    if as_json:
        typer.echo(json.dumps({"version": published.version, "changed": published.fresh}))
    elif published.fresh:
        typer.echo(f"set {published.version} published: {summary(compiled)}")
    else:
        why_not = "in force" if first else "this already"
        typer.echo(f"set {published.version} is {why_not}: nothing to publish")


def _checked(paths: list[Path]) -> tuple[list[Document], CompiledSet]:
    """The documents of the set, without the scenarios beside them, and what they make."""
    from services.cli.checked import checked

    documents, found = checked(paths)
    return [document for document in documents if document.path not in found.scenarios], found.compiled
