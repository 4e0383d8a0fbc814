"""Records that nobody can read: set aside one by one, and fatal when nothing else comes."""

from typing import Final

import structlog

from schemas.codec import UnreadableEvent
from services.kit.db.faults import DatabaseAway
from services.kit.errors import Fatal
from services.kit.kafka.reader import Record
from services.offer_api.metrics import Metrics
from services.offer_api.ports import DeadLetters, LogUnavailable

log = structlog.get_logger()

MAX_UNREADABLE: Final = 100
"""Unreadable records in a row after which the fault is ours: a wrong topic, or a program older than its log."""


class TooManyUnreadable(Fatal):
    """Nothing on the topic can be read."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"{MAX_UNREADABLE} records in a row of {topic} could not be read: is this program too old?")


class Unreadable:
    """Sets records of one topic aside."""

    def __init__(self, dead_letters: DeadLetters, metrics: Metrics) -> None:
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._in_a_row = 0

    def read_one(self) -> None:
        """A record could be read."""
        self._in_a_row = 0

    async def bury(self, record: Record, fault: UnreadableEvent) -> None:
        """Set ``record`` aside. Raises `TooManyUnreadable`, and ``DatabaseAway`` when there is no place to put it."""
        self._in_a_row += 1
        if self._in_a_row > MAX_UNREADABLE:
            raise TooManyUnreadable(record.topic)
        try:
            await self._dead_letters.send(record, fault.reason, fault.detail)
        except LogUnavailable as away:
            # the projection holds back and tries this batch again, as when the database is away
            raise DatabaseAway(f"dead letters: {away}") from away
        self._metrics.dead.inc()
        log.warning("dead letter", topic=record.topic, partition=record.partition, offset=record.offset, why=str(fault))
