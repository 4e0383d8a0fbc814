"""`rung emit`: send usage events and account facts, as a backend would."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, fail, kafka

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.facts import Fact
    from schemas.usage import UsageEvent
    from services.kit.kafka.sender import Sent
    from services.kit.settings import KafkaSettings

CHUNK: Final = 500
"""Events on their way at once; all of them fit one batch of the client."""


def emit(  # noqa: PLR0913 - one parameter an option
    type: Annotated[str | None, typer.Argument(help="object.action, or a fact such as rung.plan_changed.")] = None,  # noqa: A002 - its name in the help
    *,
    account: Annotated[str | None, typer.Option(help="Whose event it is.")] = None,
    user: Annotated[str | None, typer.Option(help="The person who did it.")] = None,
    quantity: Annotated[str | None, typer.Option(help="How many; 1 unless said.")] = None,
    properties: Annotated[
        list[str] | None, typer.Option("--property", help="name=value, as often as needed.", metavar="NAME=VALUE")
    ] = None,
    fact_data: Annotated[str | None, typer.Option(help="The data of a fact, a JSON object.", metavar="JSON")] = None,
    time: Annotated[str | None, typer.Option(help="When it happened; now unless said.", metavar="RFC3339")] = None,
    id: Annotated[str | None, typer.Option(help="Its id; the same id again is a duplicate.")] = None,  # noqa: A002 - its name in the help
    file: Annotated[
        typer.FileText | None, typer.Option(help="One CloudEvent in JSON a line; - reads standard input.")
    ] = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Send one event, or those of a file. All are checked first: when one is wrong, it is told and none is sent."""
    import asyncio
    import logging

    from aiokafka.errors import KafkaError

    from services.cli.events import Written, Wrong, from_lines, made
    from services.kit.clock import SystemClock
    from services.kit.errors import Fatal

    if (type is None) == (file is None):
        fail("give either an event's TYPE, or --file")
    if type is not None and account is None:
        fail("--account is needed: every event belongs to one")
    try:
        if file is not None:
            events = from_lines(file)
        else:
            written = Written(type or "", account or "", user, quantity, tuple(properties or ()), fact_data, time, id)
            events = [made(written, SystemClock().now_us())]
    except Wrong as wrong:
        fail(f"nothing was sent:\n{wrong}")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its faults are told below
    try:
        sent = asyncio.run(_send(kafka(stack), events))
    except (Fatal, KafkaError) as fault:
        fail(str(fault))
    if as_json:
        typer.echo(json.dumps([_for_programs(*both) for both in zip(events, sent, strict=True)]))
    elif file is None:
        typer.echo(f"{sent[0].topic}[{sent[0].partition}] at {sent[0].offset}: {events[0].type} {events[0].id}")
    else:
        typer.echo(f"{len(sent)} events sent")


def _for_programs(event: UsageEvent | Fact, sent: Sent) -> dict[str, object]:
    place = {"topic": sent.topic, "partition": sent.partition, "offset": sent.offset}
    return {"id": event.id, "source": event.source, "type": event.type, "subject": event.subject, **place}


async def _send(where: KafkaSettings, events: Sequence[UsageEvent | Fact]) -> list[Sent]:
    """Send in order; what belongs to one account stays in its order."""
    import asyncio

    from schemas.topics import USAGE
    from services.kit.kafka.sender import Sender

    sent: list[Sent] = []
    async with Sender(where.bootstrap_servers, where.topic_prefix, "rung-emit") as sender:
        for start in range(0, len(events), CHUNK):
            chunk = events[start : start + CHUNK]
            sent.extend(await asyncio.gather(*(sender.send(USAGE, event) for event in chunk)))
    return sent
