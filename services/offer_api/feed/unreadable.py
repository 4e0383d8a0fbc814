"""Records that nobody can read: set aside one by one, and fatal when nothing else comes."""

from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from schemas.codec import Headers, UnreadableEvent
from schemas.traces import kept_trace
from services.kit.db.faults import DatabaseAway
from services.kit.errors import Fatal
from services.kit.kafka.reader import Record
from services.kit.telemetry.logs import traced
from services.offer_api.metrics import Metrics
from services.offer_api.ports import DeadLetters, LogUnavailable

log = structlog.get_logger()

Event = TypeVar("Event")

MAX_UNREADABLE: Final = 100
"""Unreadable records in a row after which the fault is ours: a wrong topic, or a program older than its log."""


class TooManyUnreadable(Fatal):
    """Nothing on the topic can be read."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"{MAX_UNREADABLE} records in a row of {topic} could not be read: is this program too old?")


class Unreadable:
    """Reads records of one topic, and sets aside those that can not be read."""

    def __init__(self, dead_letters: DeadLetters, metrics: Metrics) -> None:
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._in_a_row = 0

    async def read(self, record: Record, decode: Callable[[bytes | None, Headers], Event]) -> Event | None:
        """What ``decode`` makes of ``record``; None when that is nothing, and the record was set aside.

        Raises `TooManyUnreadable`, and ``DatabaseAway`` when there is no place to put it.
        """
        try:
            event = decode(record.value, record.headers)
        except UnreadableEvent as fault:
            await self._bury(record, fault)
            return None
        self._in_a_row = 0
        return event

    async def _bury(self, record: Record, fault: UnreadableEvent) -> None:
        self._in_a_row += 1
        if self._in_a_row > MAX_UNREADABLE:
            raise TooManyUnreadable(record.topic)
        try:
            await self._dead_letters.send(record, fault.reason, fault.detail)
        except LogUnavailable as away:
            # the projection holds back and tries this batch again, as when the database is away
            raise DatabaseAway(f"dead letters: {away}") from away
        self._metrics.dead.inc()
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("dead letter", **where, **traced(kept_trace(record.headers)), why=str(fault))
