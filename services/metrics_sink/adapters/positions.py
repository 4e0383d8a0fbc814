"""How far a log has been folded: read by all, moved only by compare-and-set."""

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from services.kit.db.sessions import ReadSession, WriteSession
from services.kit.kafka.projection import PositionMoved


async def read_positions(session: ReadSession, table: Table) -> dict[int, int]:
    """Partition to the offset of the next record."""
    found = await session.execute(select(table.c.partition, table.c.next_offset))
    return {row.partition: row.next_offset for row in found}


async def move_position(session: WriteSession, table: Table, partition: int, before: int, after: int) -> None:
    """Move from ``before`` to ``after``, and keep others from moving it until the transaction ends.

    Raises `PositionMoved` when it is not at ``before``; one that is missing is wherever the caller says.
    """
    wanted = insert(table).values(partition=partition, next_offset=after)
    moved = await session.execute(
        wanted.on_conflict_do_update(
            index_elements=[table.c.partition],
            set_={"next_offset": wanted.excluded.next_offset},
            where=table.c.next_offset == before,
        )
    )
    if moved.rowcount != 1:
        raise PositionMoved(table.name, partition, before)
