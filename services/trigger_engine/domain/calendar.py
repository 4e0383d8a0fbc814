"""The calendar in an account's zone: where days, weeks and months begin, and how months are added.

Instants are microseconds since 1970 UTC, days are numbered since 1970-01-01. Days follow each other without a gap or an
overlap, whatever the clocks of the zone do: a day begins with the first instant of its date, and lasts until the next
one begins. A day that a zone left out is of no length.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from services.trigger_engine.domain.instants import to_datetime, to_us

SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
MONTH_US: Final = 2_629_746 * SECOND_US
"""The mean month of the calendar: a twelfth of 365.2425 days."""
DAY_0: Final = date(1970, 1, 1).toordinal()
MONTHS_A_YEAR: Final = 12

EARLIEST: Final = to_us(datetime(2, 1, 1, tzinfo=UTC))
LATEST: Final = to_us(datetime(9998, 1, 1, tzinfo=UTC))
"""What lies beyond is taken as these: a day, week or month around them is still a date in every zone."""


class Unit(StrEnum):
    """A period of the calendar. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Zone:
    """The clocks of an account. ``known`` is False when nobody knows a zone ``name``, and UTC stands in for it."""

    name: str
    clocks: tzinfo
    known: bool = True


@lru_cache(maxsize=1024)
def zone(name: str | None) -> Zone:
    """The zone with this name of the IANA data base, such as ``Europe/Berlin``; UTC for an account that named none.

    Its rules are those installed with us, never the machine's own: the same log gives the same periods everywhere.
    """
    if name is None:
        return Zone("UTC", UTC)
    if name not in _names():
        return Zone(name, UTC, known=False)
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return Zone(name, ZoneInfo.from_file(rules, key=name))


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


def day_of(at: int, place: Zone) -> int:
    """Number of the day that ``at`` lies in."""
    at = _bounded(at)
    day = _local(at, place).toordinal() - DAY_0
    while start_of_day(day + 1, place) <= at:  # clocks set back over midnight show the old date once more
        day += 1
    return day


def start_of_day(day: int, place: Zone) -> int:
    """The instant at which the day numbered ``day`` begins."""
    return _start(day, place.clocks)


def first_day(unit: Unit, at: int, place: Zone) -> int:
    """Number of the first day of the day, week or month that ``at`` lies in. It names that period, in every zone."""
    return first_day_of(unit, day_of(at, place))


def first_day_of(unit: Unit, day: int) -> int:
    """Number of the first day of the day, week or month that holds ``day``."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - _date(day).weekday()
        case Unit.MONTH:
            return day - _date(day).day + 1


def moved(unit: Unit, day: int, by: int) -> int:
    """Number of the first day of the period that is ``by`` periods after the one that begins with ``day``."""
    match unit:
        case Unit.DAY:
            return day + by
        case Unit.WEEK:
            return day + 7 * by
        case Unit.MONTH:
            return _months_later(_date(day), by).toordinal() - DAY_0


def start_of(unit: Unit, at: int, place: Zone) -> int:
    """The instant at which the day, week or month began that ``at`` lies in."""
    return start_of_day(first_day(unit, at, place), place)


def end_of(unit: Unit, at: int, place: Zone) -> int:
    """The instant at which the next day, week or month begins."""
    return start_of_day(moved(unit, first_day(unit, at, place), 1), place)


def add_months(at: int, months: int, place: Zone) -> int:
    """The same day and time of day ``months`` later: on the last day of a month that is too short for it.

    Counted from the anchor each time, so that the 31st comes back after February. A time of day that the clocks leave
    out is as much later as they were set forward; of one that comes twice it is the first.
    """
    local = _local(_bounded(at), place)
    later = datetime.combine(_months_later(local.date(), months), local.time())
    return _bounded(to_us(later.replace(tzinfo=place.clocks, fold=0)))


def age(since: int, at: int) -> int:
    """How long something has been so, in microseconds; 0 for what has yet to begin."""
    return max(0, at - since)


def _bounded(at: int) -> int:
    return max(EARLIEST, min(at, LATEST))


def _local(at: int, place: Zone) -> datetime:
    """What clocks and calendars show at ``at``."""
    return to_datetime(at).astimezone(place.clocks).replace(tzinfo=None)


def written(day: int) -> str:
    """A day as it is told: ``2026-03-14``."""
    return _date(day).isoformat()


def _date(day: int) -> date:
    return date.fromordinal(DAY_0 + day)


def _months_later(day: date, months: int) -> date:
    count = min(day.year * MONTHS_A_YEAR + day.month - 1 + months, date.max.year * MONTHS_A_YEAR)
    year, month = divmod(count, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def _start(day: int, clocks: tzinfo) -> int:
    midnight = datetime.combine(_date(day), datetime.min.time())
    early, late = sorted(to_us(midnight.replace(tzinfo=clocks, fold=fold)) for fold in (0, 1))
    if _shows(early, clocks) >= midnight:  # midnight comes once, or twice and this is the first
        return early
    while late - early > SECOND_US:  # midnight is left out: clocks were set forward somewhere in between
        middle = (early + late) // (2 * SECOND_US) * SECOND_US
        early, late = (early, middle) if _shows(middle, clocks) >= midnight else (middle, late)
    return late


def _shows(at: int, clocks: tzinfo) -> datetime:
    return (to_datetime(at).astimezone(clocks)).replace(tzinfo=None)
