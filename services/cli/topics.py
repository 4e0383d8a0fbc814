"""`rung topics`: create the topics that are missing."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import Annotated

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time


def topics(
    partitions: Annotated[int, typer.Option(min=1, help="Of each topic keyed by account; never changed later.")] = 12,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition.")] = 1,
    *,
    as_json: Json = False,
) -> None:
    """Create the topics that are missing in KAFKA_BOOTSTRAP_SERVERS. Those that are there stay as they are."""
    import asyncio

    from services.kit.errors import Fatal
    from services.kit.kafka.admin import create_topics
    from services.kit.settings import KafkaSettings, load

    kafka = load(KafkaSettings)
    try:
        made = asyncio.run(
            create_topics(kafka.bootstrap_servers, kafka.topic_prefix, partitions=partitions, replication=replication)
        )
    except Fatal as fatal:
        typer.echo(f"error: {fatal}", err=True)
        raise typer.Exit(fatal.exit_code) from None
    if as_json:
        typer.echo(json.dumps({"created": list(made)}))
        return
    typer.echo("\n".join(f"created {name}" for name in made) or "all topics are there")
