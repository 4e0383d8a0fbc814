"""`rung probe`: go through the whole flow by hand, as the probe does, and say how long each part took."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.token import AUDIENCE, ISSUER, Audience, Issuer, Key
from services.cli.where import Stack, api_url, fail, kafka, private_key

if TYPE_CHECKING:
    from services.kit.settings import KafkaSettings
    from services.probe.domain.passes import Pass
    from services.probe.settings import ProbeSettings

NAME: Final = "by-hand"
"""A probe that runs all the time has another: they do not disturb each other."""

EXIT_FAILED: Final = 1


def probe(  # noqa: PLR0913 - one parameter an option
    *,
    passes: Annotated[
        int | None, typer.Option(min=1, help="How many; by default one of each partition.", show_default=False)
    ] = None,
    within: Annotated[float, typer.Option(min=0.1, max=60, help="Seconds after which a pass has failed.")] = 5.0,
    url: Annotated[str | None, typer.Option(envvar="RUNG_API_URL", help="Where the offer API listens.")] = None,
    key: Key = None,
    issuer: Issuer = ISSUER,
    audience: Audience = AUDIENCE,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Send an event of an account of the probe's own, and wait for its offer at both doors. Exits 1 when one fails.

    Accounts of the probe are in no numbers, and none of your playbooks is asked about them.
    """
    import asyncio

    from services.kit.errors import Fatal
    from services.probe.settings import ProbeSettings

    settings = ProbeSettings(
        api=url or api_url(stack),
        key=key or private_key(stack),
        issuer=issuer,
        audience=audience,
        name=NAME,
        within_s=within,
    )
    try:
        made = asyncio.run(_made(kafka(stack), settings, passes, as_json=as_json))
    except Fatal as fatal:
        fail(str(fatal))
    if as_json:
        typer.echo(json.dumps([_for_programs(one) for one in made]))
    if any(one.failed is not None for one in made):
        raise typer.Exit(EXIT_FAILED)


async def _made(where: KafkaSettings, settings: ProbeSettings, passes: int | None, *, as_json: bool) -> list[Pass]:
    from itertools import cycle, islice

    from services.kit.clock import SystemClock
    from services.probe.wiring import passing

    made = []
    async with passing(where, settings, SystemClock()) as (one_after_another, accounts):
        for partition, account in islice(cycle(enumerate(accounts)), passes or len(accounts)):
            made.append(await one_after_another.make(partition, account))
            if not as_json:
                typer.echo(_told(made[-1]))
    return made


def _told(one: Pass) -> str:
    times = [("fetchable", one.fetchable_s), ("pushed", one.pushed_s)]
    said = ", ".join(f"{name} after {seconds * 1_000:.0f} ms" for name, seconds in times if seconds is not None)
    failed = f"failed: {one.failed}" if one.failed is not None else ""
    return f"partition {one.partition:>3}  {'; '.join(filter(None, (failed, said)))}"


def _for_programs(one: Pass) -> dict[str, object]:
    failed = None if one.failed is None else {"failure": one.failed.failure.value, "detail": one.failed.detail}
    return {
        "partition": one.partition,
        "account": one.account,
        "fetchable_s": one.fetchable_s,
        "pushed_s": one.pushed_s,
        "failed": failed,
    }
