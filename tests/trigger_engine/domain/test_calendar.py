"""Days, weeks and months begin where the account's clocks say so."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.trigger_engine.domain.calendar import (
    DAY_0,
    DAY_US,
    EARLIEST,
    LATEST,
    Unit,
    Zone,
    add_months,
    age,
    day_of,
    end_of,
    first_day,
    first_day_of,
    moved,
    start_of,
    start_of_day,
    zone,
)
from services.trigger_engine.domain.instants import FIRST_US, LAST_US, to_datetime, to_us
from tests.trigger_engine.domain.reference.dates import first_minute, months_on, shown

ZONES = (
    "Europe/Berlin", "America/New_York", "Pacific/Apia", "Pacific/Kiritimati", "Asia/Kathmandu", "Africa/Cairo",
    "America/Havana", "America/Sao_Paulo", "America/St_Johns", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Tehran",
)  # fmt: skip


def at(text: str) -> int:
    """An instant, written with its offset."""
    return to_us(datetime.fromisoformat(text))


def told(us: int) -> str:
    return to_datetime(us).strftime("%Y-%m-%dT%H:%MZ")


def number(day: date) -> int:
    return day.toordinal() - DAY_0


@pytest.mark.parametrize(
    ("place", "when", "begins", "ends"),
    [
        pytest.param("UTC", "2026-03-01T00:00Z", "2026-03-01T00:00Z", "2026-03-02T00:00Z", id="midnight is of its day"),
        pytest.param("Europe/Berlin", "2026-03-28T23:30Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z",
                     id="a day of 23 hours"),
        pytest.param("Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z",
                     id="a day of 25 hours"),
        pytest.param("America/New_York", "2026-03-08T12:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z",
                     id="New York, 23 hours"),
        pytest.param("America/New_York", "2026-11-01T12:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z",
                     id="New York, 25 hours"),
        pytest.param("Pacific/Apia", "2011-12-30T09:59Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z",
                     id="the last day before Samoa left one out"),
        pytest.param("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z",
                     id="and the day after the one left out"),
        pytest.param("America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z",
                     id="a day that begins at one o'clock"),
        pytest.param("America/Havana", "2020-11-01T12:00Z", "2020-11-01T04:00Z", "2020-11-02T05:00Z",
                     id="a day with two midnights begins at the first"),
        pytest.param("America/St_Johns", "2010-11-07T02:45Z", "2010-11-07T02:30Z", "2010-11-08T03:30Z",
                     id="a date that comes back for an hour stays over"),
    ],
)  # fmt: skip
def test_a_day_begins_with_the_first_instant_of_its_date(place: str, when: str, begins: str, ends: str) -> None:
    assert (told(start_of(Unit.DAY, at(when), zone(place))), told(end_of(Unit.DAY, at(when), zone(place)))) == (
        begins,
        ends,
    )


@pytest.mark.parametrize(
    ("unit", "place", "when", "begins", "ends"),
    [
        pytest.param(Unit.WEEK, "UTC", "2026-03-01T12:00Z", "2026-02-23T00:00Z", "2026-03-02T00:00Z", id="Sunday ends"),
        pytest.param(Unit.WEEK, "UTC", "2026-03-02T00:00Z", "2026-03-02T00:00Z", "2026-03-09T00:00Z",
                     id="Monday begins"),
        pytest.param(Unit.WEEK, "UTC", "1969-12-31T12:00Z", "1969-12-29T00:00Z", "1970-01-05T00:00Z", id="before 1970"),
        pytest.param(Unit.WEEK, "Europe/Berlin", "2026-03-29T21:59Z", "2026-03-22T23:00Z", "2026-03-29T22:00Z",
                     id="a week of 167 hours"),
        pytest.param(Unit.MONTH, "UTC", "2024-02-29T12:00Z", "2024-02-01T00:00Z", "2024-03-01T00:00Z", id="a leap day"),
        pytest.param(Unit.MONTH, "Europe/Berlin", "2026-03-31T22:00Z", "2026-03-31T22:00Z", "2026-04-30T22:00Z",
                     id="midnight of the first, in summer"),
        pytest.param(Unit.MONTH, "Europe/Berlin", "2026-03-31T21:59Z", "2026-02-28T23:00Z", "2026-03-31T22:00Z",
                     id="a minute before it, begun in winter"),
        pytest.param(Unit.MONTH, "America/New_York", "2026-12-31T23:00Z", "2026-12-01T05:00Z", "2027-01-01T05:00Z",
                     id="the year ends later there"),
        pytest.param(Unit.MONTH, "Pacific/Apia", "2011-12-30T12:00Z", "2011-12-01T10:00Z", "2011-12-31T10:00Z",
                     id="a December of 30 days"),
    ],
)  # fmt: skip
def test_weeks_and_months_begin_with_their_first_day(unit: Unit, place: str, when: str, begins: str, ends: str) -> None:
    assert (told(start_of(unit, at(when), zone(place))), told(end_of(unit, at(when), zone(place)))) == (begins, ends)


@pytest.mark.parametrize(
    ("place", "anchor", "months", "later"),
    [
        pytest.param("UTC", "2026-01-31T09:30Z", 1, "2026-02-28T09:30Z", id="the last day of a shorter month"),
        pytest.param("UTC", "2026-01-31T09:30Z", 2, "2026-03-31T09:30Z", id="the 31st comes back"),
        pytest.param("UTC", "2024-02-29T09:30Z", 12, "2025-02-28T09:30Z", id="no leap day that year"),
        pytest.param("UTC", "2024-02-29T09:30Z", 48, "2028-02-29T09:30Z", id="the next leap day"),
        pytest.param("UTC", "2096-02-29T09:30Z", 48, "2100-02-28T09:30Z", id="1 in 100 years is no leap year"),
        pytest.param("UTC", "2025-12-15T00:00Z", 1, "2026-01-15T00:00Z", id="over the year's end"),
        pytest.param("UTC", "2025-12-15T00:00Z", 0, "2025-12-15T00:00Z", id="none"),
        pytest.param("Europe/Berlin", "2026-02-15T09:00+01:00", 2, "2026-04-15T07:00Z", id="nine o'clock stays nine"),
        pytest.param("Europe/Berlin", "2026-02-28T23:30Z", 1, "2026-03-31T22:30Z", id="the day is that of the zone"),
        pytest.param("Europe/Berlin", "2026-01-29T02:30+01:00", 2, "2026-03-29T01:30Z", id="an hour that is left out"),
        pytest.param("Europe/Berlin", "2026-09-25T02:30+02:00", 1, "2026-10-25T00:30Z", id="an hour that comes twice"),
        pytest.param("America/New_York", "2026-01-08T02:30-05:00", 2, "2026-03-08T07:30Z", id="left out in New York"),
        pytest.param("Pacific/Apia", "2011-11-30T12:00-10:00", 1, "2011-12-30T22:00Z", id="a day that was left out"),
    ],
)  # fmt: skip
def test_months_are_added_on_the_calendar(place: str, anchor: str, months: int, later: str) -> None:
    assert told(add_months(at(anchor), months, zone(place))) == later


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "",
        "../UTC",
        "/etc/passwd",
        "Europe",
        "Europe/Berlin\0",
        "x" * 300,
        "localtime",
        "posixrules",
        "right/UTC",
    ],
)
def test_an_unknown_zone_is_utc_and_says_so(name: str) -> None:
    place = zone(name)
    assert (place.name, place.clocks, place.known) == (name, UTC, False)


def test_every_zone_that_is_installed_with_us_can_be_read() -> None:
    names = files("tzdata").joinpath("zones").read_text().split()
    assert len(names) > 500
    assert [name for name in names if not zone(name).known] == []


def test_who_named_no_zone_has_utc() -> None:
    assert zone(None) == Zone("UTC", UTC, known=True)
    assert zone("Europe/Berlin").known


@pytest.mark.parametrize("when", [FIRST_US, LAST_US, EARLIEST - 1, LATEST + 1, -(2**63), 2**63])
@pytest.mark.parametrize("unit", Unit)
def test_the_ends_of_time_are_in_some_period(unit: Unit, when: int) -> None:
    assert EARLIEST - 32 * DAY_US < start_of(unit, when, zone("Pacific/Apia")) < LATEST + DAY_US
    assert EARLIEST <= add_months(when, 1200, zone("Pacific/Apia")) <= LATEST


def test_an_age_is_never_negative() -> None:
    assert (age(10, 25), age(25, 10)) == (15, 0)


days = st.dates(date(1995, 1, 1), date(2035, 12, 31))


@given(st.sampled_from(ZONES), days)
@example("Pacific/Apia", date(2011, 12, 30))
@example("America/Sao_Paulo", date(2018, 11, 4))
@example("America/St_Johns", date(2010, 11, 7))
def test_a_day_begins_where_walking_there_finds_it(place: str, day: date) -> None:
    assert to_datetime(start_of_day(number(day), zone(place))) == first_minute(day, place)


@given(st.sampled_from(ZONES), st.datetimes(datetime(1995, 1, 1), datetime(2035, 12, 31)), st.sampled_from(Unit))  # noqa: DTZ001  - made aware below
def test_every_instant_lies_in_one_period(place: str, when: datetime, unit: Unit) -> None:
    instant, clocks = to_us(when.replace(tzinfo=UTC)), zone(place)
    begins, ends = start_of(unit, instant, clocks), end_of(unit, instant, clocks)
    assert begins <= instant < ends
    assert start_of(unit, begins, clocks) == begins
    assert start_of(unit, ends, clocks) == ends
    assert end_of(unit, begins - 1, clocks) == begins


@given(days, st.integers(1, 40), st.sampled_from(Unit))
def test_going_on_by_periods_visits_each(day: date, by: int, unit: Unit) -> None:
    first = first_day_of(unit, number(day))
    seen = sorted({first_day_of(unit, first + step) for step in range(by * 31 + 1)})
    assert [moved(unit, first, step) for step in range(by + 1)] == seen[: by + 1]
    assert moved(unit, moved(unit, first, by), -by) == first


@given(days, st.integers(0, 400))
def test_months_later_is_where_walking_gets(day: date, months: int) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    expected = months_on(day, months)
    assert to_datetime(add_months(to_us(noon), months, zone("UTC"))).date() == expected


@given(st.sampled_from(ZONES), st.datetimes(datetime(1995, 1, 1), datetime(2035, 12, 31)), st.integers(0, 60))  # noqa: DTZ001  - made aware below
def test_months_later_the_clock_shows_the_same_or_the_day_was_changed_there(
    place: str, when: datetime, months: int
) -> None:
    anchor = when.replace(tzinfo=UTC)
    later = to_datetime(add_months(to_us(anchor), months, zone(place)))
    wall, then = shown(anchor, place), shown(later, place)
    wanted = datetime.combine(months_on(wall.date(), months), wall.time())
    assert then == wanted or timedelta(0) < then - wanted <= timedelta(days=1)
    assert (then == wanted) or shown(later - (then - wanted), place) != wanted


def test_a_period_has_the_same_name_in_every_zone() -> None:
    berlin, new_york = zone("Europe/Berlin"), zone("America/New_York")
    noon = at("2026-03-15T16:00Z")
    assert {first_day(unit, noon, berlin) == first_day(unit, noon, new_york) for unit in Unit} == {True}
    assert day_of(at("2026-03-15T23:30Z"), berlin) == day_of(at("2026-03-15T23:30Z"), new_york) + 1
