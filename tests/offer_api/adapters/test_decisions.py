from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from schemas.offers import Erasure, OffersErased
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.kit.kafka.projection import PositionMoved
from services.offer_api.adapters.decisions import PostgresDecisions
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.ports import Change, Made
from tests.offer_api.deciding import a_decision, offered, withheld
from tests.offer_api.makers import SOURCE, later
from tests.offer_api.running import KEPT, SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from schemas.decisions import Decision

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    await migrate(fresh_database_url, SCHEMA)
    made = Database(fresh_database_url, SCHEMA, "test")
    yield made
    await made.close()


@pytest.fixture
def decisions(database: Database) -> PostgresDecisions:
    return PostgresDecisions(database, KEPT)


def log(*told: Decision, account: str = "acme", first: int = 0) -> list[Made]:
    return [Made(account, decision, first + number) for number, decision in enumerate(told)]


async def ids(decisions: PostgresDecisions, account: str = "acme") -> list[str]:
    return [one.decision.decision_id for one in await decisions.newest(account, 100)]


def erased(minutes: float) -> OffersErased:
    at = later(minutes=minutes)
    return OffersErased(id="e", source=SOURCE, subject="acme", time=at, data=Erasure(at=at))


async def test_a_decision_comes_back_as_it_was_written(decisions: PostgresDecisions) -> None:
    told = offered()
    await decisions.fold(0, log(told), 0, 1)
    ((decision, offset),) = await decisions.newest("acme", 10)
    assert (decision, offset) == (told, 0)
    assert await decisions.that_made("acme", ["o1", "never-was"]) == {"o1": told}


async def test_the_newest_of_one_account_come_first_and_page_by_page(decisions: PostgresDecisions) -> None:
    await decisions.fold(0, log(*(a_decision(f"d{number}", number) for number in range(5))), 0, 5)
    await decisions.fold(0, log(a_decision("theirs"), account="other", first=5), 5, 6)
    first = await decisions.newest("acme", 2)
    second = await decisions.newest("acme", 2, before=first[-1].offset)
    assert [one.decision.decision_id for one in (*first, *second)] == ["d4", "d3", "d2", "d1"]


async def test_those_are_found_in_which_an_offer_competed(decisions: PostgresDecisions) -> None:
    told = (a_decision("d0"), a_decision("d1", candidates=(withheld("team_plan"),)), offered("d2"))
    await decisions.fold(0, log(*told), 0, 3)
    found = await decisions.newest("acme", 10, offer="team_plan")
    assert [one.decision.decision_id for one in found] == ["d2", "d1"]


async def test_decisions_and_position_move_together_and_only_once(decisions: PostgresDecisions) -> None:
    await decisions.fold(1, log(a_decision("d0"), a_decision("d0")), 0, 2)
    with pytest.raises(PositionMoved):
        await decisions.fold(1, log(a_decision("d1")), 0, 1)
    await decisions.fold(1, [], 2, 7)
    assert (await ids(decisions), await decisions.positions()) == (["d0"], {1: 7})


async def test_what_is_older_than_is_kept_is_forgotten(decisions: PostgresDecisions) -> None:
    month = KEPT.total_seconds() / 60
    await decisions.fold(0, log(a_decision("old"), a_decision("new", 2)), 0, 2)
    await decisions.fold(0, log(a_decision("newest", month + 1), first=2), 2, 3)
    assert await ids(decisions) == ["newest", "new"]


@pytest.mark.parametrize("erasure_first", [True, False])
async def test_an_erasure_takes_what_was_decided_before_in_whichever_order_the_logs_are_read(
    database: Database, decisions: PostgresDecisions, *, erasure_first: bool
) -> None:
    offers = PostgresOffers(database)
    told = log(a_decision("before"), a_decision("just then", 5), a_decision("after", 6))
    if erasure_first:
        await offers.fold(0, [Change(erased(5), 3)], 0, 4)
    await decisions.fold(0, told, 0, 3)
    if not erasure_first:
        await offers.fold(0, [Change(erased(5), 3)], 0, 4)
    await decisions.fold(0, log(a_decision("theirs"), account="other", first=3), 3, 4)
    assert (await ids(decisions), await ids(decisions, "other")) == (["after"], ["theirs"])
    # an older erasure, read again, takes nothing back
    await offers.fold(0, [Change(erased(1), 4)], 4, 5)
    await decisions.fold(0, log(a_decision("late", 4), first=4), 4, 5)
    assert await ids(decisions) == ["after"]


async def test_two_erasures_and_a_decision_at_once_leave_nothing_of_before(
    database: Database, decisions: PostgresDecisions
) -> None:
    """Neither waits for the other for ever, and neither misses what the other wrote."""
    offers = PostgresOffers(database)
    for turn in range(10):
        await asyncio.gather(
            decisions.fold(0, log(a_decision(f"d{turn}"), first=turn), turn, turn + 1),
            offers.fold(0, [Change(erased(5), turn)], turn, turn + 1),
        )
        assert await ids(decisions) == []
