"""Markers of what was erased: kept as digests, moved only forward, and looked at before anything is added.

Where several logs are folded by themselves, what one tells of before an erasure may be read after the other told of the
erasure. Their transactions take turns by a lock on the table: either who adds finds the marker, or who erases finds
what was added.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.kit.db.sessions import ReadSession, WriteSession
from services.kit.digest import digest_of


class Markers:
    """A table of markers: its key is the digest of a name, and its other columns say up to where that was erased."""

    def __init__(self, table: Table) -> None:
        (self._key,) = table.primary_key.columns
        self._table = table
        row = insert(table)
        others = [column for column in table.columns if column is not self._key]
        forward = {column.name: func.greatest(column, row.excluded[column.name]) for column in others}
        self._leave = row.on_conflict_do_update(index_elements=[self._key], set_=forward)
        # waits for who is leaving a marker, lets others look, and makes who wants to leave one wait
        self._no_more = text(f"lock table {table.name} in share mode")

    async def leave(self, session: WriteSession, erased: Mapping[str, Mapping[str, object]]) -> None:
        """Leave a marker of each name, with the values of the other columns; one that is there moves only forward.

        From here until the transaction ends, `hold` waits: what is deleted after this, in the same transaction,
        includes all that others had added before.
        """
        if erased:
            rows = [{self._key.name: digest_of(name), **erased[name]} for name in sorted(erased)]
            await session.execute(self._leave, rows)

    async def hold(self, session: WriteSession) -> None:
        """Wait for markers that are being left, and keep others from being left until the transaction ends."""
        await session.execute(self._no_more)

    async def among(self, session: ReadSession, names: Collection[str]) -> dict[str, Row[Any]]:
        """The markers of those of ``names`` that were erased, as rows of the table."""
        if not names:
            return {}
        by_digest = {digest_of(name): name for name in names}
        found = await session.execute(select(self._table).where(self._key.in_(by_digest)))
        return {by_digest[bytes(row._mapping[self._key])]: row for row in found}  # noqa: SLF001 - its public mapping
