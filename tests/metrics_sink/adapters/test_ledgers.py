"""On a real PostgreSQL."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from schemas.decisions import Reason
from schemas.outcomes import Change
from services.kit.kafka.projection import PositionMoved
from services.metrics_sink.adapters.ledgers import DecisionLedger, OutcomeLedger
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch, outcome_batch
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.rows import decision_row, fact_row, outcome_row
from tests.metrics_sink.events import AT, decided, fact, judged

if TYPE_CHECKING:
    from services.kit.db.sessions import Database

MADE = outcome_row(judged("o-1", 1, Change.MADE, price_difference=Decimal("18.10"), currency="USD", seats=2**40))


async def count(database: Database, table: str) -> int:
    async with database.reading() as session:
        return int((await session.execute(text(f"select count(*) from {table}"))).scalar_one())  # noqa: S608 - the test's own word


async def test_rows_and_position_are_there_together(database: Database) -> None:
    ledger = OutcomeLedger(database)
    assert await ledger.positions() == {}
    await ledger.add(OutcomeBatch((MADE,), (fact_row(fact("f", plan="team"), 0),)), 3, 5, 9)
    assert await ledger.positions() == {3: 9}
    assert (await count(database, "outcomes"), await count(database, "facts")) == (1, 1)


async def test_money_is_exact_and_times_have_a_zone(database: Database) -> None:
    await OutcomeLedger(database).add(OutcomeBatch((MADE,)), 0, 0, 1)
    async with database.reading() as session:
        row = (await session.execute(text("select price_difference, at, made_at, seats from outcomes"))).one()
    assert (str(row.price_difference), row.at, row.made_at, row.seats) == ("18.10", MADE.at, MADE.made_at, 2**40)


async def test_a_batch_from_a_position_that_moved_changes_nothing(database: Database) -> None:
    ledger = OutcomeLedger(database)
    await ledger.add(OutcomeBatch(), 0, 0, 5)
    with pytest.raises(PositionMoved):
        await ledger.add(OutcomeBatch((MADE,)), 0, 0, 5)
    assert (await ledger.positions(), await count(database, "outcomes")) == ({0: 5}, 0)


async def test_of_two_owners_at_once_one_is_told_that_the_position_moved(database: Database) -> None:
    ledger = OutcomeLedger(database)
    for before in (0, 1, 2):
        both = await asyncio.gather(
            *(ledger.add(OutcomeBatch((MADE,)), 0, before, before + 1) for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in both) == ["OutcomeBatch", "PositionMoved"]


async def test_a_row_that_is_there_already_stays_as_it_is(database: Database) -> None:
    ledger = OutcomeLedger(database)
    again = outcome_row(judged("o-1", 1, Change.EXPIRED))
    await ledger.add(OutcomeBatch((MADE,)), 0, 0, 1)
    await ledger.add(OutcomeBatch((again, again)), 0, 1, 2)
    async with database.reading() as session:
        assert (await session.execute(text("select change from outcomes"))).scalars().all() == ["made"]


async def test_erasing_an_account_deletes_all_of_it_and_nothing_else(database: Database) -> None:
    outcomes, decisions = OutcomeLedger(database), DecisionLedger(database)
    rows = [
        row
        for account in ("gone", "stays")
        for row in (
            outcome_row(judged(f"o-{account}", 1, Change.MADE, account=account)),
            fact_row(fact(f"f-{account}", account), 0),
        )
    ]
    await outcomes.add(outcome_batch(rows), 0, 0, 4)
    both = tuple(decision_row(decided(f"d-{account}", account=account)) for account in ("gone", "stays"))
    await decisions.add(DecisionBatch(both), 0, 0, 2)
    await outcomes.add(OutcomeBatch(erased=(Erasure("gone", AT, AT),)), 0, 4, 5)
    async with database.reading() as session:
        for table in ("outcomes", "facts", "decisions"):
            accounts = await session.execute(text(f"select account from {table}"))  # noqa: S608 - the test's own word
            assert accounts.scalars().all() == ["stays"]


async def test_decisions_have_positions_of_their_own(database: Database) -> None:
    outcomes, decisions = OutcomeLedger(database), DecisionLedger(database)
    await outcomes.add(OutcomeBatch(), 0, 0, 7)
    withheld = decision_row(decided("d", Reason.CAPPED))
    await decisions.add(DecisionBatch((withheld, withheld)), 0, 0, 3)
    assert (await outcomes.positions(), await decisions.positions()) == ({0: 7}, {0: 3})
    async with database.reading() as session:
        found = await session.execute(text("select verdict, reason, document ->> 'decision_id' from decisions"))
        assert [tuple(row) for row in found] == [("withheld", "capped", "d")]
