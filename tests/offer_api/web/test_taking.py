"""What is open, and what is kept, while Kafka is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from sqlalchemy import text

from schemas.responses import ResponseKind
from services.kit.clock import SystemClock
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.domain.row import Way
from services.offer_api.metrics import Metrics
from services.offer_api.ports import Bearer, Change, LogUnavailable
from services.offer_api.web.models import ResponseIn
from services.offer_api.web.taking import TakeResponses
from tests.offer_api.makers import made
from tests.offer_api.running import SCHEMA, TRACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.responses import Responded

pytestmark = pytest.mark.postgres

OPEN = text("""
    select count(*) from pg_stat_activity
    where application_name = 'rung-requests' and datname = current_database() and xact_start is not null
""")
ACME = Bearer("acme", None, 0)
CLICKED = ResponseIn(id="r1", offer="o1", response=ResponseKind.CLICKED)


class Waiting:
    """A log that looks, while somebody waits for it, what is open in the database; then it answers, or does not."""

    def __init__(self, database: Database, *, away: bool) -> None:
        self._database = database
        self._away = away
        self.open_transactions: list[int] = []

    async def send(self, responses: Sequence[Responded]) -> None:
        async with self._database.reading() as session:
            self.open_transactions.append(int((await session.execute(OPEN)).scalar_one()))
        if self._away:
            raise LogUnavailable(f"{len(responses)} not sent")


@pytest.mark.parametrize("away", [False, True])
async def test_no_transaction_is_open_while_kafka_is_waited_for_and_the_row_is_noted_after_it_answered(
    fresh_database_url: str, *, away: bool
) -> None:
    await migrate(fresh_database_url, SCHEMA)
    looking = Database(fresh_database_url, SCHEMA, "looking")
    requests = Database(fresh_database_url, SCHEMA, "requests")
    offers, log = PostgresOffers(requests), Waiting(looking, away=away)
    await offers.fold(0, [Change(made(), 0)], 0, 1)
    take = TakeResponses(offers, offers, log, SystemClock(), Metrics())
    try:
        if away:
            with pytest.raises(LogUnavailable):
                await take(ACME, [CLICKED])
        else:
            await take(ACME, [CLICKED])
        assert log.open_transactions == [0]
        assert (await offers.find("acme", ["o1"]))["o1"].taken == (() if away else ("r1",))
        async with requests.reading() as session:
            # so the look above would have seen one
            assert (await session.execute(OPEN)).scalar_one() == 1
    finally:
        await requests.close()
        await looking.close()


class At:
    """A clock that stands still; ``now_s`` since 1970 UTC."""

    def __init__(self, now_s: float) -> None:
        self._now_s = now_s

    def now_us(self) -> int:
        return int(self._now_s * 1_000_000)

    def monotonic(self) -> float:
        return self._now_s


class Taking:
    """A log that takes everything."""

    async def send(self, responses: Sequence[Responded]) -> None:
        assert responses


async def test_only_the_first_look_at_an_offer_is_timed(fresh_database_url: str) -> None:
    await migrate(fresh_database_url, SCHEMA)
    database = Database(fresh_database_url, SCHEMA, "requests")
    offers, metrics = PostgresOffers(database), Metrics()
    await offers.fold(0, [Change(made(), 0)], 0, 1)
    take = TakeResponses(offers, offers, Taking(), SystemClock(), metrics)
    try:
        for number in ("r1", "r1", "r2"):  # told once, told again, seen once more
            await take(ACME, [ResponseIn(id=number, offer="o1", response=ResponseKind.PRESENTED)])
    finally:
        await database.close()
    assert metrics.registry.get_sample_value("rung_api_presented_seconds_count") == 1
    assert (metrics.registry.get_sample_value("rung_api_presented_seconds_sum") or 0) > 0


@pytest.mark.parametrize("produced", [True, False])
async def test_a_look_is_timed_from_the_event_that_earned_the_offer_or_from_its_making_where_time_alone_did(
    fresh_database_url: str, *, produced: bool
) -> None:
    await migrate(fresh_database_url, SCHEMA)
    database = Database(fresh_database_url, SCHEMA, "requests")
    offers, metrics, hour_s = PostgresOffers(database), Metrics(), 3_600
    word = made()
    made_s = word.data.offer.made_at.timestamp()
    way = Way(int((made_s - hour_s) * 1_000), TRACE) if produced else Way()
    await offers.fold(0, [Change(word, 0, way)], 0, 1)
    clock = At(made_s + 60)
    take = TakeResponses(offers, offers, Taking(), clock, metrics)
    try:
        await take(ACME, [ResponseIn(id="r1", offer="o1", response=ResponseKind.PRESENTED)])
    finally:
        await database.close()
    assert metrics.registry.get_sample_value("rung_api_presented_seconds_sum") == 60 + hour_s * produced
    shown: bytes = openmetrics(metrics.registry)  # type: ignore[no-untyped-call]  # the library leaves it so
    assert (TRACE.trace_id.encode() in shown) == produced
