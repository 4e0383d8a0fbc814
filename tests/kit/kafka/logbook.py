"""A store without any key that would hide a record folded twice: only the position keeps it right."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import text
from typing_extensions import override

from services.kit.db.faults import DatabaseAway
from services.kit.kafka.projection import PositionMoved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.kit.db.sessions import Database
    from services.kit.kafka.reader import Record

TABLES = (
    "create table folded (partition int, at bigint, value text)",
    "create table places (partition int primary key, next bigint)",
)
MOVE = (
    "insert into places values (:p, :after) on conflict (partition) do update set next = :after "
    "where places.next = :before"
)


class Logbook:
    """Writes down every record that it is given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self) -> None:
        async with self._database.writing() as session:
            for table in TABLES:
                await session.execute(text(table))

    async def positions(self) -> dict[int, int]:
        async with self._database.reading() as session:
            found = await session.execute(text("select partition, next from places"))
            return {row.partition: row.next for row in found}

    async def read(self, records: Sequence[Record]) -> Sequence[Record]:
        return records

    async def apply(self, partition: int, records: Sequence[Record], before: int, after: int) -> None:
        async with self._database.writing() as session:
            moved = await session.execute(text(MOVE), {"p": partition, "before": before, "after": after})
            if moved.rowcount != 1:
                raise PositionMoved(partition, before)
            if records:
                rows = [{"p": partition, "o": r.offset, "v": (r.value or b"").decode()} for r in records]
                await session.execute(text("insert into folded values (:p, :o, :v)"), rows)

    async def restore(self, partition: int, position: int) -> None:
        """As a backup would: nothing written down, and the position of that time."""
        async with self._database.writing() as session:
            await session.execute(text("truncate folded, places"))
            await session.execute(text("insert into places values (:p, :n)"), {"p": partition, "n": position})

    async def skip(self, partition: int, position: int) -> None:
        """As another owner would, who folded up to ``position`` elsewhere."""
        async with self._database.writing() as session:
            await session.execute(
                text("update places set next = :n where partition = :p"), {"p": partition, "n": position}
            )

    async def values(self, partition: int | None = None) -> list[str]:
        """Everything written down, in the order of the log within a partition."""
        where = "" if partition is None else f"where partition = {partition:d}"
        async with self._database.reading() as session:
            found = await session.execute(text(f"select value from folded {where} order by partition, at"))  # noqa: S608 - an integer
            return [value for (value,) in found]


class Doubtful(Logbook):
    """Does not hear of its first commit, or has none, while more is read already."""

    doubted = False

    def __init__(self, database: Database, *, commits: bool, reads: int) -> None:
        """``reads``: how often records are read until that is so."""
        super().__init__(database)
        self._commits = commits
        self._reads = reads
        self._enough = asyncio.Event()

    @override
    async def read(self, records: Sequence[Record]) -> Sequence[Record]:
        self._reads -= 1
        if self._reads <= 0:
            self._enough.set()
        return records

    @override
    async def apply(self, partition: int, records: Sequence[Record], before: int, after: int) -> None:
        doubts, self.doubted = not self.doubted, True
        if self._commits or not doubts:
            await super().apply(partition, records, before, after)
        if doubts:
            async with asyncio.timeout(20):
                await self._enough.wait()
            raise DatabaseAway("the answer to the commit was lost")
