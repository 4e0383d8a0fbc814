"""An erased account stays erased, whichever of the two logs is read first: on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from schemas.outcomes import Change
from services.kit.digest import digest_of
from services.metrics_sink.adapters.erasures import MARKERS, erasures_among, mark_erased
from services.metrics_sink.adapters.ledgers import DecisionLedger, OutcomeLedger
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch, decision_batch, outcome_batch
from services.metrics_sink.domain.erasure import Erasure
from services.metrics_sink.domain.reading import read_decision, read_outcome
from services.metrics_sink.domain.rows import decision_row
from tests.kit.waiting import until
from tests.metrics_sink.events import AT, decided, erased, fact, judged, value

if TYPE_CHECKING:
    from datetime import datetime

    from schemas.outcomes import OfferJudged
    from services.kit.db.sessions import Database

OUTCOMES, DECISIONS = "outcomes", "decisions"
TABLES = (OUTCOMES, "facts", DECISIONS, "erasures", "outcome_positions", "decision_positions")


def hours(count: float) -> datetime:
    return AT + timedelta(hours=count)


def made(name: str, at: datetime, account: str = "gone") -> OfferJudged:
    return judged(name, 1, Change.MADE, account, made_at=at, at=at)


OUTCOME_LOG = (
    made("old", hours(0.5)),
    fact("old", "gone", at=hours(0)),
    made("theirs", hours(0.5), "stays"),
    erased("gone", hours(0), judged_at=hours(1)),
    fact("between", "gone", at=hours(0.5)),
    made("between", hours(2)),
    erased("gone", hours(3), judged_at=hours(4)),
    fact("new", "gone", at=hours(3.5)),
    made("new", hours(5)),
)
LAST_ERASURE = 6
"""Where it lies."""

DECISION_LOG = (
    decided("old", account="gone", at=hours(1)),
    decided("theirs", account="stays", at=hours(0.5)),
    decided("between", account="gone", at=hours(4)),
    decided("new", account="gone", at=hours(5)),
)
ENDS = {OUTCOMES: len(OUTCOME_LOG), DECISIONS: len(DECISION_LOG)}
LEFT = {("outcomes", "new"), ("outcomes", "theirs"), ("facts", "new"), ("decisions", "new"), ("decisions", "theirs")}
FOUND = """
    select 'outcomes' as kept_in, offer_id as name from outcomes
    union all select 'facts', fact_id from facts
    union all select 'decisions', decision_id from decisions
"""
FORGOTTEN = {("outcomes", "old"), ("outcomes", "between"), ("facts", "old"), ("facts", "between")} | {
    ("decisions", "old"),
    ("decisions", "between"),
}


class Sink:
    """Both ledgers, each somewhere in its log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outcomes = OutcomeLedger(database)
        self._decisions = DecisionLedger(database)
        self.at = dict.fromkeys(ENDS, 0)
        self.refused = dict.fromkeys(ENDS, 0)
        self.is_marked = False

    async def empty(self) -> None:
        async with self._database.writing() as session:
            for table in TABLES:
                await session.execute(text(f"delete from {table}"))  # noqa: S608 - the test's own word

    async def read(self, log: str, count: int) -> None:
        """The next ``count`` records of ``log``; with none, go back to its start."""
        before = self.at[log]
        after = self.at[log] = min(before + count, ENDS[log]) if count else 0
        if count == 0:
            async with self._database.writing() as session:
                await session.execute(text(f"delete from {log.removesuffix('s')}_positions"))  # noqa: S608 - as above
        elif log == OUTCOMES:
            rows = [read_outcome(value(event), (), 0) for event in OUTCOME_LOG[before:after]]
            added = await self._outcomes.add(outcome_batch(rows), 0, before, after)
            self.refused[log] += added.refused
            self.is_marked = self.is_marked or before <= LAST_ERASURE < after
        else:
            decisions = [read_decision(value(event), (), 0) for event in DECISION_LOG[before:after]]
            self.refused[log] += (await self._decisions.add(decision_batch(decisions), 0, before, after)).refused

    async def rows(self) -> set[tuple[str, str]]:
        async with self._database.reading() as session:
            return {(row.kept_in, row.name) for row in await session.execute(text(FOUND))}


async def test_decisions_that_are_read_after_an_erasure_are_not_added_and_are_counted(database: Database) -> None:
    sink = Sink(database)
    await sink.read(OUTCOMES, ENDS[OUTCOMES])
    await sink.read(DECISIONS, ENDS[DECISIONS])
    assert await sink.rows() == LEFT
    assert sink.refused == {OUTCOMES: 4, DECISIONS: 2}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ENDS)), st.integers(0, 4)), max_size=10))
@example(steps=[(DECISIONS, 4), (OUTCOMES, 9), (OUTCOMES, 0)])
@example(steps=[(OUTCOMES, 9), (DECISIONS, 4), (OUTCOMES, 0), (OUTCOMES, 4)])
async def test_in_whatever_order_the_logs_are_read_and_read_again_the_same_is_left(
    database: Database, steps: list[tuple[str, int]]
) -> None:
    """And once the last erasure was read, nothing from before it is ever seen again."""
    sink = Sink(database)
    await sink.empty()
    for log, count in steps:
        await sink.read(log, count)
        assert not sink.is_marked or not await sink.rows() & FORGOTTEN
    for log, end in ENDS.items():
        await sink.read(log, end)
    assert await sink.rows() == LEFT


async def test_a_marker_never_goes_back_in_time(database: Database) -> None:
    newer, older = Erasure("gone", hours(3), hours(4)), Erasure("gone", hours(0), hours(5))
    for erasure in (newer, older):
        async with database.writing() as session:
            await mark_erased(session, [erasure])
    async with database.reading() as session:
        assert await erasures_among(session, {"gone", "stays"}) == {"gone": newer.joined(older)}
        found = (await session.execute(text("select * from erasures"))).all()
    assert [tuple(row) for row in found] == [(digest_of("gone"), hours(3), hours(5))]


async def test_an_erasure_waits_for_decisions_that_are_just_being_added_and_deletes_them(database: Database) -> None:
    row = decision_row(decided("old", account="gone", at=hours(0)))
    async with database.writing() as session:
        await MARKERS.hold(session)
        columns = "decision_id, account, at, verdict, version, document"
        added = text(f"insert into decisions ({columns}) values ('old', 'gone', :at, 'offered', 1, '{{}}')")  # noqa: S608 - as above
        await session.execute(added, {"at": row.at})
        erasing = asyncio.create_task(
            OutcomeLedger(database).add(OutcomeBatch(erased=(Erasure("gone", hours(0), hours(1)),)), 0, 0, 1)
        )
        await until("the erasure waits", lambda: _one_waits(database))
    await erasing
    assert await Sink(database).rows() == set()


async def test_decisions_wait_for_an_erasure_that_is_just_being_written_and_find_it(database: Database) -> None:
    row = decision_row(decided("old", account="gone", at=hours(0)))
    async with database.writing() as session:
        await mark_erased(session, [Erasure("gone", hours(0), hours(1))])
        adding = asyncio.create_task(DecisionLedger(database).add(DecisionBatch((row,)), 0, 0, 1))
        await until("the decision waits", lambda: _one_waits(database))
    assert await adding == DecisionBatch(refused=1)
    assert await Sink(database).rows() == set()


async def _one_waits(database: Database) -> bool:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with database.reading() as session:
        return int((await session.execute(text(waiting))).scalar_one()) == 1
