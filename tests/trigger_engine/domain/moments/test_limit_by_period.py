"""A limit of each day is passed once in each, also when something is told late."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.trigger_engine.domain.calendar import zone
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.meters.counting import counted, empty
from services.trigger_engine.domain.meters.spans import When, still_open
from services.trigger_engine.domain.moments.limit import LimitReading
from services.trigger_engine.domain.moments.limit_by_period import LimitsState, observe
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import AgainAfter, LimitMoment
from tests.trigger_engine.domain.building import ACME, D, H
from tests.trigger_engine.domain.reference.meters import Event, stands

STEPS = (Decimal("0.5"), Decimal("0.8"), Decimal(1))
MOMENT = LimitMoment("tasks_up", "tasks", STEPS, D)
LIMIT = Decimal(10)
BEGIN = 1_774_479_600_000_000
"""2026-03-26 00:00 in Berlin, three days before its clocks are set forward."""


def reading(period: int, value: int, limit: int = 10, plan: str = "free") -> LimitReading:
    return LimitReading(Decimal(value), Decimal(limit), plan, period)


def fired(
    readings: list[LimitReading], moment: LimitMoment = MOMENT, over: int | None = None
) -> list[tuple[int | None, int]]:
    state, found = LimitsState(), []
    for one in readings:
        state, step = observe(moment, state, one, over)
        found.extend([] if step is None else [(one.period, int(step * 100))])
    return found


@pytest.mark.parametrize(
    ("readings", "steps"),
    [
        pytest.param([reading(1, 5), reading(2, 5)], [(1, 50), (2, 50)], id="each day anew"),
        pytest.param([reading(1, 5), reading(2, 1), reading(1, 6)], [(1, 50)], id="a late event passes no step again"),
        pytest.param([reading(1, 5), reading(2, 5), reading(1, 8)], [(1, 50), (2, 50), (1, 80)],
                     id="but may pass the next of its day"),
        pytest.param([reading(1, 9), reading(1, 9, 15, "plus")], [(1, 80)], id="a raised limit is silent"),
        pytest.param([reading(1, 9), reading(2, 9, 15, "plus")], [(1, 80), (2, 50)], id="the next day has no past"),
        pytest.param([reading(1, 5), reading(1, 5, 5)], [(1, 50), (1, 100)], id="a lowered one fires the highest"),
    ],
)  # fmt: skip
def test_each_window_has_steps_of_its_own(readings: list[LimitReading], steps: list[tuple[int, int]]) -> None:
    assert fired(readings) == steps


def test_what_was_said_to_re_arm_does_within_the_window() -> None:
    again = LimitMoment("tasks_up", "tasks", STEPS, D, again_after=AgainAfter(below=Decimal("0.4")))
    readings = [reading(1, 5), reading(2, 5), reading(1, 3), reading(1, 5), reading(2, 5)]
    assert fired(readings, again) == [(1, 50), (2, 50), (1, 50)]


def test_a_meter_without_windows_is_none_of_its_business() -> None:
    assert observe(MOMENT, LimitsState(), LimitReading(LIMIT, LIMIT, "free", None), None) == (LimitsState(), None)


def test_what_is_over_is_forgotten_and_the_bound_forgets_the_oldest() -> None:
    state = LimitsState()
    for day in range(5):
        state, _ = observe(MOMENT, state, reading(day, 5), 2)
    assert list(state.periods) == [2, 3, 4]
    for day in range(200):
        state, _ = observe(MOMENT, state, reading(day, 5), None)
    assert (len(state.periods), max(state.periods)) == (MOMENT.kept, 199)
    raw = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(raw, type=LimitsState) == state
    assert len(raw) < 64 * 50


@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK, Span.MONTH])
@given(st.lists(st.tuples(st.integers(0, 9 * 24), st.integers(0, 4), st.integers(0, 30)), max_size=16))
@settings(max_examples=60)
def test_any_order_of_arrival_passes_the_same_steps(span: Span, late: list[tuple[int, int, int]]) -> None:
    """Promise (b), for what is limited by day, week or month: within the lateness, across a change of the clocks."""
    events = [Event("task.ran", BEGIN + hour * H, Decimal(by)) for hour, by, _ in late]
    arrivals = [
        event
        for _, event in sorted((hour + delay, event) for event, (hour, _, delay) in zip(events, late, strict=True))
    ]
    meter = MeterDefinition("tasks", Aggregate.COUNT, "task.ran", span=span)
    kept, state, newest = empty(meter), LimitsState(), BEGIN
    passed: dict[int, list[Decimal]] = {}
    ends: dict[int, Decimal] = {}
    for event in arrivals:
        newest = max(newest, event.at)
        when = When(zone("Europe/Berlin"), None, newest - 30 * H)
        kept, now = counted(meter, kept, Usage("t", "e", "task.ran", ACME, event.at, quantity=event.quantity), when)
        assert now is not None
        assert now.period is not None
        state, step = observe(MOMENT, state, LimitReading(now.value, LIMIT, "free", now.period), still_open(span, when))
        passed.setdefault(now.period, []).extend([] if step is None else [step])
        ends[now.period] = stands("count", span.value, events, event.at, "Europe/Berlin")
    for period, total in ends.items():
        expected = [step for step in STEPS if total >= step * LIMIT]
        assert passed[period] == sorted(set(passed[period]))
        assert passed[period][-1:] == expected[-1:]
