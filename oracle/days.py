"""The calendar of an account: days, weeks and months in its zone, and months added to a time.

A day begins with the first instant that shows its date, and lasts until the next one begins. Days are numbered from
1 January 1970, instants are microseconds since then in UTC. The rules of zones are those of the package tzdata.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from oracle.times import DAY, EPOCH, HOUR, MICROSECOND, SECOND

MINUTE: Final = 60 * SECOND
FIRST_DAY: Final = EPOCH.toordinal()
EARLIEST: Final = (datetime(2, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
LATEST: Final = (datetime(9998, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
"""What lies beyond is taken as these, so that what lies around has a date."""

FARTHEST: Final = 16 * HOUR
"""No clock is further from UTC than this."""


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


@lru_cache(maxsize=1024)
def zone(name: str | None) -> tzinfo:
    """The clocks of the zone with this name; UTC for one that nobody knows."""
    if name is None or name not in _zones():
        return UTC
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def _shown(at: int, clocks: tzinfo) -> datetime:
    """What clocks and calendars show at ``at``."""
    return (EPOCH + timedelta(microseconds=at)).astimezone(clocks).replace(tzinfo=None)


@lru_cache(maxsize=100_000)
def start_of_day(day: int, clocks: tzinfo) -> int:
    """The first instant that shows the date of ``day``, or a later one where the zone left it out."""
    if clocks is UTC:
        return day * DAY
    midnight = datetime.combine(date.fromordinal(FIRST_DAY + day), datetime.min.time())
    early = day * DAY - FARTHEST
    while _shown(early + MINUTE, clocks) < midnight:
        early += MINUTE
    late = early + MINUTE
    while late - early > SECOND:
        middle = (early + late) // (2 * SECOND) * SECOND
        early, late = (early, middle) if _shown(middle, clocks) >= midnight else (middle, late)
    return late


def day_of(at: int, clocks: tzinfo) -> int:
    """The day that ``at`` lies in."""
    at = max(EARLIEST, min(at, LATEST))
    if clocks is UTC:
        return at // DAY
    day = _shown(at, clocks).toordinal() - FIRST_DAY
    while start_of_day(day + 1, clocks) <= at:
        day += 1
    return day


def first_day(unit: str, at: int, clocks: tzinfo) -> int:
    """The first day of the day, week or month that ``at`` lies in. Weeks begin on Monday."""
    day = day_of(at, clocks)
    when = date.fromordinal(FIRST_DAY + day)
    return day - {"day": 0, "week": when.weekday(), "month": when.day - 1}[unit]


def moved(unit: str, day: int, count: int) -> int:
    """The first day of what comes ``count`` days, weeks or months after what begins with ``day``."""
    if unit == "month":
        return _months_later(date.fromordinal(FIRST_DAY + day), count).toordinal() - FIRST_DAY
    return day + count * {"day": 1, "week": 7}[unit]


def end_of(unit: str, at: int, clocks: tzinfo) -> int:
    """When the next day, week or month begins."""
    return start_of_day(moved(unit, first_day(unit, at, clocks), 1), clocks)


def add_months(at: int, months: int, clocks: tzinfo) -> int:
    """The same day and time of day so many months later; the last day of a month that is too short for it."""
    shown = _shown(max(EARLIEST, min(at, LATEST)), clocks)
    later = datetime.combine(_months_later(shown.date(), months), shown.time(), tzinfo=clocks)
    return max(EARLIEST, min((later - EPOCH) // MICROSECOND, LATEST))


def _months_later(day: date, months: int) -> date:
    count = min(day.year * 12 + day.month - 1 + months, 9999 * 12)
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def told_day(day: int) -> str:
    """A day as it stands in messages."""
    return date.fromordinal(FIRST_DAY + day).isoformat()
