"""What chance rarely brings: accounts that grow from week to week, come near a limit step by step, or had a ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.whole.dry import Dry

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
NOT_NEW: Final = 12
"""Days until the first steps of an account are over, done or not."""

OF_EACH: Final = 2
"""Accounts that a story is told of: one of them may be held out."""


class Message(NamedTuple):
    """Something of so long ago, in microseconds."""

    kind: str
    data: dict[str, Any]
    ago: int = 0


def told(at: int) -> str:
    """A time on the wire."""
    return (EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


class Stories:
    """Goes by the day, and by no chance: what chance brings to others stays the same."""

    def __init__(self, dry: Dry, seed: int) -> None:
        self._dry = dry
        self._seed = seed
        self._day = self._first = dry.clock.now // DAY
        self._count = 0

    def go_on(self) -> bool:
        """Send what the days since the last time have brought; whether that is anything."""
        before = self._count
        while self._day < self._dry.clock.now // DAY:
            self._day += 1
            day = self._day - self._first
            for story in (grows, climbs, waits):
                for number in range(OF_EACH):
                    for message in story(day):
                        self._tell(f"{story.__name__}-{self._seed}-{number}", message)
        return self._count > before

    def _tell(self, account: str, message: Message) -> None:
        self._count += 1
        self._dry.send(
            "usage",
            {
                "specversion": "1.0", "id": f"s-{self._count}", "source": "tests/stories", "type": message.kind,
                "subject": account, "time": told(self._dry.clock.now - message.ago), "data": message.data,
            },
        )  # fmt: skip


def grows(day: int) -> Iterator[Message]:
    """More work from week to week, and more in a folder each other day."""
    if day == 1:
        yield Message("rung.account_created", {"plan": "team", "seats": 3})
    yield from [Message("task.ran", {"properties": {"cost": 0.1}})] * (1 + day // 7)
    yield from [Message("report.exported", {"properties": {"format": "csv"}})] * (1 + day // 7)
    yield from [Message("file.shared", {"properties": {"recipient": "a", "folder": "work"}})] * (1 + day % 2)


def climbs(day: int) -> Iterator[Message]:
    """To the first step of a limit of 8 and the next day to the second; then not so far down that it counts anew."""
    yield Message("task.ran", {"properties": {"cost": 0.1}})
    sizes = {NOT_NEW: 6.5, NOT_NEW + 1: 0.8, NOT_NEW + 2: -1.5, NOT_NEW + 3: 0.9}
    if day in sizes:
        yield _stored(sizes[day])


def waits(day: int) -> Iterator[Message]:
    """To a limit some 33 hours after a ticket was closed."""
    yield Message("task.ran", {"properties": {"cost": 0.1}})
    if day == NOT_NEW:
        yield Message("rung.ticket_opened", {"ticket": "t"}, 10 * HOUR)
        yield Message("rung.ticket_closed", {"ticket": "t"}, 9 * HOUR)
    if day == NOT_NEW + 1:
        yield _stored(6.5)


def _stored(size_gb: float) -> Message:
    return Message("file.stored", {"properties": {"size_gb": size_gb, "format": "pdf"}})
