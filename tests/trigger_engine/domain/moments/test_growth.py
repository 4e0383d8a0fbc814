"""Growth is found between complete periods of the calendar, once per period."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.calendar import DAY_0, Unit, Zone, zone
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.moments.growth import MAX_TOTALS, Grown, GrowthState, counted, due, timed
from services.trigger_engine.domain.playbook.moments import GrowthMoment
from services.trigger_engine.domain.playbook.trend_moments import MAX_PERIODS
from tests.trigger_engine.domain.building import D, H
from tests.trigger_engine.domain.reference.moments import grown_months

BERLIN = zone("Europe/Berlin")
BEGIN = date(2026, 1, 1)


def noon(day: date) -> int:
    return to_us(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def growing(unit: Unit = Unit.MONTH, *, by: str = "0.5", periods: int = 2, at_least: int = 100) -> GrowthMoment:
    return GrowthMoment("growing", "tasks", Decimal(by), unit, periods, Decimal(at_least), D)


class Told:
    """An account known since the begin of 2026, in Berlin."""

    def __init__(self, moment: GrowthMoment, known_from: int | None = None, place: Zone = BERLIN) -> None:
        self.moment = moment
        self.known_from = noon(BEGIN) - 13 * H if known_from is None else known_from
        self.place = place
        self.state = GrowthState()
        self.grown: list[Grown] = []

    def wait(self, until: int) -> "Told":
        while (at := due(self.moment, self.state, self.place)) is not None and at <= until:
            self.state, found = timed(self.moment, self.state, until, self.place, self.known_from)
            self.grown.extend([found] if found else [])
        return self

    def counts(self, *days: tuple[date, int]) -> "Told":
        for day, by in days:
            self.wait(noon(day))
            self.count(day, by)
        return self

    def count(self, day: date, by: int) -> None:
        self.state = counted(self.moment, self.state, noon(day), Decimal(by), self.place, noon(day) - 30 * D)

    @property
    def months(self) -> list[int]:
        return [date.fromordinal(DAY_0 + grown.period).month for grown in self.grown]


def monthly(*totals: int) -> list[tuple[date, int]]:
    """These totals in the months of 2026, each counted in two halves."""
    halves = ((date(2026, month, day), half) for month, total in enumerate(totals, 1)
              for day, half in ((1, total // 2), (28, total - total // 2)))  # fmt: skip
    return list(halves)


@pytest.mark.parametrize(
    ("totals", "months"),
    [
        pytest.param([100, 150, 225], [3], id="by half, twice, exactly"),
        pytest.param([100, 150, 224], [], id="one short"),
        pytest.param([99, 150, 225], [], id="from too little"),
        pytest.param([100, 150], [], id="only once"),
        pytest.param([100, 150, 225, 338], [3, 4], id="the next month is another growth"),
        pytest.param([100, 150, 225, 300], [3], id="but not of itself"),
        pytest.param([100, 0, 225], [], id="a month of nothing is a month"),
        pytest.param([0, 0, 0, 100, 150, 225], [6], id="nothing before is no growth"),
        pytest.param([-10, 150, 225], [], id="from less than nothing there is none"),
    ],
)
def test_each_complete_month_must_be_above_the_one_before(totals: list[int], months: list[int]) -> None:
    """S09, S12: consumption grows by half, two months in a row."""
    told = Told(growing()).counts(*monthly(*totals)).wait(noon(date(2027, 1, 2)))
    assert told.months == months


def test_from_nothing_there_is_no_growth_however_little_is_asked_for() -> None:
    nothing = [(date(2026, month, day), by) for month in (1, 2, 3) for day, by in ((1, 5), (2, -5))]
    assert Told(growing(at_least=0)).counts(*nothing).wait(noon(date(2027, 1, 2))).grown == []


def test_it_fires_when_the_month_is_complete_also_in_silence() -> None:
    told = Told(growing()).counts(*monthly(100, 150, 225))
    (midnight,) = [due(told.moment, told.state, BERLIN)]
    assert midnight is not None
    assert to_datetime(midnight).isoformat() == "2026-03-31T22:00:00+00:00"  # April in Berlin, in summer time
    assert told.wait(midnight - 1).grown == []
    (grown,) = told.wait(midnight).grown
    assert grown.at == midnight
    assert [int(told) for told in (grown.first, grown.last, grown.percent)] == [100, 225, 125]
    assert due(told.moment, told.state, BERLIN) is None


@pytest.mark.parametrize(
    ("first", "last", "percent"),
    [(100, 225, "125"), (3, 4, "33"), (8, 9, "12"), (8, 11, "38"), (7, 7, "0")],
)
def test_growth_is_told_in_whole_percent(first: int, last: int, percent: str) -> None:
    assert Grown(0, 0, Decimal(first), Decimal(last)).percent == Decimal(percent)


def test_a_month_that_is_known_in_part_is_no_begin() -> None:
    told = Told(growing(), known_from=noon(date(2026, 1, 2))).counts(*monthly(100, 150, 225, 338))
    assert told.wait(noon(date(2026, 7, 1))).months == [4]


def test_what_comes_late_is_counted_in_its_month_and_can_complete_it() -> None:
    told = Told(growing()).counts(*monthly(100, 150, 224)).wait(noon(date(2026, 4, 1)))
    assert told.months == []
    told.count(date(2026, 3, 31), 1)
    assert told.wait(noon(date(2026, 4, 1))).months == [3]
    told.count(date(2026, 3, 31), 1)
    assert told.wait(noon(date(2026, 4, 2))).months == [3]


def test_weeks_and_days_grow_as_well() -> None:
    monday = date(2026, 3, 2)
    weekly = Told(growing(Unit.WEEK)).counts(
        (monday, 100), (monday + timedelta(days=13), 150), (monday + timedelta(days=14), 225)
    )
    assert len(weekly.wait(noon(monday + timedelta(days=30))).grown) == 1
    daily = Told(growing(Unit.DAY, periods=1, at_least=1)).counts(
        *((monday + timedelta(days=n), 2**n) for n in range(4))
    )
    assert len(daily.wait(noon(monday + timedelta(days=9))).grown) == 3


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(-20, 60)), max_size=30),
    st.sampled_from(["0.1", "0.5", "1"]),
    st.integers(1, 3),
    st.sampled_from([1, 30]),
    st.integers(0, 40),
)
def test_it_is_found_where_adding_up_the_months_finds_it(
    days: list[tuple[int, int]], by: str, periods: int, at_least: int, known: int
) -> None:
    told = Told(
        growing(by=by, periods=periods, at_least=at_least), known_from=noon(BEGIN + timedelta(days=known)) - 13 * H
    )
    counts = [(BEGIN + timedelta(days=day), amount) for day, amount in sorted(days)]
    end = date(2027, 2, 1)
    told.counts(*counts).wait(noon(end))
    exact = [(day, Decimal(amount)) for day, amount in counts]
    expected = grown_months(exact, Decimal(by), periods, Decimal(at_least), BEGIN + timedelta(days=known), end)
    assert [date.fromordinal(DAY_0 + grown.period) for grown in told.grown] == expected


def test_the_bound_forgets_the_oldest_period_and_the_state_survives_its_bytes() -> None:
    told = Told(growing(Unit.DAY, periods=MAX_PERIODS))
    for day in range(200):
        told.state = counted(told.moment, told.state, noon(BEGIN + timedelta(days=day)), Decimal(7), BERLIN, 0)
    assert (len(told.state.totals), max(told.state.totals) - min(told.state.totals)) == (MAX_TOTALS, MAX_TOTALS - 1)
    raw = msgspec.msgpack.encode(told.state)
    assert msgspec.msgpack.decode(raw, type=GrowthState) == told.state
    assert len(raw) < 12 * MAX_TOTALS
