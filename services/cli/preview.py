"""`rung preview`: an offer as the customer would see it."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from services.cli.completing import offers
from services.cli.options import Json, duration, in_words, many, share
from services.cli.where import Stack, fail, kafka
from services.kit.clock import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.offers import Offer
    from services.cli.previewing import Said
    from services.trigger_engine.domain.trying.previewing import Preview

Name = Annotated[str, typer.Argument(help="An offer of the set.", autocompletion=offers)]
Set = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Documents, or directories of them: one product, any playbooks.", show_default="the set in force"
    ),
]
Account = Annotated[
    str | None, typer.Option(help="What is known of this account from its newest decision; else one is made up.")
]
EXAMPLE: Final = "example"
Pairs = list[str] | None
Step = Annotated[
    Fraction | None,
    typer.Option(
        parser=share,
        metavar="SHARE",
        help="Step of a limit, such as 90%; the highest that its numbers pass unless said.",
    ),
]


def preview(  # noqa: PLR0913 - one parameter an option
    offer: Name,
    paths: Set = None,
    *,
    account: Account = None,
    moment: Annotated[str | None, typer.Option(help="The moment that earns it; its first unless said.")] = None,
    step: Step = None,
    variant: Annotated[str | None, typer.Option(help="A variant of its words.")] = None,
    plan: Annotated[str | None, typer.Option(help="The plan it is on; one that gets the offer unless said.")] = None,
    term: Annotated[str | None, typer.Option(help="The term it pays for.")] = None,
    seats: Annotated[int | None, typer.Option(min=0, help="The seats it pays for.")] = None,
    owns: Annotated[Pairs, typer.Option(help="A product that it owns, as often as needed.", metavar="PRODUCT")] = None,
    fact: Annotated[Pairs, typer.Option(help="What is true of it, as often as needed.", metavar="NAME=VALUE")] = None,
    meter: Annotated[
        Pairs, typer.Option(help="What a meter stands at, as often as needed.", metavar="NAME=NUMBER")
    ] = None,
    limit: Annotated[
        Pairs, typer.Option(help="A limit of its own: a number, or `unlimited`.", metavar="METER=LIMIT")
    ] = None,
    user: Annotated[str | None, typer.Option(help="The user that the moment is about.")] = None,
    age: Annotated[
        int | None, typer.Option(parser=duration, metavar="DURATION", help="How old the account is; 100d unless said.")
    ] = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Show an offer as the customer would see it, worded and priced by the engine's own code. Nothing is sent.

    Without --account an account is made up, on which the moment fires just so; options say what is to be true of it.
    When the account would not get the offer, that is told with the reason, and what it would look like all the same.
    """
    from services.cli.asking import told_of
    from services.cli.previewing import Said

    said = Said(
        plan,
        term,
        seats,
        tuple(owns or ()),
        user,
        age,
        _pairs(fact, "--fact"),
        _pairs(meter, "--meter"),
        _pairs(limit, "--limit"),
    )
    with told_of():
        found = _previewed(_Wanted(offer, paths, moment, step, variant, account, stack), said)
    typer.echo(json.dumps(_for_programs(found)) if as_json else "\n".join(_lines(offer, found)))


class _Wanted(NamedTuple):
    """What was asked for, as it was written."""

    offer: str
    paths: list[Path] | None
    moment: str | None
    step: Fraction | None
    variant: str | None
    account: str | None
    stack: str | None


def _previewed(wanted: _Wanted, said: Said) -> Preview:
    from services.cli.asking import ask, progress
    from services.cli.previewing import asked, example, known_of
    from services.cli.sets import chosen
    from services.kit.clock import SystemClock
    from services.trigger_engine.domain.trying.previewing import Preview
    from services.trigger_engine.domain.trying.suited import suited

    rules = chosen(wanted.paths, wanted.stack)
    seen = asked(rules, wanted.offer, wanted.moment, wanted.step, wanted.variant)
    known = None
    if wanted.account is not None:
        with progress(f"reading decisions about {wanted.account}") as show:
            known, made = ask(known_of(kafka(wanted.stack), wanted.account, seen, rules.product, show))
        if known is None:
            fail(f"no decision about {wanted.account} is kept: without --account one is made up")
        if made is not None and said.nothing and wanted.paths is None:
            return Preview(known, made)
    return suited(seen, example(said, rules, known), rules, SystemClock().now_us())


def _pairs(written: Pairs, option: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in written or ()]
    if not all(name and equals for name, equals, _ in pairs):
        raise typer.BadParameter("must read NAME=VALUE", param_hint=option)
    return {name: value for name, _, value in pairs}


def _lines(name: str, found: Preview) -> Iterator[str]:
    from services.cli.decisions import WOULD_NEED
    from services.cli.offer_words import lines_of

    yield f"{name}, for {', '.join(_account(found))}"
    if not found.fires:
        yield "  the moment would not fire at these numbers"
    if found.stopped is not None and found.stopped.reason is not None:
        why = f"{found.stopped.reason}: {found.stopped.detail}" if found.stopped.detail else found.stopped.reason.value
        yield f"  would not be made: {why}"
        yield f"  would need {WOULD_NEED[found.stopped.reason]}"
    if found.offer is None:
        return
    if found.stopped is not None:
        yield "  what it would look like:"
    offer = found.offer.model_dump(mode="json", exclude_none=True)
    yield f"  in {', '.join(offer['placements'])}, open for {in_words(_open_for_us(found.offer))}" + (
        f", for user {offer['user']}" if "user" in offer else ""
    )
    yield from (f"  {line}" for line in lines_of(offer))
    yield f"  after a no: {offer['after_a_no']['rule']}"


def _open_for_us(offer: Offer) -> int:
    return int((offer.expires_at - offer.made_at).total_seconds()) * US_PER_S


def _account(found: Preview) -> Iterator[str]:
    """``an account on free by the month``, ``storage_gb 1.6``: who it is, and what is true of it."""
    example = found.example
    plan = f" on {example.plan}" if example.plan is not None else ""
    term = f" by the {example.term}" if example.term is not None else ""
    yield f"{'an account' if example.id == EXAMPLE else example.id}{plan}{term}"
    if example.seats is not None:
        yield many(example.seats, "seat")
    yield from (f"owning {product}" for product in example.owned)
    yield from (f"{name} {_value(value)}" for name, value in sorted({**example.facts, **example.meters}.items()))
    yield from (f"a limit of {value} on {name}" for name, value in sorted(example.limits.items()))


def _for_programs(found: Preview) -> dict[str, Any]:
    example = found.example
    told: dict[str, Any] = {
        "account": {
            "id": example.id,
            "plan": example.plan,
            "term": example.term,
            "seats": example.seats,
            "owned": list(example.owned),
            "facts": {name: _value(value) for name, value in sorted(example.facts.items())},
            "meters": {name: _value(value) for name, value in sorted(example.meters.items())},
            "limits": {name: _value(value) for name, value in sorted(example.limits.items())},
        },
        "fires": found.fires,
        "would_be_made": found.fires and found.stopped is None and found.offer is not None,
        "offer": None if found.offer is None else found.offer.model_dump(mode="json", exclude_none=True),
    }
    if found.stopped is not None:
        told["stopped"] = found.stopped.model_dump(mode="json", exclude_none=True)
    return told


def _value(value: object) -> object:
    """A value as people write it: decimals without needless zeros."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
