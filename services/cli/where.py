"""Where Kafka, PostgreSQL, the offer API and its key are: as the environment says, else of a stack on this machine."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from services.cli.completing import stacks

if TYPE_CHECKING:
    from pathlib import Path

    from services.kit.settings import DatabaseSettings, KafkaSettings
    from services.local_stack.stack import LocalStack

Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="RUNG_STACK",
        autocompletion=stacks,
        help="Use this local stack; by default what the environment names, else the stack main.",
    ),
]
EXIT_REFUSED: Final = 1
"""What was asked for is wrong, or was refused; the message says why."""


def kafka(stack: str | None) -> KafkaSettings:
    """How to reach Kafka; ends the command with a sentence when nobody says where it is."""
    from pydantic import ValidationError

    from services.kit.settings import KafkaSettings, refuse

    if stack is None:
        try:
            return KafkaSettings()
        except ValidationError as error:
            if any(problem["type"] != "missing" for problem in error.errors()):
                refuse(KafkaSettings, error)
    found = _running(stack)
    if found is None:
        fail(f"no Kafka: set KAFKA_BOOTSTRAP_SERVERS, or start one with {_starts(stack)}")
    return KafkaSettings(bootstrap_servers=found.kafka_bootstrap)


def database(stack: str | None) -> DatabaseSettings:
    """How to reach PostgreSQL; ends the command with a sentence when nobody says where it is."""
    from pydantic import ValidationError

    from services.kit.settings import DatabaseSettings, refuse

    if stack is None:
        try:
            return DatabaseSettings()
        except ValidationError as error:
            if any(problem["type"] != "missing" for problem in error.errors()):
                refuse(DatabaseSettings, error)
    found = _running(stack)
    if found is None:
        fail(f"no PostgreSQL: set DATABASE_URL, or start one with {_starts(stack)}")
    return DatabaseSettings(url=found.database_url)


def api_url(stack: str | None) -> str:
    """Where the offer API of the local stack listens; ends the command with a sentence when it does not."""
    found = _running(stack)
    if found is None:
        fail(f"no offer API: say where with --url, or start one with {_starts(stack)}")
    state = found.state()
    part = state.part("offer_api") if state is not None else None
    if part is None:
        fail(f"this stack runs no services: {_starts(stack)}")
    return part.endpoint


def private_key(stack: str | None) -> Path:
    """The development key of the local stack."""
    from services.local_stack.places import DEFAULT_NAME
    from services.local_stack.stack import LocalStack

    return LocalStack(stack or DEFAULT_NAME).private_key


def fail(why: str) -> NoReturn:
    """End the command; people read ``why``."""
    typer.echo(f"error: {why}", err=True)
    raise typer.Exit(EXIT_REFUSED)


def _running(stack: str | None) -> LocalStack | None:
    from services.local_stack.errors import StackError
    from services.local_stack.places import DEFAULT_NAME
    from services.local_stack.stack import LocalStack

    try:
        found = LocalStack(stack or DEFAULT_NAME)
    except StackError as error:
        fail(str(error))
    return found if found.state() is not None else None


def _starts(stack: str | None) -> str:
    return f"`rung up --name {stack}`" if stack else "`rung up`"
