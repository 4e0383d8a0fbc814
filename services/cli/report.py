"""`rung report`: what offers did, as a page for people, or as JSON."""

# ruff: noqa: PLC0415 - commands import what is slow only when they run
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.cli.options import Json  # noqa: TC001 - typer reads it at run time
from services.cli.where import Stack, database, fail, kafka

if TYPE_CHECKING:
    from decimal import Decimal

    from services.cli.history import History, InForce
    from services.kit.settings import DatabaseSettings, KafkaSettings
    from services.metrics_sink.adapters.asking import Progress
    from services.metrics_sink.adapters.reports import InForce as Figured
    from services.metrics_sink.domain.report import Costs, Report
    from services.trigger_engine.domain.playbook.offers import OfferDefinition
    from services.trigger_engine.domain.playbook.sets import CompiledSet

SERVICE: Final = "report"
METER: Final = "meters."


def report(
    out: Annotated[Path, typer.Option(help="The page to write; what lies there is overwritten.")] = Path("report.html"),
    *,
    acquisition_cost: Annotated[
        str | None, typer.Option(help="What one more unit of revenue costs you from a new customer.", metavar="AMOUNT")
    ] = None,
    expansion_cost: Annotated[
        str | None, typer.Option(help="The same from a customer who is there; given together.", metavar="AMOUNT")
    ] = None,
    as_json: Json = False,
    stack: Stack = None,
) -> None:
    """Say what offers did: who took them, what they changed against those held out, revenue kept, what blocks most.

    Writes one page that stands alone: it can be sent, and fetches nothing.
    """
    from services.cli.asking import ask, progress
    from services.kit.db.faults import DatabaseAway

    try:
        costs = _costs(acquisition_cost, expansion_cost)
        with progress("adding up what offers did") as show:
            found = ask(reported(kafka(stack), database(stack), costs, show))
    except DatabaseAway as away:
        fail(f"PostgreSQL does not answer: {away.why}")
    if found is None:
        fail("no set is in force: there is nothing to report on")
    if as_json:
        import json

        from services.metrics_sink.web.values import values

        typer.echo(json.dumps(values(found)))
        return
    write(found, out)
    typer.echo(f"{_advised(found)}\nwritten to {out}")


async def reported(
    kafka: KafkaSettings,
    database: DatabaseSettings,
    costs: Costs | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Report | None:
    """What is to be told now; None when no set is in force. Raises what Kafka and the database raise."""
    from services.cli.history import read
    from services.kit.clock import SystemClock, to_datetime
    from services.kit.db.engine import Pool
    from services.kit.db.sessions import Database
    from services.metrics_sink.adapters.reports import AT_ONCE, read_report

    sets = await read(kafka)
    if sets.in_force is None:
        return None
    # one state of years of outcomes
    patient = Pool(size=AT_ONCE, statement_s=300.0, transaction_s=1_800.0, answer_s=330.0)
    opened = Database(database.url, database.db_schema, SERVICE, patient)
    try:
        now = to_datetime(SystemClock().now_us())
        return await read_report(opened, now, _in_force(sets, sets.in_force.rules), costs, progress)
    finally:
        await opened.close()


def write(found: Report, out: Path) -> None:
    """Write its page to ``out``."""
    from services.metrics_sink.web.page import page

    out.write_text(page(found), "utf-8")


def _costs(acquisition: str | None, expansion: str | None) -> Costs | None:
    from decimal import Decimal, InvalidOperation

    from services.metrics_sink.domain.report import Costs

    if acquisition is None and expansion is None:
        return None
    try:
        costs = Costs(Decimal(acquisition or ""), Decimal(expansion or ""))
    except InvalidOperation:
        fail("--acquisition-cost and --expansion-cost are amounts, and given together")
    if not (costs.acquisition > 0 and costs.expansion > 0):
        fail("--acquisition-cost and --expansion-cost must be above 0")
    return costs


def _in_force(sets: History, rules: CompiledSet) -> Figured:
    """What figures need to know of the set in force: the share held out among it, and all versions with the same."""
    from services.metrics_sink.adapters.reports import InForce as Figured

    shares = {version.number: _share(version.after) for version in sets.versions if version.after is not None}
    now = _share(sets.in_force)
    return Figured(
        currency=rules.product.currency,
        share=now,
        versions=[number for number, share in shares.items() if share == now],
        not_before={name: _not_before(offer, rules) for name, offer in rules.by_name.items()},
    )


def _not_before(offer: OfferDefinition, rules: CompiledSet) -> dict[str, Decimal]:
    """What meters must have come to before the offer is made, by the names that decisions call them."""
    from decimal import Decimal

    thresholds = (*rules.bounds[offer.playbook].not_before, *offer.not_before)
    return {
        threshold.name.replace(METER, "", 1): Decimal(threshold.least)
        for threshold in thresholds
        if METER in threshold.name
    }


def _share(held: InForce | None) -> Decimal:
    from decimal import Decimal

    holdout = held.rules.product.holdout if held is not None else None
    return holdout.share if holdout is not None else Decimal(0)


def _advised(found: Report) -> str:
    from services.metrics_sink.web.words import BECAUSE

    return (
        "\n".join(f"{one.effect.advice.value:<6}{one.offer}: {BECAUSE[one.effect.because]}" for one in found.offers)
        or "no offer was made yet"
    )
