"""`rung stack up|down|status`, and `rung up` / `rung down`: Kafka, PostgreSQL and the services on this machine."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.completing import stacks
from services.cli.options import Json  # noqa: TC001 - typer reads it at run time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.local_stack.plan import State
    from services.local_stack.progress import Progress

app: Final = typer.Typer(help="Kafka and PostgreSQL on this machine, without Docker or Java.", no_args_is_help=True)

Name = Annotated[str, typer.Option("--name", autocompletion=stacks, help="Stacks of different names run side by side.")]
Probe = Annotated[bool, typer.Option("--probe", help="Also run the probe, which measures them from outside.")]
_DEFAULT: Final = "main"


@app.command()
def up(
    name: Name = _DEFAULT,
    *,
    services: Annotated[bool, typer.Option("--services", help="Also run the services.")] = False,
    probe: Probe = False,
    as_json: Json = False,
) -> None:
    """Start a stack, wait until it is ready, and leave it running."""
    from services.local_stack.parts import PROBE, PUBLISH_SAMPLE, SERVICES, STEPS
    from services.local_stack.stack import LocalStack, Wanted

    with _told():
        stack = LocalStack(name)
        parts = (*SERVICES, PROBE) if probe else SERVICES if services else ()
        wanted = Wanted(name=name, services=parts, steps=(*STEPS, PUBLISH_SAMPLE))
        with _shown() as progress:
            started = stack.up(wanted, progress)
        state = stack.state()
    if as_json:
        _print_json(state)
        return
    typer.echo("ready" if started else "already running")
    if state is not None:
        _print(state)


def up_with_services(name: Name = _DEFAULT, *, probe: Probe = False, as_json: Json = False) -> None:
    """Start Kafka, PostgreSQL and the services, wait until they are ready, and leave them running.

    When no set of playbooks is in force yet, the sample is published.
    """
    up(name, services=True, probe=probe, as_json=as_json)


@app.command()
def down(name: Name = _DEFAULT, *, as_json: Json = False) -> None:
    """Stop a stack. Its data stays."""
    from services.local_stack.stack import LocalStack

    with _told():
        ran = LocalStack(name).down()
    typer.echo(json.dumps({"stopped": ran}) if as_json else "stopped" if ran else "not running")


@app.command()
def status(
    name: Name = _DEFAULT,
    *,
    as_json: Json = False,
) -> None:
    """Show a stack's parts. Exits 1 when it is not running."""
    from services.local_stack.stack import LocalStack

    with _told():
        state = LocalStack(name).state()
    if as_json:
        _print_json(state)
    elif state is None:
        typer.echo("not running")
    else:
        _print(state)
    if state is None:
        raise typer.Exit(1)


def _print_json(state: State | None) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(state))


def _print(state: State) -> None:
    for part in state.parts:
        notes = [] if part.pid is None else [f"pid {part.pid}"]
        if part.restarts:
            notes.append(f"started again {part.restarts} times")
        if part.exits is not None:
            notes.append(f"ended ({part.exits})")
        typer.echo(f"{part.name:<15}{part.phase:<13}{part.endpoint:<42}{', '.join(notes)}".rstrip())


@contextmanager
def _told() -> Iterator[None]:
    """A failure is one sentence for people, not a trace."""
    from services.local_stack.errors import StackError

    try:
        yield
    except StackError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def _shown() -> Iterator[Progress]:
    """Show in the terminal how far downloads are."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    shown = console.is_terminal
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not shown) as bars:
        tasks = {"": bars.add_task("starting", total=None)}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done, total=total or None)

        yield show
