"""Revenue known by construction, month by month, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from services.metrics_sink.adapters.views import AccountValue, ExpansionTime, ProductsRetention, RevenueMonth
from tests.metrics_sink.events import fact
from tests.metrics_sink.telling import seen, tell

if TYPE_CHECKING:
    from schemas.outcomes import FactAccepted
    from services.kit.db.sessions import Database

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
BOUGHT, ENDED, CLOSED = "rung.product_bought", "rung.product_ended", "rung.account_closed"


def on(
    month: int, day: int, account: str, pays: int | None, kind: str = "rung.plan_changed", **value: str
) -> FactAccepted:
    at = datetime(2026, month, day, tzinfo=UTC)
    value = value or ({"plan": f"of-{pays}"} if kind == "rung.plan_changed" else {})
    return fact(f"{account}-{month}-{day}-{kind}", account, kind, at, pays, **value)


STORY = [
    on(1, 10, "grows", 100),
    on(1, 10, "leaves", 100),
    on(1, 10, "shrinks", 100),
    on(1, 10, "unknown", None),
    on(1, 20, "free", 0),
    on(2, 1, "grows", 150),  # the first instant of February is not January
    on(2, 5, "leaves", 100, CLOSED),
    on(2, 6, "leaves", 100, "rung.ticket_opened", ticket="t"),
    on(2, 7, "shrinks", 90),
    on(2, 8, "shrinks", 80),
    on(2, 9, "new", 50, BOUGHT, product="photos"),
    on(3, 1, "new", 70, BOUGHT, product="sign"),
    on(3, 2, "leaves", 30),
    on(3, 15, "new", 50, ENDED, product="photos"),
]


def of_all(rows: list[RevenueMonth]) -> dict[date, RevenueMonth]:
    return {row.month: row for row in rows if row.of_all and row.currency == "USD"}


async def test_a_month_is_what_it_began_with_and_what_became_of_that(database: Database) -> None:
    await tell(database, STORY)
    months = of_all(await seen(database, RevenueMonth))
    told = {
        month: tuple(map(int, (r.at_start, r.new, r.back, r.expansion, r.contraction, r.churn, r.at_end)))
        for month, r in months.items()
    }
    assert told == {
        JANUARY: (0, 300, 0, 0, 0, 0, 300),
        FEBRUARY: (300, 50, 0, 50, 20, 100, 280),
        MARCH: (280, 0, 30, 0, 0, 0, 310),
    }
    february = months[FEBRUARY]
    assert february.nrr is not None
    assert february.grr is not None
    assert (round(february.nrr, 6), february.grr) == (Decimal("0.766667"), Decimal("0.6"))
    assert [months[month].complete for month in (JANUARY, FEBRUARY, MARCH)] == [True, True, False]


async def test_accounts_are_counted_by_what_became_of_them(database: Database) -> None:
    await tell(database, STORY)
    row = of_all(await seen(database, RevenueMonth))[FEBRUARY]
    assert (row.accounts_at_start, row.accounts_at_end, row.accounts_new) == (3, 3, 1)
    assert (row.accounts_expanded, row.accounts_contracted, row.accounts_churned, row.accounts_back) == (1, 1, 1, 0)


async def test_net_retention_is_marked_above_100_and_above_120(database: Database) -> None:
    """S69: net of what was lost, what the accounts of the start pay at the end."""
    grown = [on(1, 1, "a", 100), on(2, 2, "a", 100, "rung.ticket_opened"), on(3, 2, "a", 101), on(4, 2, "a", 122)]
    await tell(database, grown)
    rows = of_all(await seen(database, RevenueMonth)).values()
    assert [(row.above_100, row.above_120) for row in rows] == [
        (None, None),
        (False, False),
        (True, False),
        (True, True),
    ]


async def test_a_cohort_is_who_first_paid_in_the_same_month(database: Database) -> None:
    await tell(database, STORY)
    rows = [row for row in await seen(database, RevenueMonth) if not row.of_all]
    told = {(row.cohort, row.month): (int(row.at_start), int(row.at_end)) for row in rows}
    assert told == {
        (JANUARY, JANUARY): (0, 300),
        (JANUARY, FEBRUARY): (300, 230),
        (JANUARY, MARCH): (230, 260),
        (FEBRUARY, FEBRUARY): (0, 50),
        (FEBRUARY, MARCH): (50, 50),
    }


async def test_currencies_are_not_added_up(database: Database) -> None:
    euros = on(1, 10, "other", 40)
    euros = euros.model_copy(update={"data": euros.data.model_copy(update={"currency": "EUR"})})
    await tell(database, [on(1, 10, "a", 100), euros])
    rows = [row for row in await seen(database, RevenueMonth) if row.of_all]
    assert {row.currency: row.at_end for row in rows} == {"EUR": 40, "USD": 100}


async def test_revenue_that_comes_of_expansion_is_a_share_of_all(database: Database) -> None:
    """S68, S74: a share of all revenue, and revenue per customer."""
    await tell(database, STORY)
    row = of_all(await seen(database, RevenueMonth))[FEBRUARY]
    assert row.expansion_share is not None
    assert row.per_customer is not None
    assert (round(row.expansion_share, 6), round(row.per_customer, 6)) == (Decimal("0.178571"), Decimal("93.333333"))


async def test_what_an_account_is_worth_is_what_it_paid_in_complete_months(database: Database) -> None:
    """S72: lifetime value, and products beside the plan."""
    await tell(database, STORY)
    rows = {row.account: row for row in await seen(database, AccountValue)}
    assert {name: (row.months_paid, int(row.lifetime_value), row.products) for name, row in rows.items()} == {
        "grows": (2, 250, 0),
        "leaves": (1, 100, 0),
        "shrinks": (2, 180, 0),
        "new": (1, 50, 1),
    }


async def test_retention_is_told_by_products_owned_when_the_month_began(database: Database) -> None:
    """S73."""
    await tell(database, STORY)
    rows = await seen(database, ProductsRetention)
    assert [(row.month, row.products, row.accounts, row.retained) for row in rows] == [
        (FEBRUARY, 0, 3, 2),
        (MARCH, 0, 2, 2),
        (MARCH, 1, 1, 1),
    ]


async def test_who_still_waits_or_has_left_has_not_expanded(database: Database) -> None:
    """S71: a median needs those who still wait, too."""
    await tell(database, STORY)
    rows = {row.account: (row.until - row.started_at, row.expanded) for row in await seen(database, ExpansionTime)}
    assert rows == {
        "grows": (timedelta(days=22), True),
        "leaves": (timedelta(days=26), False),
        "shrinks": (timedelta(days=64), False),
        "new": (timedelta(days=20), True),
    }
    assert {row.days for row in await seen(database, ExpansionTime)} == {20, 22, 26, 64}
