"""`rung demo`: the whole flow on this machine, live in the terminal."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.token import signer
from services.cli.where import fail

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from services.demo.front_end import SignFor
    from services.kit.settings import DatabaseSettings, KafkaSettings

PIPE_WIDTH = 120
"""Columns of what is no terminal."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of SIGINT."""


def demo(
    *,
    stay: Annotated[bool, typer.Option("--stay", help="Keep everything up after the show, until Ctrl-C.")] = False,
    accounts: Annotated[int, typer.Option(min=60, max=20_000, help="Customers of the made-up product.")] = 300,
    rate: Annotated[float, typer.Option(min=1, max=2_000, help="Events a second, beside the stories.")] = 60.0,
    seconds: Annotated[float, typer.Option(min=5, max=3_600, help="Length of the show.")] = 25.0,
) -> None:
    """Start Kafka, PostgreSQL and the services, play a made-up product's customers against them, and stop it all."""
    from services.demo.generator import Size
    from services.demo.run import Wish, run
    from services.kit.clock import SystemClock
    from services.local_stack.errors import StackError

    try:
        code = run(Wish(Size(accounts, rate, seconds), stay, _sign_with, _report), _console(), SystemClock())
    except StackError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(code)


def _console() -> Console:
    """The terminal as it is; a file or a pipe gets lines of a fixed width, without colours."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


async def _report(kafka: KafkaSettings, database: DatabaseSettings, out: Path) -> None:
    from services.cli.report import reported, write

    found = await reported(kafka, database)
    if found is not None:
        write(found, out)


def _sign_with(key: Path) -> SignFor:
    return signer(key).token
