"""`rung reach`: how many accounts the offers of a set would get, as far as stored decisions tell."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.completing import offers
from services.cli.options import Json, many
from services.cli.publish import Paths  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, kafka

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from schemas.decisions import Reason
    from services.cli.history import History
    from services.kit.settings import KafkaSettings
    from services.trigger_engine.domain.playbook.sets import CompiledSet
    from services.trigger_engine.domain.trying.reached import Reach, Reached
    from services.trigger_engine.domain.trying.tally import Tally


Offers = Annotated[list[str] | None, typer.Option(help="Only this offer, as often as needed.", autocompletion=offers)]


def reach(
    paths: Paths,
    *,
    offer: Annotated[
        list[str] | None, typer.Option(help="Only this offer, as often as needed.", autocompletion=offers)
    ] = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Say how many accounts each offer would get, on each of its moments, and why not the others.

    It reads the decisions that are kept. What they know of an offer that was in force as it is written is told as it
    was; of one that is new or has changed, who had its moment is an upper bound. A moment that is new is told to be
    unknown: `rung replay` plays a set over events.
    """
    from services.cli.asking import ask, progress
    from services.cli.checked import checked
    from services.trigger_engine.domain.trying.tally import Accounts, Tally

    _, found = checked(paths)
    wanted = _wanted(found.compiled, offer)
    accounts = Accounts()
    tally = Tally(accounts, examples=0)
    with progress("reading decisions") as show:
        reached = ask(_read(kafka(stack), found.compiled, tally, show))
    rows = [row for row in reached.rows() if row.offer in wanted]
    if as_json:
        typer.echo(json.dumps(_for_programs(rows, reached, tally)))
    else:
        typer.echo("\n".join(_lines(rows, reached, tally)))


async def _read(kafka: KafkaSettings, rules: CompiledSet, tally: Tally, show: Callable[[int, int], None]) -> Reach:
    from services.cli.decision_log import decisions
    from services.cli.history import read
    from services.trigger_engine.domain.trying.reached import Reach

    reached = Reach(rules, _sets(await read(kafka)), tally.accounts)
    async for decided in decisions(kafka, progress=show):
        tally.event(decided)
        reached.decided(decided.subject, decided.data)
    return reached


def _sets(history: History) -> Callable[[int], CompiledSet | None]:
    """The set that was in force at a version."""
    known = {version.number: version.after.rules for version in history.versions if version.after is not None}
    return known.get


def _wanted(rules: CompiledSet, asked: list[str] | None) -> list[str]:
    from services.cli.where import fail
    from services.trigger_engine.domain.playbook.problems import did_you_mean

    names = list(rules.by_name)
    for name in asked or ():
        if name not in names:
            hint = did_you_mean(name, names)
            fail(f"the set has no offer {name!r}" + (f": {hint}" if hint else f"; it has {', '.join(names)}"))
    return asked or names


def _lines(rows: list[Reached], reached: Reach, tally: Tally) -> Iterator[str]:
    from services.cli.decisions import shown

    if tally.first is None or tally.newest is None:
        yield "no decision is kept: nothing can be told of who would get what; `rung replay` plays a set over events"
        return
    sets = ", ".join(str(version) for version in sorted(tally.versions))
    yield (
        f"{many(tally.decisions, 'decision')} about {many(len(tally.accounts), 'account')}, {shown(tally.first)} to "
        f"{shown(tally.newest)} UTC, by set {sets}"
    )
    if reached.unknown:
        yield f"  of set {', '.join(map(str, sorted(reached.unknown)))} nothing is known any more: left out below"
    for row in rows:
        yield f"{row.offer} on {row.moment}"
        yield from (f"  {line}" for line in _row(row, known=reached.knows(row.moment)))
    if reached.company_moved:
        yield "other offers of the set have changed: who wins between them may differ"


def _row(row: Reached, *, known: bool) -> Iterator[str]:
    if row.otherwise:
        had = many(len(row.otherwise), "account")
        yield f"moment   {had} had one of this name that meant something else: not counted"
    if row.fired is None:
        yield "moment   nobody had it" if known else "moment   unknown: nobody watched for it; `rung replay` can tell"
        return
    yield f"moment   {many(len(row.fired.last), 'account')} had it, {many(row.fired.times, 'time')}"
    decided = row.decided
    if decided.last:
        held_out = f", held out {len(decided.held_out)}" if decided.held_out else ""
        yield f"decided  made to {len(decided.made)} of {many(len(decided.last), 'account')}{held_out}"
        if never := decided.never():
            yield f"         not to the others: {_reasons(never)}"
    if row.could:
        why = "new" if row.is_new and not row.moved else f"changed since ({', '.join(sorted(row.moved))})"
        yield f"at most  {row.at_most} of {many(len(row.could), 'account')}; it is {why}"
        if stopped := row.stopped():
            yield f"         not the others, whatever the offer: {_reasons(stopped)}"


def _reasons(counts: Mapping[Reason, int]) -> str:
    from services.cli.replayed import reasons_in_words

    return reasons_in_words(counts)


def _for_programs(rows: list[Reached], reached: Reach, tally: Tally) -> dict[str, Any]:
    return {
        "decisions": tally.decisions,
        "accounts": len(tally.accounts),
        "first": tally.first.isoformat() if tally.first else None,
        "last": tally.newest.isoformat() if tally.newest else None,
        "sets": sorted(tally.versions),
        "unknown_sets": sorted(reached.unknown),
        "other_offers_changed": reached.company_moved,
        "offers": [_for_row(row, known=reached.knows(row.moment)) for row in rows],
    }


def _for_row(row: Reached, *, known: bool) -> dict[str, Any]:
    decided = row.decided
    return {
        "offer": row.offer,
        "moment": row.moment,
        "moment_known": known,
        "accounts_with_moment": len(row.fired.last) if row.fired is not None else 0,
        "times": row.fired.times if row.fired is not None else 0,
        "accounts_with_another_moment_of_this_name": len(row.otherwise),
        "decided": {
            "accounts": len(decided.last),
            "made_to": len(decided.made),
            "held_out": len(decided.held_out),
            "never_made": {reason.value: count for reason, count in sorted(decided.never().items())},
        },
        "at_most": {
            "accounts": len(row.could),
            "could_reach": row.at_most,
            "stopped": {reason.value: count for reason, count in sorted(row.stopped().items())},
            "new": row.is_new,
            "changed": sorted(part.value for part in row.moved),
        },
    }
