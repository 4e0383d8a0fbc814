"""Microseconds since 1970 UTC, and datetimes where the wire wants them."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
LAST_US: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
"""End of the year 9999; a later point in time can be reckoned with, and is told as this one."""


def to_us(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970 UTC, exactly."""
    return (moment - EPOCH) // MICROSECOND


def to_datetime(us: int) -> datetime:
    """Microseconds since 1970 UTC as a datetime in UTC, exactly."""
    return EPOCH + timedelta(microseconds=min(us, LAST_US))
