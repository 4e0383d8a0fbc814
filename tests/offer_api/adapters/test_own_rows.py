"""The second net: with the first one switched off, PostgreSQL alone keeps accounts apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import ColumnElement, text, true
from sqlalchemy.exc import ProgrammingError
from typing_extensions import override

from schemas.responses import Responded, ResponseData, ResponseKind
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.offer_api.adapters.decisions import PostgresDecisions
from services.offer_api.adapters.own_rows import front_role, writing_own
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.ports import Change, Made
from tests.offer_api.deciding import a_decision, offered
from tests.offer_api.makers import NOW, an_offer, made
from tests.offer_api.running import KEPT, SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.postgres


class CarelessOffers(PostgresOffers):
    """Asks for the rows of everybody."""

    _own_text = "true"

    @override
    def _own(self, account: str) -> ColumnElement[bool]:
        return true()


class CarelessDecisions(PostgresDecisions):
    """Asks for the rows of everybody."""

    @override
    def _own(self, account: str) -> ColumnElement[bool]:
        return true()


class Databases(NamedTuple):
    """As those who fold have it, and as requests have it."""

    owner: Database
    front: Database


@pytest.fixture
async def databases(fresh_database_url: str) -> AsyncIterator[Databases]:
    await migrate(fresh_database_url, SCHEMA)
    opened = Databases(
        Database(fresh_database_url, SCHEMA, "test"),
        Database(fresh_database_url, SCHEMA, "test", role=front_role(SCHEMA)),
    )
    told = (made(), made("other", an_offer("theirs")))
    await PostgresOffers(opened.owner).fold(0, [Change(event, offset) for offset, event in enumerate(told)], 0, 2)
    decided = (Made("acme", a_decision("d1"), 0), Made("other", offered("d2", "theirs"), 1))
    await PostgresDecisions(opened.owner, KEPT).fold(0, decided, 0, 2)
    yield opened
    for database in opened:
        await database.close()


async def seen(database: Database) -> tuple[set[str], set[str], set[str], set[str], set[str]]:
    """What acme is given by each way to offers and decisions, with the first net switched off."""
    offers, decisions = CarelessOffers(database), CarelessDecisions(database, KEPT)
    return (
        {row.offer.offer_id for row in await offers.not_over("acme")},
        set(await offers.find("acme", ["o1", "theirs"])),
        {row.offer.offer_id for row in (await offers.backlog("acme", 0, -1)).rows},
        {one.decision.decision_id for one in await decisions.newest("acme", 10)},
        set(await decisions.that_made("acme", ["theirs"])),
    )


async def test_without_the_first_net_the_second_one_holds(databases: Databases) -> None:
    assert await seen(databases.front) == ({"o1"}, {"o1"}, {"o1"}, {"d1"}, set())


async def test_without_either_everything_would_be_seen(databases: Databases) -> None:
    """So the test before this one can fail."""
    both = {"o1", "theirs"}
    assert await seen(databases.owner) == (both, both, both, {"d1", "d2"}, {"theirs"})


async def test_a_request_that_says_no_account_sees_nothing(databases: Databases) -> None:
    async with databases.front.reading() as session:
        for table in ("offers", "account_decisions"):
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0  # noqa: S608 - ours


async def test_the_account_of_one_request_is_not_that_of_the_next(databases: Databases) -> None:
    offers = CarelessOffers(databases.front)
    for account, offer in (("acme", "o1"), ("other", "theirs"), ("acme", "o1")):
        assert [row.offer.offer_id for row in await offers.not_over(account)] == [offer]
        assert set(await offers.find(account, ["o1", "theirs"])) == {offer}
    (left,) = await databases.front.fetch("select count(*) as rows from offers")
    assert left["rows"] == 0
    async with databases.front.reading() as session:
        assert (await session.execute(text("select count(*) from offers"))).scalar_one() == 0


async def test_a_response_is_noted_on_ones_own_row_and_on_no_other(databases: Databases) -> None:
    data = [ResponseData(offer=offer, response=ResponseKind.DISMISSED) for offer in ("o1", "theirs")]
    told = [Responded(id=one.offer, source="test", subject="acme", time=NOW, data=one) for one in data]
    await PostgresOffers(databases.front).report("acme", told)
    rows = [
        *(await PostgresOffers(databases.owner).not_over("acme")),
        *(await CarelessOffers(databases.owner).not_over("x")),
    ]
    assert {row.offer.offer_id: row.taken for row in rows} == {"o1": ("o1",), "theirs": ()}


@pytest.mark.parametrize(
    "statement",
    [
        (
            "insert into offers (account, offer_id, sequence, state, over, changed_offset, taken, offer)"
            " select 'other', 'new', sequence, state, over, changed_offset, taken, offer from offers"
        ),
        "update offers set account = 'other'",
        "delete from offers",
        "insert into account_decisions select * from account_decisions",
        "update offer_positions set next_offset = 0",
        "update service_keys set scopes = array['admin']",
        "delete from account_erasures",
        "alter table offers disable row level security",
        "select * from outcomes",
    ],
)
async def test_a_request_can_write_nothing_but_its_own_offers(statement: str, databases: Databases) -> None:
    with pytest.raises(ProgrammingError, match=r"policy|permission denied|must be owner"):
        async with writing_own(databases.front, "acme") as session:
            await session.execute(text(statement))


async def test_every_table_with_an_account_that_requests_may_read_has_the_net(databases: Databases) -> None:
    found = text("""
        select c.relname, c.relrowsecurity from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'account'
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = :schema and c.relkind in ('r', 'v', 'm') and has_table_privilege(:role, c.oid, 'select')
    """)
    async with databases.owner.reading() as session:
        rows = (await session.execute(found, {"schema": SCHEMA, "role": front_role(SCHEMA)})).all()
    assert {row.relname: row.relrowsecurity for row in rows} == {"offers": True, "account_decisions": True}
