"""Numbers known by construction, on a real PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import text

from schemas.outcomes import Change
from services.metrics_sink.adapters.figures import FunnelFigures
from services.metrics_sink.adapters.ledgers import OutcomeLedger
from services.metrics_sink.domain.batch import OutcomeBatch
from services.metrics_sink.domain.funnel import FunnelStage
from services.metrics_sink.domain.rows import outcome_row
from tests.metrics_sink.events import life

if TYPE_CHECKING:
    from schemas.outcomes import OfferJudged
    from services.kit.db.sessions import Database

MADE, SEEN, CLICKED, YES, NO = Change.MADE, Change.PRESENTED, Change.CLICKED, Change.ACCEPTED, Change.DISMISSED
LIVES = [
    *life("1", MADE, SEEN, CLICKED, YES),
    *life("2", MADE, SEEN, CLICKED, NO),
    *life("3", MADE, SEEN, Change.SNOOZED, SEEN, Change.SNOOZED, NO),  # snoozed twice counts once
    *life("4", MADE, Change.CHANGED, SEEN),
    *life("5", MADE, Change.EXPIRED),
    *life("6", MADE, Change.REVOKED),
    *life("7", MADE, SEEN, YES, held_out=True),  # would be a bug of the engine, and still counts as held out alone
    *life("8", MADE, Change.EXPIRED, held_out=True),
    *life("9", MADE, offer="gold_plan"),
    *life("10", MADE, SEEN, YES, playbook="seats", offer="more_seats"),
]
FUNNEL = """
    select playbook, offer, made, presented, clicked, accepted, dismissed, snoozed, expired, revoked, held_out
    from offer_funnel order by playbook, offer
"""


async def fold(database: Database, events: list[OfferJudged]) -> None:
    await OutcomeLedger(database).add(OutcomeBatch(tuple(outcome_row(event) for event in events)), 0, 0, len(events))


async def test_the_funnel_counts_each_offer_once_in_each_stage(database: Database) -> None:
    await fold(database, LIVES)
    async with database.reading() as session:
        assert [tuple(row) for row in await session.execute(text(FUNNEL))] == [
            ("seats", "more_seats", 1, 1, 0, 1, 0, 0, 0, 0, 0),
            ("storage", "gold_plan", 1, 0, 0, 0, 0, 0, 0, 0, 0),
            ("storage", "team_plan", 6, 4, 2, 1, 2, 1, 1, 1, 2),
        ]


async def test_rates_are_of_those_who_could(database: Database) -> None:
    await fold(database, LIVES)
    rates = "select presented_rate, clicked_rate, accepted_rate, dismissed_rate from offer_funnel where offer = :offer"
    async with database.reading() as session:
        team = (await session.execute(text(rates), {"offer": "team_plan"})).one()
        gold = (await session.execute(text(rates), {"offer": "gold_plan"})).one()
    assert [round(rate, 4) for rate in team] == [Decimal("0.6667"), Decimal("0.5"), Decimal("0.25"), Decimal("0.5")]
    assert tuple(gold) == (0, None, None, None)


async def test_the_figures_are_of_all_playbooks_together(database: Database) -> None:
    figures = FunnelFigures(database)
    assert await figures.funnel() == dict.fromkeys(FunnelStage, 0)
    await fold(database, LIVES)
    assert await figures.funnel() == {
        FunnelStage.MADE: 8,
        FunnelStage.PRESENTED: 5,
        FunnelStage.CLICKED: 2,
        FunnelStage.ACCEPTED: 2,
        FunnelStage.DISMISSED: 2,
        FunnelStage.SNOOZED: 1,
        FunnelStage.EXPIRED: 1,
        FunnelStage.REVOKED: 1,
        FunnelStage.HELD_OUT: 2,
    }
