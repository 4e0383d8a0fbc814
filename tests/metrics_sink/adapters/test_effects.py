"""What became of accounts since their first decision, and of offers by the week, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schemas.outcomes import Change
from services.metrics_sink.adapters.views import OfferAccount, OfferArm, OfferWeek
from tests.metrics_sink.events import AT, fact, life
from tests.metrics_sink.telling import seen, tell

if TYPE_CHECKING:
    from schemas.outcomes import FactAccepted, OfferJudged
    from services.kit.db.sessions import Database

MADE, SEEN = Change.MADE, Change.PRESENTED


def day(number: int) -> datetime:
    return AT + timedelta(days=number)


def offered(account: str, on: int, *changes: Change, **said: Any) -> list[OfferJudged]:
    """An offer that was made on this day, and what became of it."""
    told = {"currency": "USD", "made_at": day(on), "at": day(on), **said}
    return life(f"{account}-{on}", MADE, *changes, account=account, **told)


def told(account: str, on: int, pays: int | None, kind: str = "rung.plan_changed", **value: str) -> FactAccepted:
    value = value or ({"plan": f"of-{pays}"} if kind == "rung.plan_changed" else {})
    return fact(f"{account}-{on}", account, kind, day(on), pays, **value)


STORY: list[OfferJudged | FactAccepted] = [
    told("buys", 0, 10),
    *offered("buys", 1, SEEN),
    told("buys", 2, 30),
    told("buys", 3, 35),
    *offered("buys", 9, SEEN, held_out=True),  # what was said first holds
    told("leaves", 0, 10),
    told("leaves", 1, 10, "rung.ticket_opened", ticket="before"),
    *offered("leaves", 2, SEEN, Change.DISMISSED),
    told("leaves", 3, 10, "rung.ticket_opened", ticket="1"),
    told("leaves", 4, 10, "rung.ticket_opened", ticket="2"),
    told("leaves", 5, 10, "rung.account_closed"),
    *offered("unseen", 3, Change.EXPIRED),
    told("unpriced", 0, None),
    *offered("unpriced", 3),
    told("waits", 0, 20),
    *offered("waits", 1, held_out=True),
    told("waits", 4, 15),
    *offered("waits", 5, offer="gold_plan"),
]


async def test_an_account_counts_once_from_its_first_decision(database: Database) -> None:
    await tell(database, STORY)
    rows = {row.account: row for row in await seen(database, OfferAccount) if row.offer == "team_plan"}
    assert {name: (row.held_out, row.since) for name, row in rows.items()} == {
        "buys": (False, day(1)),
        "leaves": (False, day(2)),
        "unseen": (False, day(3)),
        "unpriced": (False, day(3)),
        "waits": (True, day(1)),
    }
    assert (rows["buys"].converted_at, rows["buys"].purchases) == (day(2), 2)
    assert (rows["leaves"].left_at, rows["leaves"].tickets) == (day(5), 2)
    assert {name: (row.monthly_before, row.monthly) for name, row in rows.items()} == {
        "buys": (10, 35),
        "leaves": (10, 0),
        "unseen": (0, 0),
        "unpriced": (None, None),
        "waits": (20, 15),
    }


async def test_what_was_bought_before_the_decision_is_no_conversion(database: Database) -> None:
    await tell(database, [told("a", 0, 10), *offered("a", 0), *offered("b", 0), told("b", 1, 10)])
    rows = {row.account: row.purchases for row in await seen(database, OfferAccount) if row.offer is not None}
    assert rows == {"a": 0, "b": 1}


async def test_a_playbook_counts_an_account_once_whatever_it_offered(database: Database) -> None:
    await tell(database, STORY)
    rows = [row for row in await seen(database, OfferAccount) if row.offer is None]
    assert sorted((row.account, row.held_out) for row in rows) == [
        ("buys", False),
        ("leaves", False),
        ("unpriced", False),
        ("unseen", False),
        ("waits", True),
    ]


async def test_both_arms_are_added_up(database: Database) -> None:
    """S73: those who were held out leave, too."""
    await tell(database, STORY)
    arms = [row for row in await seen(database, OfferArm) if row.offer == "team_plan"]
    treated, held_out = sorted(arms, key=lambda row: row.held_out)
    assert (treated.accounts, treated.converted, treated.churned) == (4, 1, 1)
    assert (treated.with_ticket, treated.tickets, treated.tickets_squared) == (1, 2, 4)
    assert (treated.priced, treated.revenue_change, treated.revenue_change_squared) == (3, Decimal(15), Decimal(725))
    assert (held_out.accounts, held_out.converted, held_out.revenue_change) == (1, 0, Decimal(-5))


async def test_offers_are_counted_in_the_week_in_which_they_were_made(database: Database) -> None:
    """`AT` is a Wednesday: the fifth day after is the Monday of the next week."""
    await tell(database, STORY)
    rows = {(row.offer, row.week): row for row in await seen(database, OfferWeek)}
    first, second = date(2026, 3, 2), date(2026, 3, 9)
    assert {key: (row.made, row.held_out) for key, row in rows.items()} == {
        ("team_plan", first): (4, 1),
        ("team_plan", second): (0, 1),
        ("gold_plan", second): (1, 0),
    }
    week = rows["team_plan", first]
    assert (week.presented, week.dismissed, week.ignored, week.unseen) == (2, 1, 0, 1)
    assert (week.converted, week.conversions, week.increase) == (1, 2, Decimal(25))
