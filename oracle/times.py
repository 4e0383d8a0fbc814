"""Times as microseconds since 1970 UTC, and as text on the wire."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
FIRST: Final = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
MS: Final = 1_000
SECOND: Final = 1_000 * MS
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR
RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DURATION: Final = re.compile(r"(\d{1,5})([smhdw])", re.ASCII)
UNITS: Final = {"s": SECOND, "m": 60 * SECOND, "h": HOUR, "d": DAY, "w": 7 * DAY}


def instant(text: object) -> int | None:
    """Microseconds since 1970 UTC of an RFC 3339 time with an offset; None when it is none."""
    if not isinstance(text, str) or not RFC_3339.fullmatch(text):
        return None
    try:
        since = datetime.fromisoformat(text.upper()) - EPOCH
    except ValueError:  # of the right form, and yet no time: a 13th month
        return None
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def moment(us: int) -> datetime:
    """A time in UTC; what lies beyond the calendar is its nearest end."""
    return EPOCH + timedelta(microseconds=max(FIRST, min(us, LAST)))


def told(us: int) -> str:
    """A time as it stands in messages: RFC 3339 in UTC."""
    return moment(us).isoformat().replace("+00:00", "Z")


def minute(us: int) -> str:
    """A time as it stands in details, to the minute."""
    return f"{moment(us):%Y-%m-%d %H:%M}"


def duration(text: str) -> int:
    """``30m``, ``24h``, ``14d`` in microseconds; raises ``ValueError``."""
    found = DURATION.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{text!r} is no duration")
    return int(found[1]) * UNITS[found[2]]
