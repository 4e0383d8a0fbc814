"""Where time comes from: the only module that reads a clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

MS_PER_S: Final = 1_000
US_PER_MS: Final = 1_000
US_PER_S: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Two readings that must not be mixed up: what time it is, and how long something took."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC. May jump when the machine's clock is set."""

    def monotonic(self) -> float:
        """Seconds since some moment. Never goes backwards; means nothing to another process."""


class SystemClock:
    """The machine's clock."""

    def now_us(self) -> int:
        """Microseconds since 1970 UTC."""
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()


def to_datetime(us: int) -> datetime:
    """Microseconds since 1970 UTC as a datetime in UTC, exactly."""
    return EPOCH + timedelta(microseconds=us)


def to_us(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)
