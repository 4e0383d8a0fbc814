"""How far a log was folded: moved only from where the caller believes it is."""

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from services.kit.db.sessions import ReadSession, WriteSession
from services.kit.kafka.projection import PositionMoved


async def move(session: WriteSession, table: Table, partition: int, before: int, after: int) -> None:
    """Move the position; others who want to wait until the transaction ends. Raises `PositionMoved`."""
    row = insert(table).values(partition=partition, next_offset=after)
    moved = await session.execute(
        row.on_conflict_do_update(
            index_elements=[table.c.partition],
            set_={"next_offset": row.excluded.next_offset},
            where=table.c.next_offset == before,
        )
    )
    if moved.rowcount == 0:
        raise PositionMoved


async def positions(session: ReadSession, table: Table, partition: int | None = None) -> dict[int, int]:
    """Partition to the next offset to fold; of all, or of one."""
    wanted = select(table.c.partition, table.c.next_offset)
    if partition is not None:
        wanted = wanted.where(table.c.partition == partition)
    found = await session.execute(wanted)
    return {row.partition: row.next_offset for row in found}
