"""Outcomes, facts and decisions in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Table, TextClause, delete, text

from services.kit.db.sessions import Database, WriteSession
from services.metrics_sink.adapters.erasures import MARKERS, erasures_among, mark_erased
from services.metrics_sink.adapters.positions import move_position, read_positions
from services.metrics_sink.adapters.tables import (
    DECISION_POSITIONS,
    DECISIONS,
    FACTS,
    OUTCOME_POSITIONS,
    OUTCOMES,
)
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch
from services.metrics_sink.domain.erasure import Erasure


def _insert(table: Table) -> TextClause:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    taken_apart = f"json_populate_recordset(null::{table.name}, cast(:rows as json))"
    return text(f"insert into {table.name} ({names}) select {names} from {taken_apart} on conflict do nothing")  # noqa: S608 - our own names


_INSERTS: Final = {table: _insert(table) for table in (OUTCOMES, FACTS, DECISIONS)}


class OutcomeLedger:
    """``outcomes`` and ``facts``, with ``outcome_positions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record of ``rung.outcomes``."""
        async with self._database.reading() as session:
            return await read_positions(session, OUTCOME_POSITIONS)

    async def add(self, batch: OutcomeBatch, partition: int, before: int, after: int) -> OutcomeBatch:
        """Delete what erasures ask for, add the rows, move the position; returns what of ``batch`` was added.

        1. move the position    another owner's transaction waits there, before any row is touched
        2. leave markers        a transaction that adds decisions ends before, or begins after and finds them
        3. delete               all of the account in this log's tables: what came after is read after
        4. add                  but for what is from before an erasure
        """
        async with self._database.writing() as session:
            await move_position(session, OUTCOME_POSITIONS, partition, before, after)
            await mark_erased(session, batch.erased)
            for erased in batch.erased:
                await _delete(session, erased)
            added = batch.without(await erasures_among(session, batch.accounts))
            await _add(session, OUTCOMES, added.outcomes)
            await _add(session, FACTS, added.facts)
        return added


class DecisionLedger:
    """``decisions``, with ``decision_positions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record of ``rung.decisions``."""
        async with self._database.reading() as session:
            return await read_positions(session, DECISION_POSITIONS)

    async def add(self, batch: DecisionBatch, partition: int, before: int, after: int) -> DecisionBatch:
        """Add the rows but for what is from before an erasure, move the position; returns what of ``batch`` was added.

        The two logs are read by themselves, so an erasure may have been read long before.
        """
        async with self._database.writing() as session:
            await move_position(session, DECISION_POSITIONS, partition, before, after)
            if not batch.decisions:
                return batch
            await MARKERS.hold(session)
            added = batch.without(await erasures_among(session, batch.accounts))
            await _add(session, DECISIONS, added.decisions)
        return added


async def _delete(session: WriteSession, erased: Erasure) -> None:
    for table in (OUTCOMES, FACTS):
        await session.execute(delete(table).where(table.c.account == erased.account))
    # decisions may have been read further than this: those from after it are not read again
    of_before = DECISIONS.c.at <= erased.judged_at
    await session.execute(delete(DECISIONS).where(DECISIONS.c.account == erased.account, of_before))


async def _add(session: WriteSession, table: Table, rows: Sequence[object]) -> None:
    """Add ``rows``; one whose key is there already changes nothing.

    All of them are one parameter, which the database takes apart: a parameter for each field costs twice the time. COPY
    costs no less, knows no conflicts, and no time limit of the server ends one whose client sleeps.
    """
    if rows:
        await session.execute(_INSERTS[table], {"rows": msgspec.json.encode(rows).decode()})
