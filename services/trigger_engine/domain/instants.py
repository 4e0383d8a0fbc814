"""Microseconds since 1970 UTC, and datetimes where the wire wants them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
FIRST_US: Final = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST_US: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
"""Begin of the year 1 and end of the year 9999. Offsets lead beyond them; such a time is told as the nearest."""


def to_us(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


def to_datetime(us: int) -> datetime:
    """Microseconds since 1970 UTC as a datetime in UTC, exactly."""
    if not FIRST_US <= us <= LAST_US:
        us = max(FIRST_US, min(us, LAST_US))
    return EPOCH + timedelta(microseconds=us)


def earliest(times: Iterable[int | None]) -> int | None:
    """The first of these, None when there is none."""
    return min((time for time in times if time is not None), default=None)
