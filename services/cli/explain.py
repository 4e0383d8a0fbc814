"""`rung explain`: why an account got an offer, why not, and what would have to change."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.completing import offers
from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, fail, kafka

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemas.decisions import Decision
    from schemas.offers import OfferEvent
    from services.kit.settings import KafkaSettings


class _Asked:
    """What is to be explained: an account, or an offer of it by its name or its id."""

    def __init__(self, account: str, offer: str | None, last: int) -> None:
        self.account = account
        self.offer = offer
        self.last = last
        self.decisions: list[Decision] = []
        """The newest of those that were asked for."""

        self.competed: dict[str, None] = {}
        """Every offer that competed in any decision about the account."""

        self.count = 0
        self.name: str | None = None
        """Of the offer, when it was asked for by its id."""

        self.life: list[OfferEvent] = []

    def decided(self, decision: Decision) -> None:
        """A decision about the account, in their order."""
        competed = {candidate.offer for candidate in decision.candidates}
        self.competed |= dict.fromkeys(sorted(competed))
        by_id = self.offer is not None and decision.offer_id == self.offer
        if by_id:
            self.name = next((one.offer for one in decision.candidates if one.reason is None), None)
        if by_id or self.offer is None or self.offer in competed:
            self.count += 1
            self.decisions = [*self.decisions, decision][-self.last :]


def explain(
    account: Annotated[str, typer.Argument(help="Whose decisions.")],
    *,
    offer: Annotated[
        str | None,
        typer.Option(help="Only about this offer: its name, or the id of one that was made.", autocompletion=offers),
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest decisions.")] = 3,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Say what was decided about an account, the newest last: why, why not, and what an offer would have needed.

    Of an offer that is named by its id, also what became of it, and why.
    """
    from services.cli.asking import ask, progress
    from services.cli.decisions import for_programs

    asked = _Asked(account, offer, last)
    with progress(f"reading decisions about {account}") as show:
        ask(_read(kafka(stack), asked, show))
    if offer is not None and not asked.count and asked.competed:
        fail(_no_such_offer(asked, offer))
    if as_json:
        told: dict[str, Any] = {"account": account, "decisions": [for_programs(one) for one in asked.decisions]}
        if asked.name is not None:
            told["life"] = [event.model_dump(mode="json", exclude_none=True) for event in asked.life]
        typer.echo(json.dumps(told))
        return
    typer.echo("\n".join(_lines(asked)))


async def _read(kafka: KafkaSettings, asked: _Asked, show: Callable[[int, int], None]) -> None:
    from services.cli.decision_log import decisions, offer_events

    async for decided in decisions(kafka, asked.account, show):
        asked.decided(decided.data)
    if asked.name is not None:
        async for event in offer_events(kafka, asked.account, show):
            if _offer_id(event) == asked.offer:
                asked.life.append(event)


def _offer_id(event: OfferEvent) -> str | None:
    """The offer that an event of the log of offers is about; None when it is about all of them."""
    from schemas.offers import OfferChanged, OfferMade, OffersErased

    match event:
        case OfferMade() | OfferChanged():
            return event.data.offer.offer_id
        case OffersErased():
            return None
        case _:
            return event.data.offer_id


def _lines(asked: _Asked) -> Iterator[str]:
    from services.cli.decisions import in_words, life_in_words

    for decision in asked.decisions:
        yield from in_words(asked.account, decision, asked.name or asked.offer)
        yield ""
    if asked.life:
        yield f"{asked.account} · {asked.name} · what became of it"
        yield from life_in_words(asked.life)
        yield ""
    if not asked.count:
        yield f"no decision about {asked.account} is kept: no moment of it has fired lately"
    elif asked.count > len(asked.decisions):
        yield f"the newest {len(asked.decisions)} of {asked.count} decisions; --last shows more"


def _no_such_offer(asked: _Asked, offer: str) -> str:
    from services.trigger_engine.domain.playbook.problems import did_you_mean

    hint = did_you_mean(offer, asked.competed)
    others = f": {hint}" if hint else f"; {', '.join(asked.competed)} did"
    return f"{offer!r} never competed for {asked.account}{others}"
