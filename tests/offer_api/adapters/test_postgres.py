from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from schemas.responses import Responded, ResponseData, ResponseKind
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.kit.kafka.projection import PositionMoved
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.domain.row import report
from services.offer_api.domain.state import State
from services.offer_api.ports import Backlog, Change
from tests.offer_api.makers import FAR, NOW, a_row, an_offer, changed, erased, made, snoozed, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from schemas.offers import OfferEvent
    from services.offer_api.domain.row import OfferRow

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    await migrate(fresh_database_url, "rung")
    made = Database(fresh_database_url, "rung", "test")
    yield made
    await made.close()


@pytest.fixture
def offers(database: Database) -> PostgresOffers:
    return PostgresOffers(database)


def log(*events: OfferEvent) -> list[Change]:
    """``events`` as they lie in a partition, from offset 0."""
    return [Change(event, offset) for offset, event in enumerate(events)]


async def rows_of(offers: PostgresOffers, account: str = "acme") -> dict[str, OfferRow]:
    """All rows of the account."""
    found = await offers.backlog(account, 0, -1)
    return {row.offer.offer_id: row for row in found.rows}


LIFE = (
    made(offer=an_offer("a")),
    made(offer=an_offer("b", user="u-7")),
    step("presented", 2, "a", response="r1"),
    made("other", an_offer("c")),
    changed("acme", an_offer("a", version=8), 3),
    snoozed(2, FAR, "b"),
    erased("other"),
    step("dismissed", 4, "a", response="r2"),
    made("other", an_offer("d")),
)
LIFE_ERASED = 6
"""Where the erasure lies in it."""


async def test_a_row_comes_back_as_it_was_written(offers: PostgresOffers) -> None:
    await offers.fold(0, log(made(), snoozed(2, FAR)), 0, 2)
    assert await offers.not_over("acme") == [a_row(made(), snoozed(2, FAR))]


async def test_rows_and_position_move_together(offers: PostgresOffers) -> None:
    await offers.fold(2, log(*LIFE), 0, 10)
    assert await offers.positions() == {2: 10}
    with pytest.raises(PositionMoved):
        await offers.fold(2, [Change(made(offer=an_offer("late")), 3)], 3, 11)
    assert (await offers.positions(), await offers.find("acme", ["late"])) == ({2: 10}, {})


async def test_a_partition_begins_wherever_its_log_does(offers: PostgresOffers) -> None:
    await offers.fold(1, [Change(made(), 7)], 7, 8)
    await offers.fold(1, [], 8, 12)
    assert await offers.positions() == {1: 12}


async def test_only_the_accounts_own_offers_are_found(offers: PostgresOffers) -> None:
    await offers.fold(0, log(made(), made("other", an_offer("theirs"))), 0, 2)
    assert list(await offers.find("acme", ["o1", "theirs", "never-was"])) == ["o1"]


async def test_what_was_aborted_in_between_moves_only_the_position(offers: PostgresOffers) -> None:
    await offers.fold(1, [], 0, 5)
    assert await offers.positions() == {1: 5}


async def test_an_erasure_deletes_what_came_before_and_nothing_else(offers: PostgresOffers) -> None:
    await offers.fold(0, log(*LIFE), 0, 9)
    assert set(await rows_of(offers, "other")) == {"d"}
    assert set(await rows_of(offers)) == {"a", "b"}
    await offers.fold(0, [Change(erased(), 9)], 9, 10)
    assert await rows_of(offers) == {}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(LIFE)), max_size=4), number=st.integers(1, 10_000_000))
async def test_any_cut_into_batches_folds_to_the_same_rows(
    offers: PostgresOffers, cuts: list[int], number: int
) -> None:
    """Also with a batch delivered again, as after a lost answer to a commit."""
    await offers.fold(0, [Change(erased(), 0), Change(erased("other"), 0)], await _next(offers), number + 1)
    before = number + 1
    borders = sorted({0, *cuts, len(LIFE)})
    for begin, end in itertools.pairwise(borders):
        batch = log(*LIFE)[begin:end]
        await offers.fold(0, batch, before, before + 1)
        with pytest.raises(PositionMoved):
            await offers.fold(0, batch, before, before + 1)
        before += 1
    rows = await rows_of(offers)
    assert {(row.offer.offer_id, row.state, row.sequence, row.offer.version) for row in rows.values()} == {
        ("a", State.DISMISSED, 4, 8),
        ("b", State.SNOOZED, 2, 7),
    }
    assert rows["a"].taken == ("r1", "r2")
    assert set(await rows_of(offers, "other")) == {"d"}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reached=st.integers(LIFE_ERASED + 1, len(LIFE)), cuts=st.lists(st.integers(0, len(LIFE)), max_size=4))
async def test_what_was_erased_stays_erased_when_the_log_is_folded_from_its_start_again(
    database: Database, reached: int, cuts: list[int]
) -> None:
    """All of an account lies in one log, and its erasure behind what it erases, however far the log was folded."""
    offers = PostgresOffers(database)
    await _forget_positions(database)
    await offers.fold(0, log(*LIFE)[:reached], 0, reached)
    await _forget_positions(database)
    borders = sorted({0, *cuts, len(LIFE)})
    for begin, end in itertools.pairwise(borders):
        await offers.fold(0, log(*LIFE)[begin:end], begin, end)
        assert end <= LIFE_ERASED or "c" not in await rows_of(offers, "other")
    assert (set(await rows_of(offers)), set(await rows_of(offers, "other"))) == ({"a", "b"}, {"d"})


async def _forget_positions(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("delete from offer_positions"))


async def _next(offers: PostgresOffers) -> int:
    return (await offers.positions()).get(0, 0)


async def test_records_that_were_folded_before_change_nothing(offers: PostgresOffers) -> None:
    await offers.fold(0, log(made(), step("presented", 2)), 0, 2)
    before = await rows_of(offers)
    await offers.fold(0, [Change(made(), 2), Change(step("presented", 2), 3)], 2, 4)
    assert await rows_of(offers) == before


async def test_a_report_is_noted_as_the_domain_says(offers: PostgresOffers) -> None:
    await offers.fold(0, log(made()), 0, 1)
    data = ResponseData(offer="o1", response=ResponseKind.SNOOZED)
    missing = ResponseData(offer="never-was", response=ResponseKind.CLICKED)
    told = [
        Responded(id=response_id, source="test", subject="acme", time=NOW, data=given)
        for response_id, given in (("r1", data), ("r2", missing), ("r3", data))
    ]
    await offers.report("acme", told)
    expected = report(report(a_row(), ResponseKind.SNOOZED, "r1", NOW), ResponseKind.SNOOZED, "r3", NOW)
    assert await rows_of(offers) == {"o1": expected}


async def test_a_backlog_has_what_is_not_over_and_what_changed_since(offers: PostgresOffers) -> None:
    await offers.fold(0, log(*LIFE), 0, 9)
    for since, ids in ((None, {"b"}), (8, {"b"}), (6, {"a", "b"})):
        backlog = await offers.backlog("acme", 0, since)
        assert ({row.offer.offer_id for row in backlog.rows}, backlog.position) == (ids, 9)
    assert await offers.backlog("nobody", 1, None) == Backlog((), None)
