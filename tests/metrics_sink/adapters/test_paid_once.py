"""Money that is paid once: where it is counted, and where it is not, on a real PostgreSQL, worked out by hand."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import text

from schemas.outcomes import Change
from services.kit.db.migrations import IN_REPOSITORY, migrate
from services.kit.db.sessions import Database
from services.metrics_sink.adapters.effects import arms_of_offers
from services.metrics_sink.adapters.views import (
    VIEWS,
    AccountValue,
    ChurnAfterCrossSell,
    Conversion,
    CreditedMonth,
    ExpansionTime,
    OfferAccount,
    OfferArm,
    OfferWeek,
    ProductsRetention,
    RevenueMonth,
)
from services.metrics_sink.domain.effect import Figure
from services.metrics_sink.domain.rows import fact_row
from services.metrics_sink.domain.statistics.arm import Arm
from tests.metrics_sink.events import fact, life
from tests.metrics_sink.place import SCHEMA
from tests.metrics_sink.telling import seen, tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from schemas.outcomes import FactAccepted, OfferJudged

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))
BOUGHT, PLAN, CLOSED = "rung.product_bought", "rung.plan_changed", "rung.account_closed"
ZERO = Decimal(0)


def on(month: int, day: int, account: str, pays: int, kind: str = PLAN, once: int | str | None = None) -> FactAccepted:
    """A fact of this day of 2026."""
    value = {"product": f"of-{once}"} if kind == BOUGHT else {"plan": f"of-{pays}"} if kind == PLAN else {}
    fact_id = f"{account}-{month}-{day}-{once}"
    return fact(fact_id, account, kind, datetime(2026, month, day, tzinfo=UTC), pays, once, **value)


STORY = [
    on(1, 5, "both", 100),
    on(1, 10, "leaves", 50),
    on(1, 10, "member", 10),
    on(1, 10, "shop", 0, BOUGHT, once=600),
    on(2, 3, "member", 10, BOUGHT, once="12.50"),
    on(2, 5, "leaves", 50, BOUGHT, once=7),
    on(2, 10, "leaves", 50, CLOSED),
    on(2, 20, "member", 30),
    on(2, 28, "both", 100, BOUGHT, once=40),
    on(3, 1, "both", 100, BOUGHT, once=5),  # the first instant of March is not February
    on(3, 2, "free", 0),
]


def of_all(rows: list[RevenueMonth]) -> dict[date, RevenueMonth]:
    return {row.month: row for row in rows if row.of_all}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    made = Database(url, SCHEMA, "test")
    yield made
    await made.close()


@pytest.fixture
async def other(another_database_url: str) -> AsyncIterator[Database]:
    """Another that is migrated, and the test's own."""
    await migrate(another_database_url, SCHEMA)
    async with opened(another_database_url) as made:
        yield made


def without_once(events: list[FactAccepted]) -> list[FactAccepted]:
    return [one.model_copy(update={"data": one.data.model_copy(update={"once": None})}) for one in events]


async def test_the_revenue_of_a_month_is_what_recurs_and_what_was_paid_once_in_it(database: Database) -> None:
    await tell(database, STORY)
    months = of_all(await seen(database, RevenueMonth))
    assert {month: (row.at_end, row.once, row.revenue) for month, row in months.items()} == {
        JANUARY: (Decimal(160), Decimal(600), Decimal(760)),
        FEBRUARY: (Decimal(130), Decimal("59.50"), Decimal("189.50")),
        MARCH: (Decimal(130), Decimal(5), Decimal(135)),
    }


async def test_expansion_is_a_share_of_all_revenue_and_recurs_itself(database: Database) -> None:
    """S68: expansion MRR / total revenue. Of 189.50, 20 are expansion."""
    await tell(database, STORY)
    row = of_all(await seen(database, RevenueMonth))[FEBRUARY]
    assert row.expansion == Decimal(20)
    assert row.expansion_share is not None
    assert round(row.expansion_share, 6) == Decimal("0.105541")


async def test_revenue_per_customer_is_of_all_who_paid_either_way(database: Database) -> None:
    """S74: in January three by the month and one once; in February one has left, and paid once before."""
    await tell(database, STORY)
    months = of_all(await seen(database, RevenueMonth))
    assert {month: row.accounts_paying for month, row in months.items()} == {JANUARY: 4, FEBRUARY: 3, MARCH: 2}
    assert {month: row.accounts_at_end for month, row in months.items()} == {JANUARY: 3, FEBRUARY: 2, MARCH: 2}
    assert [months[JANUARY].per_customer, months[MARCH].per_customer] == [Decimal(190), Decimal("67.5")]


RECURRING = ("at_start", "new", "back", "expansion", "contraction", "churn", "at_end", "nrr", "grr", "above_100")


