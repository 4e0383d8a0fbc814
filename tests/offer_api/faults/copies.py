"""What the offer API keeps in PostgreSQL, whole, so that two databases can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from schemas.topics import DECISIONS as DECISIONS_LOG
from schemas.topics import OFFERS as OFFERS_LOG
from services.kit.db.sessions import Database
from services.kit.kafka.reader import Log, Reader
from services.offer_api.adapters.tables import DECISION_POSITIONS, DECISIONS, ERASURES, OFFERS, POSITIONS
from tests.offer_api.running import PARTITIONS, SCHEMA, running, until

if TYPE_CHECKING:
    from sqlalchemy import Table

    from schemas.topics import Topic
    from tests.offer_api.running import Ground

TABLES = (OFFERS, POSITIONS, DECISIONS, DECISION_POSITIONS, ERASURES)

Copy = dict[str, list[dict[str, Any]]]
"""By table, its rows in the order of their keys."""


async def copy_of(ground: Ground) -> Copy:
    """All rows of all tables, of one moment."""
    database = Database(ground.database_url, SCHEMA, "test")
    try:
        async with database.reading() as session:
            return {
                table.name: [
                    dict(row) for row in (await session.execute(select(table).order_by(*table.primary_key))).mappings()
                ]
                for table in TABLES
            }
    finally:
        await database.close()


async def folded_to_the_end(ground: Ground) -> Copy:
    """Let an offer API fold all that the logs have into the database of ``ground``, and stop; what it kept then."""
    ends = {log.name: await _ends(ground, topic) for log, topic in _logs()}
    async with running(ground):

        async def all_is_folded() -> bool:
            kept = await copy_of(ground)
            return all(_reached(kept, log) == ends[log.name] for log, _ in _logs())

        await until("both logs are folded", all_is_folded)
    return await copy_of(ground)


def _logs() -> tuple[tuple[Table, Topic], ...]:
    return (POSITIONS, OFFERS_LOG), (DECISION_POSITIONS, DECISIONS_LOG)


def _reached(kept: Copy, positions: Table) -> dict[int, int]:
    return {row["partition"]: row["next_offset"] for row in kept[positions.name]}


async def _ends(ground: Ground, topic: Topic) -> dict[int, int]:
    """One past the last record or marker, of partitions that have any."""
    logs = [Log(topic.under(ground.prefix), partition) for partition in range(PARTITIONS)]
    async with Reader(ground.bootstrap, "test-ends") as reader:
        return {log.partition: end for log, end in (await reader.ends(logs)).items() if end > 0}
