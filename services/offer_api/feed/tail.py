"""Every process follows the whole of ``rung.offers`` by itself, for the streams that it serves."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from schemas.codec import UnreadableEvent, decode_offer
from services.kit.clock import Clock
from services.kit.db.faults import DatabaseAway
from services.kit.kafka.reader import Log, Reader, Record
from services.offer_api.feed.hub import Heard, Hub
from services.offer_api.feed.ways import way_of
from services.offer_api.ports import Offers

log = structlog.get_logger()

READ_MS: Final = 1_000
"""Longest wait for records."""

CHUNK: Final = 500
"""Records between two chances for everybody else: with records at hand the client does not let go of the loop."""

RETRY_S: Final = 1.0
"""Wait after a fault; streams come back after a second or more anyway."""


class Tail:
    """Reads all partitions from where the database is, and tells the hub.

    It begins at the stored position, not at the log's end: so the database has, or soon will have, all before what the
    hub was told, counted in offsets of records. (The log's end also counts markers, which nobody folds.)
    """

    def __init__(self, bootstrap: str, log_: tuple[str, int], offers: Offers, hub: Hub, clock: Clock) -> None:
        """``log_``: the topic's full name and its number of partitions."""
        self._bootstrap = bootstrap
        self._topic, partitions = log_
        self._logs = [Log(self._topic, partition) for partition in range(partitions)]
        self._offers = offers
        self._hub = hub
        self._clock = clock
        self._read_at = clock.monotonic()

    @property
    def last_read_age_s(self) -> float:
        """Seconds since the log was last asked or tried to be; grows only when this reader hangs."""
        return self._clock.monotonic() - self._read_at

    async def run(self) -> None:
        """Follow until cancelled; a fault ends all streams and the log is followed anew."""
        while True:
            try:
                await self._follow()
            except (KafkaError, DatabaseAway, TimeoutError, OSError) as fault:
                log.warning("tail lost", topic=self._topic, fault=type(fault).__name__, detail=str(fault))
            finally:
                self._hub.lose()
            self._read_at = self._clock.monotonic()
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        async with Reader(self._bootstrap, "rung-offer-api-tail") as reader:
            starts = await reader.starts(self._logs)
            stored = await self._offers.positions()
            # a position that retention has passed is the projection's to report; nothing older can be told here
            reader.assign({log_: max(stored.get(log_.partition, 0), starts[log_]) for log_ in self._logs})
            self._hub.begin({log_.partition: first for log_, first in starts.items()})
            log.info("tail follows", topic=self._topic, partitions=len(self._logs))
            while True:
                chunks = await reader.read(READ_MS, CHUNK)
                self._read_at = self._clock.monotonic()
                for records in chunks.values():
                    self._tell(records)
                await asyncio.sleep(0)

    def _tell(self, records: Sequence[Record]) -> None:
        for record in records:
            account = (record.key or b"").decode(errors="replace")
            if self._hub.is_looking(account) and (heard := _heard(record)) is not None:
                self._hub.tell(account, heard)
            self._hub.passed(record.partition, record.offset + 1)


def _heard(record: Record) -> Heard | None:
    try:
        event = decode_offer(record.value, record.headers)
    except UnreadableEvent:
        return None  # the projection dead-letters it
    return Heard(event, record.offset, way_of(event, record))
