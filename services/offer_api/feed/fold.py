"""The projection's store: records in, rows and the position in one transaction."""

from collections.abc import Sequence

import structlog

from schemas.codec import decode_offer
from schemas.offers import OfferChanged, OfferMade
from schemas.stages import Stage, stages_from_headers
from services.kit.clock import Clock
from services.kit.kafka.reader import Record
from services.offer_api.feed.unreadable import Unreadable
from services.offer_api.metrics import Metrics
from services.offer_api.ports import Change, Folding, Offers

log = structlog.get_logger()

Changes = list[tuple[Record, Change]]


class OfferFold:
    """Kit's ``Store`` for ``rung.offers``. A record is folded or dead-lettered before the position passes it."""

    def __init__(
        self, offers: Offers, folding: Folding, unreadable: Unreadable, clock: Clock, metrics: Metrics
    ) -> None:
        self._offers = offers
        self._folding = folding
        self._unreadable = unreadable
        self._clock = clock
        self._metrics = metrics

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold. Raises ``DatabaseAway``."""
        return await self._offers.positions()

    async def read(self, records: Sequence[Record]) -> Changes:
        """What changes each record tells of, if any. Raises ``DatabaseAway``, `TooManyUnreadable`."""
        return [
            (record, Change(event, record.offset))
            for record in records
            if (event := await self._unreadable.read(record, decode_offer)) is not None
        ]

    async def apply(self, partition: int, changes: Changes, before: int, after: int) -> None:
        """Fold ``changes`` and move the position.

        1. dead letters     crash: sent again by the next owner, with the same dead-letter id
        2. fold and commit  crash: nothing happened, or all of it; the stored position tells which
        3. measure          crash: a few observations are missing
        """
        await self._folding.fold(partition, [change for _, change in changes], before, after)
        for record, produced_ms in _offers_produced(changes):
            log.debug("stored", partition=record.partition, offset=record.offset)
            self._metrics.stages.observe(Stage.STORED, produced_ms, self._clock.now_us())


def _offers_produced(changes: Changes) -> list[tuple[Record, int]]:
    """Records that made an offer fetchable, each with the time in ms at which its usage event was produced."""
    whole = [record for record, change in changes if isinstance(change.event, OfferMade | OfferChanged)]
    times = [(record, stages_from_headers(record.headers).get(Stage.PRODUCED)) for record in whole]
    return [(record, ms) for record, ms in times if ms is not None]
