"""Who converts, what withholds offers, and whom none reached, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schemas.decisions import Candidate, Decided, Reason, Stage, Verdict
from schemas.offers import Verb
from schemas.outcomes import Change
from services.metrics_sink.adapters.views import (
    ChurnAfterCrossSell,
    CreditedMonth,
    NeverOffered,
    OfferReason,
    SegmentConversion,
)
from tests.metrics_sink.events import AT, decided, fact, life
from tests.metrics_sink.telling import seen, tell, tell_decisions

if TYPE_CHECKING:
    from schemas.outcomes import FactAccepted, OfferJudged
    from services.kit.db.sessions import Database

BOUGHT = "rung.product_bought"


def day(number: int) -> datetime:
    return AT + timedelta(days=number)


def shown(account: str, verb: Verb = Verb.UPGRADE_TO, **said: Any) -> list[OfferJudged]:
    """An offer that ``account`` saw on day 1."""
    told = {"made_at": day(1), "at": day(1), "currency": "USD", "verb": verb, **said}
    return life(f"{account}-{verb}", Change.MADE, Change.PRESENTED, account=account, **told)


def told(account: str, on: int, pays: int | None, kind: str = "rung.plan_changed", **value: Any) -> FactAccepted:
    value = value or ({"plan": f"of-{pays}"} if kind == "rung.plan_changed" else {})
    return fact(f"{account}-{on}-{kind}", account, kind, day(on), pays, **value)


async def test_credit_is_added_up_by_month_and_so_is_what_nobody_gets_it_for(database: Database) -> None:
    await tell(database, [*shown("a"), told("a", 2, 10), told("a", 28, 30), told("b", 2, 7), told("c", 2, None)])
    rows = {(row.month, row.offer, row.currency): row for row in await seen(database, CreditedMonth)}
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    assert {key: (row.conversions, row.increase, row.unpriced) for key, row in rows.items()} == {
        (march, "team_plan", "USD"): (1, Decimal(10), 0),
        (april, "team_plan", "USD"): (1, Decimal(20), 0),
        (march, None, "USD"): (1, Decimal(7), 0),
        (march, None, None): (1, Decimal(0), 1),
    }


async def test_conversion_is_told_by_what_the_account_was(database: Database) -> None:
    """S70: upsell and cross-sell, by segments, levels, plan, term, and facts such as the industry."""
    power: dict[str, Any] = {"levels": {"engagement": "high"}}
    casual: dict[str, Any] = {"levels": {"engagement": "low"}}
    await tell(
        database,
        [
            told("a", 0, 0, "rung.account_created", plan="free", attributes={"industry": "health", "team": "12"}),
            told("b", 0, 0, "rung.attribute_set", name="industry", value="shops"),
            told("b", 2, 0, "rung.attribute_set", name="industry", value="health"),  # later than the offer
            *shown("a", **power, plan="free", term="month", segments=("small_team",), report={"size": "smb"}),
            *shown("b", **casual, plan="free"),
            *shown("b", Verb.ADD, **casual, plan="free", at=day(2)),
            *shown("b", Verb.HIGHLIGHT, **casual),  # sells nothing
            told("a", 3, 10),
            told("b", 3, 4, BOUGHT, product="photos"),
        ],
    )
    rows = await seen(database, SegmentConversion)
    upsell = {(row.dimension, row.value): (row.offers, row.converted) for row in rows if row.sort == "upsell"}
    assert upsell == {
        ("all", "all"): (2, 1),
        ("levels.engagement", "high"): (1, 1),
        ("levels.engagement", "low"): (1, 0),
        ("account.plan", "free"): (2, 1),
        ("account.term", "month"): (1, 1),
        ("account.industry", "health"): (1, 1),
        ("account.industry", "shops"): (1, 0),
        ("segments", "small_team"): (1, 1),
        ("report.size", "smb"): (1, 1),
    }
    assert {row.sort for row in rows} == {"upsell", "cross_sell"}


def judged(name: str, on: int, stage: Stage, reason: Reason | None, account: str = "acme", **meters: int) -> Decided:
    """A decision of this day about one offer, and what meters stood at."""
    candidate = Candidate(offer="team_plan", moment="storage_full", stage=stage, reason=reason)
    verdict = Verdict.OFFERED if reason is None else Verdict.WITHHELD
    stood = {meter: Decimal(value) for meter, value in meters.items()}
    said = {"at": day(on), "candidates": (candidate,), "verdict": verdict, "meters": stood}
    return decided(name, reason, account, **said)


async def test_reasons_are_counted_by_offer_and_stage(database: Database) -> None:
    cap = (Stage.WITHIN_BOUNDS, Reason.CAPPED)
    await tell_decisions(
        database,
        [
            judged("1", 1, *cap),
            judged("2", 2, *cap),
            judged("3", 3, *cap, "other"),
            judged("4", 4, Stage.HELD_OUT, None),
        ],
    )
    assert await seen(database, OfferReason) == [
        OfferReason("team_plan", "held_out", None, 1, 1),
        OfferReason("team_plan", "within_bounds", "capped", 3, 2),
    ]


async def test_who_was_ready_long_ago_and_never_saw_an_offer_is_told(database: Database) -> None:
    """S57: the gate that is too late."""
    early, capped = (Stage.SUITABLE, Reason.NOT_BEFORE), (Stage.WITHIN_BOUNDS, Reason.CAPPED)
    waits = [
        judged("1", 1, *early, exports=1),
        judged("2", 2, *capped, exports=2, files=8),
        judged("3", 3, *early),
        judged("4", 4, *capped, exports=7),
    ]
    others = [judged(name, 2, *capped, name) for name in ("saw", "held")]
    await tell_decisions(database, [*waits, *others, judged("5", 2, *early, "early")])
    held = life("h", Change.MADE, account="held", held_out=True)
    await tell(database, [*shown("saw"), *held, told("else", 90, None)])
    assert await seen(database, NeverOffered) == [
        NeverOffered(
            "acme", day(2), timedelta(days=88), 3, "capped", offers=["team_plan"], meters={"exports": "7", "files": "8"}
        )
    ]


async def test_churn_after_a_cross_sell_is_told_by_months(database: Database) -> None:
    """S74: month by month, beside those without."""
    closed = "rung.account_closed"
    await tell(
        database,
        [
            told("a", 0, 10),
            told("a", 1, 14, BOUGHT, product="photos"),
            told("b", 0, 10),
            told("b", 1, 14, BOUGHT, product="photos"),
            told("b", 35, 14, closed),
            told("c", 0, 10),
            told("c", 65, 10, closed),
            told("d", 130, None),
        ],
    )
    rows = [tuple(row)[:3] for row in await seen(database, ChurnAfterCrossSell)]
    assert rows == [(1, 2, 1), (2, 1, 0), (3, 1, 0), (None, 2, 1)]
