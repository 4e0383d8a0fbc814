"""What counts as bought, and which offer is given the credit, on a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from schemas.offers import Verb
from schemas.outcomes import Change
from services.metrics_sink.adapters.attribution import keep_attribution
from services.metrics_sink.adapters.views import Conversion
from services.metrics_sink.domain.attribution import Attribution, Rule, Touch
from tests.metrics_sink.events import AT, fact, judged
from tests.metrics_sink.telling import seen, tell

if TYPE_CHECKING:
    from schemas.outcomes import FactAccepted, OfferJudged
    from services.kit.db.sessions import Database

ZERO = Decimal(0)
BOUGHT = "rung.product_bought"
CREATED = "rung.account_created"


def shown(offer_id: str, days: float, change: Change = Change.PRESENTED, **said: Any) -> OfferJudged:
    """``offer_id`` was touched so many days after `AT`."""
    return judged(offer_id, 2, change, **{"offer": offer_id, "at": AT + timedelta(days=days), **said})


def bought(fact_id: str, days: float, kind: str = "rung.plan_changed", **said: Any) -> FactAccepted:
    """A fact of so many days after `AT`."""
    return fact(fact_id, kind=kind, at=AT + timedelta(days=days), **said)


def team(days: float) -> FactAccepted:
    return bought("team", days, plan="team", pays=18)


async def credited(database: Database) -> dict[str, str | None]:
    """By fact, the offer that has the credit."""
    return {row.fact_id: row.offer for row in await seen(database, Conversion)}


async def test_a_purchase_is_credited_to_the_offer_touched_last(database: Database) -> None:
    await tell(database, [shown("early", 0), shown("late", 1), team(2), shown("after", 3)])
    (row,) = await seen(database, Conversion)
    assert (row.offer, row.touched_at, row.kind, row.bought) == ("late", AT + timedelta(days=1), "plan", "team")
    assert (row.monthly_before, row.monthly, row.increase, row.currency) == (ZERO, Decimal(18), Decimal(18), "USD")


async def test_a_purchase_without_an_offer_is_counted_as_such(database: Database) -> None:
    other = shown("other", 0, account="other")
    await tell(database, [team(0), other, shown("held", -1, held_out=True), shown("made", -1, Change.MADE)])
    assert await credited(database) == {"team": None}


async def test_each_purchase_is_credited_once_and_an_offer_may_earn_several(database: Database) -> None:
    again = [shown("a", 0), judged("a", 3, Change.CLICKED, offer="a", at=AT), judged("a", 4, Change.ACCEPTED, at=AT)]
    await tell(database, [*again, team(1), bought("photos", 2, BOUGHT, product="photos", pays=22)])
    rows = await seen(database, Conversion)
    assert [(row.fact_id, row.offer_id, row.increase) for row in rows] == [
        ("team", "a", Decimal(18)),
        ("photos", "a", Decimal(4)),
    ]


@pytest.mark.parametrize(("days", "offer"), [(30, "a"), (30.001, None)])
async def test_the_window_ends_with_its_last_instant(days: float, offer: str | None, database: Database) -> None:
    await tell(database, [shown("a", 0), team(days)])
    assert await credited(database) == {"team": offer}


async def test_another_window_holds_for_the_past_too(database: Database) -> None:
    await tell(database, [shown("a", 0), team(30)])
    await keep_attribution(database, Attribution(window_days=29))
    assert await credited(database) == {"team": None}


@pytest.mark.parametrize(
    ("touch", "offer"), [(Touch.PRESENTED, "seen"), (Touch.CLICKED, "clicked"), (Touch.ACCEPTED, "taken")]
)
async def test_what_counts_as_touched_is_a_setting(touch: Touch, offer: str, database: Database) -> None:
    touches = [shown("taken", 1, Change.ACCEPTED), shown("clicked", 2, Change.CLICKED), shown("seen", 3)]
    await tell(database, [*touches, team(4)])
    await keep_attribution(database, Attribution(touch=touch))
    assert await credited(database) == {"team": offer}


@pytest.mark.parametrize(
    ("offer", "said", "what", "found"),
    [
        ("the_plan", {"target": "team"}, {"plan": "team"}, "the_plan"),
        ("another_plan", {"target": "gold"}, {"plan": "team"}, None),
        ("chosen", {"target": "suite", "verb": Verb.CHOOSE_FROM}, {"plan": "team"}, "chosen"),
        ("chosen", {"target": "gold", "option": "team"}, {"plan": "team"}, "chosen"),
        ("bundle", {"target": "creative", "verb": Verb.BUNDLE}, {"kind": BOUGHT, "product": "sign"}, "bundle"),
        ("bundle", {"target": "creative", "verb": Verb.BUNDLE}, {"plan": "team"}, None),
    ],
)
async def test_the_other_rule_asks_what_was_proposed(
    offer: str, said: dict[str, Any], what: dict[str, Any], found: str | None, database: Database
) -> None:
    await tell(database, [shown(offer, 0, **said), shown("help", 1, target="help"), bought("f", 2, **what)])
    await keep_attribution(database, Attribution(rule=Rule.LAST_THAT_PROPOSED))
    assert await credited(database) == {"f": found}


STORIES: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("an account that begins", [{"kind": CREATED, "plan": "team", "pays": 18}], []),
    ("a plan up", [{"kind": CREATED, "plan": "free", "pays": 0}, {"plan": "team", "pays": 18}], [("plan", "team")]),
    ("a plan down", [{"kind": CREATED, "plan": "team", "pays": 18}, {"plan": "plus", "pays": 10}], []),
    ("a plan at unknown prices", [{"plan": "team"}], [("plan", "team")]),
    (
        "a longer term",
        [{"kind": CREATED, "plan": "team", "term": "month", "pays": 18}, {"plan": "team", "term": "year", "pays": 15}],
        [("term", "year")],
    ),
    (
        "a shorter term",
        [{"kind": CREATED, "plan": "team", "term": "year", "pays": 15}, {"plan": "team", "term": "month", "pays": 18}],
        [],
    ),
    (
        "seats, told twice",
        [
            {"kind": CREATED, "plan": "team", "seats": 2, "pays": 36},
            {"kind": "rung.seats_changed", "seats": 3, "pays": 54},
            {"plan": "team", "seats": 5, "pays": 90},
            {"kind": "rung.seats_changed", "seats": 4, "pays": 72},
        ],
        [("seats", "seats"), ("seats", "seats")],
    ),
    (
        "a product, again, and what is no purchase",
        [
            {"kind": BOUGHT, "product": "room", "term": "year", "pays": 3},
            {"kind": BOUGHT, "product": "room", "pays": 6},
            {"kind": "rung.ticket_opened", "ticket": "t", "pays": 6},
            {"kind": "rung.product_ended", "product": "room", "pays": 0},
            {"kind": "rung.account_closed", "pays": 0},
        ],
        [("product", "room"), ("product", "room")],
    ),
]


@pytest.mark.parametrize(("story", "kinds"), [pytest.param(s, k, id=name) for name, s, k in STORIES])
async def test_what_counts_as_bought(
    story: list[dict[str, Any]], kinds: list[tuple[str, str]], database: Database
) -> None:
    await tell(database, [bought(f"f-{days}", days, **said) for days, said in enumerate(story)])
    assert [(row.kind, row.bought) for row in await seen(database, Conversion)] == kinds


async def test_a_fact_read_late_takes_its_place_by_its_own_time(database: Database) -> None:
    """Seats of day 2 are read before the plan of day 1: only with the plan does the engine know a price."""
    seats = bought("seats", 2, "rung.seats_changed", seats=3)
    await tell(
        database,
        [bought("new", 0, CREATED, plan="free", seats=1, pays=0), seats, bought("plan", 1, plan="team", pays=54)],
    )
    rows = await seen(database, Conversion)
    assert [(row.fact_id, row.monthly_before, row.monthly) for row in rows] == [
        ("plan", ZERO, Decimal(54)),
        ("seats", Decimal(54), Decimal(54)),
    ]


async def test_a_closed_account_pays_nothing_until_it_is_back(database: Database) -> None:
    closed = bought("closed", 1, "rung.account_closed", pays=18)
    ticket = bought("ticket", 2, "rung.ticket_closed", ticket="t", pays=18)
    await tell(database, [team(0), ticket, closed, bought("gold", 3, plan="gold", pays="40.50")])
    rows = await seen(database, Conversion)
    assert [(row.fact_id, row.monthly_before, row.monthly) for row in rows] == [
        ("team", ZERO, Decimal(18)),
        ("gold", ZERO, Decimal("40.50")),
    ]
