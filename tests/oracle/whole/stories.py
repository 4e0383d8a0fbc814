"""What chance rarely brings: accounts that grow from week to week, and some that come near a limit step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

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

Message = tuple[str, dict[str, Any]]


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
            for number in range(OF_EACH):
                for kind, data in grows(day):
                    self._tell(f"grows-{self._seed}-{number}", kind, data)
                for kind, data in climbs(day):
                    self._tell(f"climbs-{self._seed}-{number}", kind, data)
        return self._count > before

    def _tell(self, account: str, kind: str, data: dict[str, Any]) -> None:
        self._count += 1
        self._dry.send(
            "usage",
            {
                "specversion": "1.0", "id": f"s-{self._count}", "source": "tests/stories", "type": kind,
                "subject": account, "time": told(self._dry.clock.now), "data": data,
            },
        )  # fmt: skip


def grows(day: int) -> Iterator[Message]:
    """More work from week to week, and more in a folder each other day."""
    if day == 1:
        yield "rung.account_created", {"plan": "team", "seats": 3}
    yield from [("task.ran", {"properties": {"cost": 0.1}})] * (1 + day // 7)
    yield from [("report.exported", {"properties": {"format": "csv"}})] * (1 + day // 7)
    yield from [("file.shared", {"properties": {"recipient": "a", "folder": "work"}})] * (1 + day % 2)


def climbs(day: int) -> Iterator[Message]:
    """To the first step of a limit, and the next day to the second."""
    yield "task.ran", {"properties": {"cost": 0.1}}
    if day in (NOT_NEW, NOT_NEW + 1):
        yield "file.stored", {"properties": {"size_gb": 6.5 if day == NOT_NEW else 0.8, "format": "pdf"}}
