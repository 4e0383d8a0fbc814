"""Offers in PostgreSQL: all SQL of the offer API."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from schemas.offers import OffersErased
from schemas.responses import Responded
from services.kit.db.sessions import Database, ReadSession, WriteSession
from services.offer_api.adapters import erasures
from services.offer_api.adapters.own_rows import reading_own, writing_own
from services.offer_api.adapters.positions import move, positions
from services.offer_api.adapters.rows import from_columns, to_columns
from services.offer_api.adapters.tables import DECISIONS, OFFERS, POSITIONS
from services.offer_api.domain.erasure import Erased
from services.offer_api.domain.row import OfferRow, fold, offer_id_of, report
from services.offer_api.ports import Backlog, Change

Key = tuple[str, str]
"""Account and offer id."""


NOT_OVER: Final = f"select {', '.join(column.name for column in OFFERS.c)} from own_offers_not_over($1)"  # noqa: S608 - ours
"""What is asked for most; `own_offers_not_over` of `deploy/migrations` lets it see this account's rows alone."""


class PostgresOffers:
    """`Offers` and `Folding` in one database."""

    _own_text = "account = $1"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def not_over(self, account: str) -> list[OfferRow]:
        """The account's offers that the engine has not ended, in one way to the server and back."""
        rows = await self._database.fetch(f"{NOT_OVER} where {self._own_text}", account)
        return [from_columns(columns) for columns in rows]

    async def find(self, account: str, offer_ids: Collection[str]) -> dict[str, OfferRow]:
        """Those of ``offer_ids`` that are this account's."""
        async with reading_own(self._database, account) as session:
            rows = await _rows(session, self._own(account), OFFERS.c.offer_id.in_(offer_ids))
        return {row.offer.offer_id: row for row in rows}

    async def backlog(self, account: str, partition: int, since: int | None) -> Backlog:
        """Rows and position of one moment: a session that reads sees one state of the database."""
        wanted = ~OFFERS.c.over if since is None else or_(~OFFERS.c.over, OFFERS.c.changed_offset > since)
        async with reading_own(self._database, account) as session:
            position = (await positions(session, POSITIONS, partition)).get(partition)
            rows = tuple(await _rows(session, self._own(account), wanted))
            erased = (await erasures.among(session, [account])).get(account)
            return Backlog(rows, position, None if erased is None else erased.offset)

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold."""
        async with self._database.reading() as session:
            return await positions(session, POSITIONS)

    async def fold(self, partition: int, changes: Sequence[Change], before: int, after: int) -> None:
        """Fold and move the position, or neither.

        1. move the position    its row is locked from here on: another owner waits, and then finds it moved
        2. lock and read rows   in the order of their key, as `report` does, so that the two never wait for each other
        3. fold, write          a crash before the commit leaves rows and position as they were
        """
        async with self._database.writing() as session:
            await move(session, POSITIONS, partition, before, after)
            if changes:
                await _fold(session, changes)

    async def report(self, account: str, responses: Sequence[Responded]) -> None:
        """Note on the rows what was acknowledged."""
        offer_ids = {response.data.offer for response in responses}
        async with writing_own(self._database, account) as session:
            rows = await _locked(session, {(account, offer_id) for offer_id in offer_ids})
            changed = {}
            for response in responses:
                key = (account, response.data.offer)
                if (row := rows.get(key)) is not None:
                    changed[key] = rows[key] = report(row, response.data.response, response.id, response.time)
            await _write(session, changed.values())

    def _own(self, account: str) -> ColumnElement[bool]:
        """The first net; the second is `services.offer_api.adapters.own_rows`."""
        return OFFERS.c.account == account


async def _fold(session: WriteSession, changes: Sequence[Change]) -> None:
    words = [change.event for change in changes if not isinstance(change.event, OffersErased)]
    stored = await _locked(session, {(word.subject, offer_id_of(word)) for word in words})
    rows, erased = dict(stored), dict[str, Erased]()
    for event, offset, way in changes:
        if isinstance(event, OffersErased):
            erased[event.subject] = Erased(event.data.at, offset)
            rows = {key: row for key, row in rows.items() if key[0] != event.subject}
            continue
        key = (event.subject, offer_id_of(event))
        after = fold(rows.get(key), event, offset, way)
        if after is not None:
            rows[key] = after
    await erasures.mark(session, erased)
    for account, marker in erased.items():
        await session.execute(delete(OFFERS).where(OFFERS.c.account == account))
        of_before = DECISIONS.c.at <= marker.judged_at
        await session.execute(delete(DECISIONS).where(DECISIONS.c.account == account, of_before))
    await _write(session, (row for key, row in rows.items() if row is not stored.get(key)))


async def _rows(session: ReadSession, *where: Any) -> list[OfferRow]:
    found = await session.execute(select(OFFERS).where(*where))
    return [from_columns(columns) for columns in found.mappings()]


async def _locked(session: WriteSession, keys: set[Key]) -> dict[Key, OfferRow]:
    if not keys:
        return {}
    found = await session.execute(
        select(OFFERS)
        .where(tuple_(OFFERS.c.account, OFFERS.c.offer_id).in_(sorted(keys)))
        .order_by(OFFERS.c.account, OFFERS.c.offer_id)
        .with_for_update()
    )
    rows = (from_columns(columns) for columns in found.mappings())
    return {(row.account, row.offer.offer_id): row for row in rows}


async def _write(session: WriteSession, rows: Iterable[OfferRow]) -> None:
    values = [to_columns(row) for row in rows]
    if not values:
        return
    row = insert(OFFERS)
    kept = (OFFERS.c.account, OFFERS.c.offer_id)
    replaced = {column.name: row.excluded[column.name] for column in OFFERS.c if column not in set(kept)}
    await session.execute(row.on_conflict_do_update(index_elements=list(kept), set_=replaced), values)
