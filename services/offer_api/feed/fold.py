"""The projection's store: records in, rows and the position in one transaction."""

from collections.abc import Sequence

import structlog

from schemas.codec import decode_offer
from schemas.stages import Stage
from services.kit.clock import Clock
from services.kit.kafka.reader import Record
from services.kit.telemetry.logs import traced
from services.kit.telemetry.traces import UNTOLD, Traces, place
from services.offer_api.feed.unreadable import Unreadable
from services.offer_api.feed.ways import way_of
from services.offer_api.metrics import STORE, Metrics
from services.offer_api.ports import Change, Folding, Offers

log = structlog.get_logger()

Changes = list[tuple[Record, Change]]


class OfferFold:
    """Kit's ``Store`` for ``rung.offers``. A record is folded or dead-lettered before the position passes it."""

    def __init__(
        self,
        offers: Offers,
        folding: Folding,
        unreadable: Unreadable,
        clock: Clock,
        metrics: Metrics,
        traces: Traces = UNTOLD,
    ) -> None:
        self._offers = offers
        self._folding = folding
        self._unreadable = unreadable
        self._clock = clock
        self._metrics = metrics
        self._traces = traces

    async def positions(self) -> dict[int, int]:
        """Partition to the next offset to fold. Raises ``DatabaseAway``."""
        return await self._offers.positions()

    async def read(self, records: Sequence[Record]) -> Changes:
        """What changes each record tells of, if any. Raises ``DatabaseAway``, `TooManyUnreadable`."""
        return [
            (record, Change(event, record.offset, way_of(event, record)))
            for record in records
            if (event := await self._unreadable.read(record, decode_offer)) is not None
        ]

    async def apply(self, partition: int, changes: Changes, before: int, after: int) -> None:
        """Fold ``changes`` and move the position.

        1. dead letters     crash: sent again by the next owner, with the same dead-letter id
        2. fold and commit  crash: nothing happened, or all of it; the stored position tells which
        3. measure          crash: a few observations are missing
        """
        began_us = self._clock.now_us()
        await self._folding.fold(partition, [change for _, change in changes], before, after)
        now_us = self._clock.now_us()
        for record, change in changes:
            self._measure(record, change, began_us, now_us)

    def _measure(self, record: Record, change: Change, began_us: int, now_us: int) -> None:
        way, where = change.way, (record.topic, record.partition, record.offset)
        if way.produced_ms is not None:
            self._metrics.stages.observe(Stage.STORED, way.produced_ms, now_us, way.trace)
        if way.trace is not None:
            self._traces.begin(STORE, way.trace, began_us, place(*where)).end(now_us)
            told = {"account": change.event.subject, **traced(way.trace)}
            log.info("stored", **told, partition=record.partition, offset=record.offset)
