"""A habit fires when its meter first reaches the number, and again after it was lost for a whole window."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.meters.counting import Reading, counted, empty, habit_ends
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.moments.habit import HabitState, observe
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import HabitMoment
from tests.trigger_engine.domain.building import ACME, D
from tests.trigger_engine.domain.reference.moments import habits

SPAN = 10
SHARES = MeterDefinition("sharing", Aggregate.COUNT, "file.shared", span=Span.ROLLING, rolling_us=SPAN)


def habit(reaches: int) -> HabitMoment:
    return HabitMoment("sharing_habit", "sharing", Decimal(reaches), D)


def fired(of: MeterDefinition, reaches: int, times: list[int]) -> list[tuple[int, int]]:
    """When it fired, and the arm, with each event arriving in this order."""
    state, kept, found = HabitState(), empty(of), []
    when = When(zone("Europe/Berlin"), None, min(times, default=0) - 1)
    for time in times:
        kept, reading = counted(of, kept, Usage("test", "e", "file.shared", ACME, time), when)
        assert reading is not None
        ends = habit_ends(of, kept, Decimal(reaches), reading.at, when)
        state, fires = observe(habit(reaches), state, reading, None if ends is None else ends[1])
        found.extend([(reading.at, state.arm)] if fires else [])
    return found


@pytest.mark.parametrize(
    ("times", "at"),
    [
        pytest.param([0, 1], [], id="not yet"),
        pytest.param([0, 1, 9], [9], id="at the number, within the window"),
        pytest.param([0, 1, 10], [], id="the first has left"),
        pytest.param([0, 1, 2, 3, 4], [2], id="once while it goes on"),
        pytest.param([0, 1, 2, 18, 19, 19], [2], id="lost for less than a window it is the same habit"),
        pytest.param([0, 1, 2, 19, 19, 19], [2], id="below from 10 on, back at 19"),
        pytest.param([0, 1, 2, 20, 20, 20], [2, 20], id="below from 10 to 20, back at 20"),
        pytest.param([0, 2, 1], [2], id="a late one completes what came after it"),
    ],
)
def test_a_habit_is_reached_once_until_it_is_lost(times: list[int], at: list[int]) -> None:
    """S04: files are shared often, in a window that rolls."""
    assert [time for time, _ in fired(SHARES, 3, times)] == at


def test_each_arming_has_a_number_of_its_own() -> None:
    assert fired(SHARES, 2, [0, 1, 50, 51, 100, 101]) == [(1, 0), (51, 1), (101, 2)]


@given(st.lists(st.integers(0, 60), max_size=14), st.integers(1, 4))
def test_it_fires_when_ticking_through_all_time_finds_it(times: list[int], reaches: int) -> None:
    found = [time for time, _ in fired(SHARES, reaches, sorted(times))]
    assert found == habits(times, SPAN, reaches, 60)


@given(st.lists(st.integers(0, 60), max_size=14).flatmap(st.permutations), st.integers(1, 4))
def test_whether_it_fires_at_all_does_not_hang_on_the_order_of_arrival(times: list[int], reaches: int) -> None:
    """Promise (b): within the lateness, any order passes the same."""
    assert bool(fired(SHARES, reaches, times)) == bool(habits(times, SPAN, reaches, 60))


MIDNIGHT = 1_774_479_600_000_000
"""2026-03-26 00:00 in Berlin, a Thursday."""


@pytest.mark.parametrize(
    ("span", "days", "at"),
    [
        pytest.param(Span.DAY, [0, 0, 1, 1], [0], id="day after day is one habit"),
        pytest.param(Span.DAY, [0, 0, 1, 2, 2], [0, 2], id="a day between re-arms"),
        pytest.param(Span.DAY, [0, 0, 3, 3], [0, 3], id="also one of 23 hours"),
        pytest.param(Span.DAY, [0, 0, 5, 5, 0, 5], [0, 5], id="what is told late of another day ends nothing"),
        pytest.param(Span.WEEK, [0, 0, 4, 10], [0], id="week after week is one habit"),
        pytest.param(Span.WEEK, [0, 0, 4, 11, 12], [0, 12], id="a week with less re-arms"),
        pytest.param(Span.MONTH, [0, 0, 6, 35], [0], id="month after month is one habit"),
        pytest.param(Span.MONTH, [0, 0, 36, 36], [0, 36], id="a month with none re-arms"),
    ],
)
def test_a_habit_of_the_calendar_is_lost_when_one_period_went_without(
    span: Span, days: list[int], at: list[int]
) -> None:
    meter = MeterDefinition("sharing", Aggregate.COUNT, "file.shared", span=span)
    found = fired(meter, 2, [MIDNIGHT + day * D + D // 2 for day in days])
    assert [(time - MIDNIGHT) // D for time, _ in found] == at


def test_a_meter_that_never_falls_never_re_arms() -> None:
    state, _ = observe(habit(1), HabitState(), Reading(Decimal(1), 0), None)
    assert observe(habit(1), state, Reading(Decimal(1), 10**18), None) == (state, False)


def test_the_state_survives_its_bytes() -> None:
    state, _ = observe(habit(1), HabitState(), Reading(Decimal(1), 5), 25)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=HabitState) == state == HabitState(True, 25, 0)  # noqa: FBT003  - as it stands
