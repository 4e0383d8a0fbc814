"""The projection's store for ``rung.decisions``."""

from collections.abc import Sequence

from schemas.codec import decode_decision
from services.kit.kafka.reader import Record
from services.offer_api.feed.unreadable import Unreadable
from services.offer_api.metrics import Metrics
from services.offer_api.ports import DecisionFolding, Made


class DecisionFold:
    """Kit's ``Store`` for ``rung.decisions``. A record is kept or dead-lettered before the position passes it."""

    def __init__(self, folding: DecisionFolding, unreadable: Unreadable, metrics: Metrics) -> None:
        self._folding = folding
        self._unreadable = unreadable
        self._metrics = metrics

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold. Raises ``DatabaseAway``."""
        return await self._folding.positions()

    async def read(self, records: Sequence[Record]) -> list[Made]:
        """What was decided, as far as it can be read. Raises ``DatabaseAway``, `TooManyUnreadable`."""
        return [one for record in records if (one := await self._read(record)) is not None]

    async def apply(self, partition: int, made: Sequence[Made], before: int, after: int) -> None:
        """Keep what was read and move the position.

        1. dead letters      crash: sent again by the next owner, with the same dead-letter id
        2. keep and commit   crash: nothing happened, or all of it; the stored position tells which
        """
        await self._folding.fold(partition, made, before, after)
        self._metrics.decisions_folded.inc(len(made))

    async def _read(self, record: Record) -> Made | None:
        event = await self._unreadable.read(record, decode_decision)
        return None if event is None else Made(event.subject, event.data, record.offset)
