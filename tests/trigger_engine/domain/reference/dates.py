"""Days and months found by walking: a minute at a time over the clock's face, a month at a time over the calendar."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@cache
def clocks(zone: str) -> ZoneInfo:
    """The zone as it is installed with us; the machine may know other rules."""
    with (files("tzdata") / "zoneinfo" / zone).open("rb") as rules:
        return ZoneInfo.from_file(rules)


def shown(at: datetime, zone: str) -> datetime:
    """What a clock on the wall shows."""
    return at.astimezone(clocks(zone)).replace(tzinfo=None)


def first_minute(day: date, zone: str) -> datetime:
    """The first minute at which some clock of ``zone`` has shown ``day`` or a later date."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    while shown(at, zone).date() < day:
        at += MINUTE
    return at


def months_on(day: date, months: int) -> date:
    """``day`` that many months later, found by walking from month to month; the last day where it does not exist."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    wanted = day.day
    while True:
        try:
            return date(year, month, wanted)
        except ValueError:
            wanted -= 1