async def recurring(database: Database) -> list[object]:
    months = [[getattr(row, name) for name in RECURRING] for row in await seen(database, RevenueMonth)]
    return [months, await seen(database, ProductsRetention), await seen(database, ChurnAfterCrossSell)]


async def test_figures_of_what_recurs_are_as_if_nothing_was_paid_once(database: Database, other: Database) -> None:
    """S69, S73."""
    await tell(database, STORY)
    await tell(other, without_once(STORY))
    assert await recurring(database) == await recurring(other)
    february = of_all(await seen(database, RevenueMonth))[FEBRUARY]
    assert (february.nrr, february.grr) == (Decimal("0.8125"), Decimal("0.6875"))


async def test_a_cohort_is_of_who_pays_by_the_month_and_brings_what_it_paid_once(database: Database) -> None:
    await tell(database, STORY)
    rows = [row for row in await seen(database, RevenueMonth) if not row.of_all]
    assert [(row.cohort, row.month, row.once) for row in rows] == [
        (JANUARY, JANUARY, ZERO),
        (JANUARY, FEBRUARY, Decimal("59.50")),
        (JANUARY, MARCH, Decimal(5)),
    ]


async def test_what_an_account_is_worth_has_what_it_paid_once_in_it(database: Database) -> None:
    """S72: as soon as it was paid; what recurs at the ends of complete months."""
    await tell(database, STORY)
    rows = {row.account: row for row in await seen(database, AccountValue)}
    assert {name: (row.first_month, row.months_paid, row.once, row.lifetime_value) for name, row in rows.items()} == {
        "both": (JANUARY, 2, Decimal(45), Decimal(245)),
        "leaves": (JANUARY, 1, Decimal(7), Decimal(57)),
        "member": (JANUARY, 2, Decimal("12.50"), Decimal("52.50")),
        "shop": (JANUARY, 0, Decimal(600), Decimal(600)),
    }


async def test_the_first_purchase_may_be_one_that_is_paid_once(database: Database) -> None:
    """S71: who pays nothing a month has not left for that, and waits, buys or is closed as anybody else."""
    await tell(
        database,
        [
            on(1, 1, "again", 0, BOUGHT, once=5),
            on(1, 1, "closes", 0, BOUGHT, once=5),
            on(1, 1, "joins", 0, BOUGHT, once=5),
            on(1, 1, "waits", 0, BOUGHT, once=5),
            on(1, 2, "waits", 0, "rung.ticket_opened"),
            on(1, 4, "again", 0, BOUGHT, once=9),
            on(1, 5, "joins", 10),
            on(1, 6, "closes", 0, CLOSED),
            on(1, 31, "free", 0),
        ],
    )
    rows = {row.account: (int(row.days), row.expanded) for row in await seen(database, ExpansionTime)}
    assert rows == {"again": (3, True), "joins": (4, True), "closes": (5, False), "waits": (30, False)}


async def test_currencies_are_not_added_up(database: Database) -> None:
    euros = on(1, 10, "other", 0, BOUGHT, once=9)
    euros = euros.model_copy(update={"data": euros.data.model_copy(update={"currency": "EUR"})})
    await tell(database, [on(1, 10, "a", 0, BOUGHT, once=12), euros])
    rows = [row for row in await seen(database, RevenueMonth) if row.of_all]
    assert {row.currency: (int(row.once), int(row.revenue)) for row in rows} == {"EUR": (9, 9), "USD": (12, 12)}


async def test_an_account_whose_currency_changes_is_told_nothing_of_the_old_as_if_it_were_the_new(
    database: Database,
) -> None:
    late = on(1, 3, "a", 0)  # what the engine knew when it had read this holds for the fact before it as well
    late = late.model_copy(update={"data": late.data.model_copy(update={"currency": "EUR"})})
    await tell(database, [on(1, 5, "a", 0, BOUGHT, once=12), late])
    (row,) = await seen(database, Conversion)
    assert (row.currency, row.once) == ("EUR", ZERO)
    assert {row.once for row in await seen(database, RevenueMonth)} == {ZERO}


# --- by offer -------------------------------------------------------------------------------------


