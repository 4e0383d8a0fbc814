"""Who was shown something and bought it, in two real logs: the known answers come out of storing and crediting.

What the engine would have written is written here for it, so that nothing but the sink is in between.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from schemas.offers import Verb
from schemas.outcomes import Change
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.metrics_sink.adapters.attribution import keep_attribution
from services.metrics_sink.adapters.views import Conversion, OfferAccount, OfferArm, SegmentConversion
from services.metrics_sink.domain.attribution import Attribution, Rule
from tests.contracts.real_data import folder
from tests.metrics_sink.events import fact, life
from tests.metrics_sink.telling import seen, tell
from tests.real_data import ds365

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from schemas.outcomes import FactAccepted, OfferJudged

EVER: Final = 36_500
"""Days: no answer that is known knows a window."""

PIECE: Final = 4_000
"""Events told in one transaction."""

REDEEMED: Final = {"Type A": (3_647, 604), "Type B": (2_368, 154), "Type C": (574, 34)}
"""Of pairs of a household and a campaign sent to it: how many there are, and of how many a coupon came back."""

REDEMPTIONS: Final = 2_102


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    await migrate(fresh_database_url, "rung")
    made = Database(fresh_database_url, "rung", "test")
    yield made
    await made.close()


async def tell_all(database: Database, events: Iterable[OfferJudged | FactAccepted]) -> None:
    piece = []
    for event in events:
        piece.append(event)
        if len(piece) == PIECE:
            await tell(database, piece)
            piece = []
    await tell(database, piece)


def at(day: str, seconds: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(12), UTC) + timedelta(seconds=seconds)


def learners() -> Iterator[OfferJudged | FactAccepted]:
    """Each student sees an offer with the first lesson; who watches and buys on one day has watched first."""
    for row in ds365.rows("info"):
        yield fact(
            f"created-{row['student_id']}",
            row["student_id"],
            "rung.account_created",
            at(row["date_registered"], -3_600),
            0,
            plan="free",
        )
    first: dict[str, str] = {}
    for row in ds365.rows("engagement"):
        first[row["student_id"]] = min(row["date_watched"], first.get(row["student_id"], "9999"))
    for student, day in first.items():
        yield from life(
            f"o-{student}",
            Change.MADE,
            Change.PRESENTED,
            account=student,
            made_at=at(day),
            at=at(day),
            offer="subscribe",
            target="paid",
            currency="USD",
        )
    for row in ds365.rows("purchases"):
        yield fact(
            f"bought-{row['purchase_id']}", row["student_id"], at=at(row["date_purchased"], 1), pays=1, plan="paid"
        )


@pytest.mark.timeout(300)
async def test_who_subscribed_after_a_first_lesson_is_credited_to_it(database: Database) -> None:
    await keep_attribution(database, Attribution(EVER))
    await tell_all(database, learners())
    bought = await seen(database, Conversion)
    assert len(bought) == len({row.account for row in bought}) == ds365.BUYERS
    credited = [row.at - row.touched_at for row in bought if row.touched_at is not None]
    assert len(credited) == ds365.BOUGHT
    assert sum(row.offer is None for row in bought) == ds365.BUYERS - ds365.BOUGHT
    days = sum((waited - timedelta(seconds=1)) / timedelta(days=1) for waited in credited) / len(credited)
    assert round(days, 2) == ds365.MEAN_DAYS
    accounts = [row for row in await seen(database, OfferAccount) if row.offer == "subscribe"]
    might = [row for row in accounts if row.monthly_before == 0]
    converted = sum(row.converted_at is not None for row in might)
    assert (len(accounts), len(might), converted) == (ds365.FIRST_WATCHED, ds365.MIGHT_BUY, ds365.BOUGHT)
    assert round(Decimal(100 * converted) / len(might), 2) == Decimal("11.29")
    (arm,) = [row for row in await seen(database, OfferArm) if row.offer == "subscribe"]
    assert (arm.accounts, arm.converted, int(arm.revenue_change)) == (ds365.FIRST_WATCHED, ds365.BOUGHT, ds365.BOUGHT)


def table(name: str) -> list[dict[str, str]]:
    with gzip.open(folder("complete_journey") / f"{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def campaigns() -> Iterator[OfferJudged | FactAccepted]:
    """A campaign is an offer that proposes its coupons, seen on its first day; a redemption is a purchase."""
    told = {row["campaign_id"]: row for row in table("campaign_descriptions")}
    for row in table("campaigns"):
        campaign = told[row["campaign_id"]]
        yield from life(
            f"{row['campaign_id']}-{row['household_id']}",
            Change.MADE,
            Change.PRESENTED,
            account=row["household_id"],
            made_at=at(campaign["start_date"], -43_200),
            at=at(campaign["start_date"], -43_200),
            offer=f"campaign-{row['campaign_id']}",
            verb=Verb.ADD,
            target=row["campaign_id"],
            report={"type": campaign["campaign_type"]},
        )
    for number, row in enumerate(table("coupon_redemptions")):
        yield fact(
            f"redeemed-{number}",
            row["household_id"],
            "rung.product_bought",
            at(row["redemption_date"]),
            product=row["campaign_id"],
        )


@pytest.mark.timeout(300)
async def test_who_redeemed_a_coupon_is_credited_to_the_campaign_that_brought_it(database: Database) -> None:
    await keep_attribution(database, Attribution(EVER, rule=Rule.LAST_THAT_PROPOSED))
    await tell_all(database, campaigns())
    rows = [row for row in await seen(database, SegmentConversion) if row.dimension == "report.type"]
    assert {row.value: (row.offers, row.converted) for row in rows} == REDEEMED
    assert {row.value: round(row.rate * 100, 1) for row in rows} == {
        "Type A": Decimal("16.6"),
        "Type B": Decimal("6.5"),
        "Type C": Decimal("5.9"),
    }
    bought = await seen(database, Conversion)
    assert Counter(row.target == row.bought for row in bought) == {True: REDEMPTIONS}
    await keep_attribution(database, Attribution(EVER))
    by_last = await seen(database, Conversion)
    assert (len(by_last), sum(row.offer is None for row in by_last)) == (REDEMPTIONS, 0)
    assert sum(row.target != row.bought for row in by_last) > 0
