"""Decisions in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.dialects.postgresql import insert

from schemas.decisions import Decision
from services.kit.db.sessions import Database, ReadSession
from services.offer_api.adapters import erasures
from services.offer_api.adapters.own_rows import reading_own
from services.offer_api.adapters.positions import move, positions
from services.offer_api.adapters.tables import DECISION_POSITIONS, DECISIONS
from services.offer_api.ports import Made, Placed


class PostgresDecisions:
    """`Decisions` and `DecisionFolding` in one database."""

    def __init__(self, database: Database, kept: timedelta) -> None:
        """``kept``: how long a decision is kept, reckoned from the newest one that is folded."""
        self._database = database
        self._kept = kept

    async def newest(
        self, account: str, limit: int, before: int | None = None, offer: str | None = None
    ) -> list[Placed]:
        """The newest of the account's decisions, newest first."""
        wanted = select(DECISIONS).where(self._own(account))
        if before is not None:
            wanted = wanted.where(DECISIONS.c.log_offset < before)
        if offer is not None:
            wanted = wanted.where(DECISIONS.c.offers.contains([offer]))
        async with reading_own(self._database, account) as session:
            return await _placed(session, wanted.order_by(DECISIONS.c.log_offset.desc()).limit(limit))

    async def that_made(self, account: str, offer_ids: Collection[str]) -> dict[str, Decision]:
        """By the offer's id, the newest decision that made it or replaced it in place."""
        wanted = select(DECISIONS).where(self._own(account), DECISIONS.c.offer_id.in_(offer_ids))
        async with reading_own(self._database, account) as session:
            found = await _placed(session, wanted.order_by(DECISIONS.c.log_offset))
        return {one.decision.offer_id: one.decision for one in found if one.decision.offer_id is not None}

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold."""
        async with self._database.reading() as session:
            return await positions(session, DECISION_POSITIONS)

    async def fold(self, partition: int, made: Sequence[Made], before: int, after: int) -> None:
        """Keep ``made``, forget what is too old, and move the position, or neither.

        1. move the position   its row is locked from here on: another owner waits, and then finds it moved
        2. hold erasures       what was erased before is known from here on, and what is erased later finds these
        3. add, delete         a crash before the commit leaves all as it was
        """
        async with self._database.writing() as session:
            await move(session, DECISION_POSITIONS, partition, before, after)
            if not made:
                return
            await erasures.MARKERS.hold(session)
            erased = await erasures.among(session, {one.account for one in made})
            kept = [one for one in made if one.account not in erased or one.decision.at > erased[one.account].judged_at]
            if kept:
                await session.execute(insert(DECISIONS).on_conflict_do_nothing(), [_columns(one) for one in kept])
            oldest = max(one.decision.at for one in made) - self._kept
            await session.execute(delete(DECISIONS).where(DECISIONS.c.at < oldest))

    def _own(self, account: str) -> ColumnElement[bool]:
        """The first net; the second is `services.offer_api.adapters.own_rows`."""
        return DECISIONS.c.account == account


async def _placed(session: ReadSession, wanted: Select[Any]) -> list[Placed]:
    found = await session.execute(wanted)
    return [Placed(Decision.model_validate(row.document), row.log_offset) for row in found]


def _columns(made: Made) -> dict[str, Any]:
    decision = made.decision
    return {
        "account": made.account,
        "decision_id": decision.decision_id,
        "log_offset": made.offset,
        "at": decision.at,
        "offer_id": decision.offer_id,
        "offers": sorted({candidate.offer for candidate in decision.candidates}),
        "document": decision.model_dump(mode="json", exclude_none=True),
    }
