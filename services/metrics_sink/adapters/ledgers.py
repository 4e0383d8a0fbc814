"""Outcomes, facts and decisions in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert

from services.kit.db.sessions import Database, WriteSession
from services.metrics_sink.adapters.positions import move_position, read_positions
from services.metrics_sink.adapters.tables import (
    DECISION_POSITIONS,
    DECISIONS,
    FACTS,
    OUTCOME_POSITIONS,
    OUTCOMES,
)
from services.metrics_sink.domain.batch import DecisionBatch, OutcomeBatch


class OutcomeLedger:
    """``outcomes`` and ``facts``, with ``outcome_positions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record of ``rung.outcomes``."""
        async with self._database.reading() as session:
            return await read_positions(session, OUTCOME_POSITIONS)

    async def add(self, batch: OutcomeBatch, partition: int, before: int, after: int) -> None:
        """Delete the erased accounts, add the rows, move the position.

        The position goes first: another owner's transaction waits there, before any row is touched.
        """
        async with self._database.writing() as session:
            await move_position(session, OUTCOME_POSITIONS, partition, before, after)
            for table in (OUTCOMES, FACTS, DECISIONS):
                if batch.erased:
                    await session.execute(delete(table).where(table.c.account.in_(batch.erased)))
            await _add(session, OUTCOMES, batch.outcomes)
            await _add(session, FACTS, batch.facts)


class DecisionLedger:
    """``decisions``, with ``decision_positions``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def positions(self) -> dict[int, int]:
        """Partition to the offset of the next record of ``rung.decisions``."""
        async with self._database.reading() as session:
            return await read_positions(session, DECISION_POSITIONS)

    async def add(self, batch: DecisionBatch, partition: int, before: int, after: int) -> None:
        """Add the rows, move the position."""
        async with self._database.writing() as session:
            await move_position(session, DECISION_POSITIONS, partition, before, after)
            await _add(session, DECISIONS, batch.decisions)


async def _add(session: WriteSession, table: Table, rows: Sequence[object]) -> None:
    """Add ``rows``; one whose key is there already changes nothing."""
    if rows:
        values: list[dict[str, Any]] = [vars(row) for row in rows]
        await session.execute(insert(table).on_conflict_do_nothing(), values)
