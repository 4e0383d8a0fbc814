"""`rung explain`: why an account got an offer, why not, and what would have to change."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.decisions import Decision
from services.cli.where import Stack, fail, kafka

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.kit.settings import KafkaSettings


@dataclass
class _Found:
    """The newest decisions about the account that were asked for, and every offer that competed in any."""

    decisions: list[Decision] = field(default_factory=list)
    offers: dict[str, None] = field(default_factory=dict)
    count: int = 0


def explain(
    account: Annotated[str, typer.Argument(help="Whose decisions.")],
    *,
    offer: Annotated[str | None, typer.Option(help="Only about this offer.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest decisions.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    stack: Stack = None,
) -> None:
    """Say what was decided about an account, the newest last: why, why not, and what an offer would have needed."""
    from services.cli.asking import ask, progress
    from services.cli.decisions import for_programs, in_words

    with progress(f"reading decisions about {account}") as show:
        found = ask(_found(kafka(stack), account, (offer, last), show))
    if offer is not None and not found.count and found.offers:
        fail(_no_such_offer(account, offer, found))
    if as_json:
        told = {"account": account, "decisions": [for_programs(decision) for decision in found.decisions]}
        typer.echo(json.dumps(told))
        return
    for decision in found.decisions:
        typer.echo("\n".join(in_words(account, decision, offer)) + "\n")
    if not found.count:
        typer.echo(f"no decision about {account} is kept: no moment of it has fired lately")
    elif found.count > len(found.decisions):
        typer.echo(f"the newest {len(found.decisions)} of {found.count} decisions; --last shows more")


async def _found(
    kafka: KafkaSettings, account: str, wanted: tuple[str | None, int], show: Callable[[int, int], None]
) -> _Found:
    from services.cli.decision_log import decisions

    offer, last = wanted
    found = _Found()
    async for decided in decisions(kafka, account, show):
        competed = {candidate.offer for candidate in decided.data.candidates}
        found.offers |= dict.fromkeys(sorted(competed))
        if offer is None or offer in competed:
            found.count += 1
            found.decisions = [*found.decisions, decided.data][-last:]
    return found


def _no_such_offer(account: str, offer: str, found: _Found) -> str:
    from services.trigger_engine.domain.playbook.problems import did_you_mean

    hint = did_you_mean(offer, found.offers)
    return f"{offer!r} never competed for {account}" + (f": {hint}" if hint else f"; {', '.join(found.offers)} did")