def day(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


def offered(account: str, number: int, *, held_out: bool = False) -> list[OfferJudged]:
    said = {"currency": "USD", "made_at": day(number), "at": day(number), "offer": "cable", "held_out": held_out}
    return life(f"{account}-{number}", Change.MADE, Change.PRESENTED, account=account, **said)


async def test_a_purchase_tells_what_was_paid_once_beside_what_it_adds_a_month(database: Database) -> None:
    await tell(database, [*offered("member", 9), *STORY[:1], on(1, 12, "member", 0, BOUGHT, once=12), *STORY[7:8]])
    rows = [row for row in await seen(database, Conversion) if row.account == "member"]
    assert [(row.kind, row.increase, row.once, row.offer) for row in rows] == [
        ("product", ZERO, Decimal(12), "cable"),
        ("plan", Decimal(30), ZERO, None),
    ]


async def test_an_offer_is_credited_with_what_was_paid_once(database: Database) -> None:
    bought = [on(1, 12, "a", 0, BOUGHT, once=12), on(1, 13, "a", 4, BOUGHT), on(2, 3, "b", 0, BOUGHT, once=7)]
    await tell(database, [*offered("a", 9), *offered("a", 10), *bought])
    assert [(row.month, row.offer, row.increase, row.once) for row in await seen(database, CreditedMonth)] == [
        (JANUARY, "cable", Decimal(4), Decimal(12)),
        (FEBRUARY, None, ZERO, Decimal(7)),
    ]
    weeks = [(row.week, row.conversions, row.increase, row.once) for row in await seen(database, OfferWeek)]
    assert weeks == [(date(2026, 1, 5), 2, Decimal(4), Decimal(12))]


@pytest.mark.parametrize(("days", "a_month"), [(60, 30), (45, 40), (30, 60), (3, 60)])
async def test_what_was_paid_once_since_an_offer_is_told_by_the_month(
    days: int, a_month: int, database: Database
) -> None:
    """60 over the time since in months of 30 days, and over one month at least; and 5 more a month."""
    await tell(
        database,
        [
            fact("before", "a", BOUGHT, day(0), 10, 999, product="tv"),
            *offered("a", 1),
            fact("since", "a", BOUGHT, day(2), 10, 60, product="cable"),
            fact("more", "a", PLAN, day(3), 15, plan="more"),
            *offered("held", 1, held_out=True),
            fact("end", "nobody", PLAN, day(1 + days), 0, plan="free"),
        ],
    )
    rows = {row.account: row for row in await seen(database, OfferAccount) if row.offer == "cable"}
    assert (rows["a"].once, rows["a"].revenue_change) == (Decimal(60), Decimal(5 + a_month))
    assert (rows["held"].once, rows["held"].revenue_change) == (ZERO, ZERO)
    arms = {row.held_out: row for row in await seen(database, OfferArm) if row.offer == "cable"}
    assert arms[False].revenue_change_squared == Decimal(5 + a_month) ** 2
    async with database.reading() as session:
        found = await arms_of_offers(session, [41])
    treated, held_out = found["storage", "cable"].figures[Figure.REVENUE]
    assert treated == Arm(1, Decimal(5 + a_month), Decimal(5 + a_month) ** 2)
    assert held_out == Arm(1, ZERO, ZERO)


# --- what was stored before -----------------------------------------------------------------------

BEFORE = "0015"
AS_THEN = """
    insert into facts (source, fact_id, account, fact, at, value, monthly, currency, log_offset)
    select source, fact_id, account, fact, at, value, monthly, currency, log_offset
    from json_populate_recordset(null::facts, cast(:rows as json))
"""


async def test_what_was_stored_before_reads_as_before(
    fresh_database_url: str, another_database_url: str, tmp_path: Path
) -> None:
    """Old rows in new tables say what they said in the old ones, and what old rows say when they are read anew."""
    await migrate(fresh_database_url, SCHEMA, scripts_until(BEFORE, tmp_path))
    rows = [fact_row(event, offset) for offset, event in enumerate(without_once(STORY))]
    async with opened(fresh_database_url) as kept:
        async with kept.writing() as session:
            await session.execute(text(AS_THEN), {"rows": msgspec.json.encode(rows).decode()})
        then = await all_views(kept)
    for url in (fresh_database_url, another_database_url):
        await migrate(url, SCHEMA)
    async with opened(fresh_database_url) as kept, opened(another_database_url) as anew:
        await tell(anew, without_once(STORY))
        now = await all_views(kept)
        assert await all_views(anew) == now
    assert then["revenue_months"]
    for view, found in then.items():
        names = found[0].keys() if found else ()
        assert [{name: row[name] for name in names} for row in now[view]] == found, view
    assert {row["once"] for row in now["revenue_months"]} == {ZERO}


def scripts_until(revision: str, directory: Path) -> Path:
    """The migrations as they were."""
    shutil.copytree(IN_REPOSITORY, directory / "then")
    for script in (directory / "then" / "versions").glob("*.py"):
        if script.name[: len(revision)] > revision:
            script.unlink()
    return directory / "then"


async def all_views(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All that views tell, by view and column."""
    told = {}
    async with database.reading() as session:
        for view in VIEWS.values():
            found = await session.execute(text(f"select * from {view}"))  # noqa: S608 - our own name
            told[view] = sorted(({**row} for row in found.mappings()), key=repr)
    return told
