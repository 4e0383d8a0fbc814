"""A limit fires at its steps, each once, and re-arms when it should."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decisions import Decided
from schemas.facts import LimitSet, MeterSet, PeriodStarted, PlanChanged, ProductBought, SeatsChanged
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.limit import LimitReading, LimitState, observe
from services.trigger_engine.domain.playbook.moments import AgainAfter, LimitMoment
from services.trigger_engine.domain.playbook.product import UNLIMITED, LimitValue
from tests.trigger_engine.domain.building import ACME, FULL, MORE, PRODUCT, T0, Bench, D, decision, reason, rules

MOMENT = LimitMoment("full", "storage_gb", (Decimal("0.8"), Decimal("0.9"), Decimal(1)), D)
Step = tuple[Any, ...]


def reading(
    value: str | float, limit: LimitValue | str | int | None = "100", plan: str = "free", period: int | None = None
) -> LimitReading:
    exact = limit if limit is None or limit == UNLIMITED else Decimal(limit)
    return LimitReading(Decimal(str(value)), exact, plan, period)  # type: ignore[arg-type]  # narrowed by the line above


def fired(readings: list[LimitReading], moment: LimitMoment = MOMENT) -> list[int]:
    """The steps that fired, in percent, in order."""
    state, found = LimitState(), []
    for one in readings:
        state, step = observe(moment, state, one)
        if step is not None:
            found.append(int(step * 100))
    return found


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        pytest.param([79.999], [], id="below the lowest step nothing fires"),
        pytest.param([79, 80], [80], id="at the step, not one past it"),
        pytest.param([79, "80.000"], [80], id="whatever digits say so"),
        pytest.param([79, 81, 85], [80], id="once, however often it is passed"),
        pytest.param([50, 100], [100], id="the highest of several at once"),
        pytest.param([50, 95, 100], [90, 100], id="what a higher one superseded stays silent"),
        pytest.param([80, 90, 100, 120], [80, 90, 100], id="each in turn"),
        pytest.param([80, 79, 80], [80], id="teetering at the limit fires once"),
        pytest.param([100, 70, 100], [100], id="ten points below the lowest step is not below it"),
        pytest.param([100, "69.9", 100], [100, 100], id="further down re-arms"),
        pytest.param([80, "69.9", 95], [80, 90], id="and all steps with it"),
        pytest.param([-5, 0], [], id="nothing used passes nothing"),
    ],
)
def test_a_step_is_passed_once(values: list[str | float], steps: list[int]) -> None:
    """S03: 80 % and 90 % before the limit, 100 % at it, each once."""
    assert fired([reading(value) for value in values]) == steps


@pytest.mark.parametrize(
    ("readings", "steps"),
    [
        pytest.param([reading(95, None)], [], id="an unknown limit waits"),
        pytest.param([reading(95, None), reading(95)], [90], id="once known the highest step passed fires"),
        pytest.param([reading(95, UNLIMITED)], [], id="without end nothing is reached"),
        pytest.param(
            [reading(95), reading(95, UNLIMITED), reading(95)], [90, 90], id="a limit back is a limit lowered"
        ),
        pytest.param([reading(85), reading(85, 90)], [80, 90], id="a lowered limit fires the highest step passed"),
        pytest.param([reading(95), reading(95, 104)], [90], id="but none that fired already"),
        pytest.param([reading(85), reading(85, 106)], [80], id="a raised limit is silent"),
        pytest.param([reading(50), reading(95, 100), reading(95, 110)], [90], id="also about steps passed before"),
        pytest.param([reading(95), reading(95, 105), reading(105, 105)], [90, 100], id="but its 100 % still fires"),
        pytest.param(
            [reading(100), reading(100, 1000), reading(850, 1000)], [100, 80], id="far raised it is armed again"
        ),
        pytest.param([reading(50), reading(95, 105)], [90], id="what use passes after it was raised fires"),
        pytest.param([reading(0, 0)], [], id="a limit of 0 is not reached by nothing"),
        pytest.param([reading(0, 0), reading(1, 0)], [100], id="but by anything"),
        pytest.param([reading(1, 0), reading(2, 0)], [100], id="once"),
    ],
)
def test_a_limit_that_moves(readings: list[LimitReading], steps: list[int]) -> None:
    assert fired(readings) == steps


@pytest.mark.parametrize(
    ("readings", "steps"),
    [
        pytest.param([reading(85), reading(85, plan="plus")], [80, 80], id="another plan re-arms"),
        pytest.param([reading(85), reading(85, 106, plan="plus")], [80], id="silently when it has more room"),
        pytest.param([reading(150), reading(150, 120, plan="plus")], [100, 100], id="but full is full"),
        pytest.param([reading(85, period=1), reading(85, period=2)], [80, 80], id="another period re-arms"),
        pytest.param([reading(85, period=1), reading(10, period=1), reading(85, period=1)], [80],
                     id="a fall within a period does not"),
    ],
)  # fmt: skip
def test_what_re_arms(readings: list[LimitReading], steps: list[int]) -> None:
    """S08, first part: the steps of the next plan are new ones."""
    assert fired(readings) == steps


def again(below: str | None, *, plan_change: bool = False) -> LimitMoment:
    after = AgainAfter(plan_change, None if below is None else Decimal(below))
    return LimitMoment("full", "storage_gb", MOMENT.steps, D, again_after=after)


@pytest.mark.parametrize(
    ("moment", "readings", "steps"),
    [
        pytest.param(again("0.75"), [reading(85), reading(75), reading(85)], [80], id="at the share is not below it"),
        pytest.param(again("0.75"), [reading(85), reading("74.9"), reading(85)], [80, 80], id="below it re-arms"),
        pytest.param(again("0.5"), [reading(85), reading("69.9"), reading(85)], [80, 80],
                     id="what always re-arms still does"),
        pytest.param(again("0.5"), [reading(85, period=1), reading("49.9", period=1), reading(85, period=1)], [80, 80],
                     id="also within a period"),
        pytest.param(again("0.5"), [reading(85, period=1), reading(60, period=1), reading(85, period=1)], [80],
                     id="but only as far down as was said"),
        pytest.param(again(None, plan_change=True), [reading(85), reading(85, plan="plus")], [80, 80],
                     id="another plan re-arms, said or not"),
        pytest.param(again(None, plan_change=True),
                     [reading(85, period=1), reading(1, period=1), reading(85, period=1)], [80],
                     id="and no fall with it"),
    ],
)  # fmt: skip
def test_what_re_arms_beside(moment: LimitMoment, readings: list[LimitReading], steps: list[int]) -> None:
    assert fired(readings, moment) == steps


def test_each_arming_has_a_number_of_its_own() -> None:
    state, seen = LimitState(), []
    for value in (85, 50, 85, 50, 85):
        state, step = observe(MOMENT, state, reading(value))
        seen.append((state.arm, step))
    assert [arm for arm, step in seen if step is not None] == [0, 1, 2]


def test_a_limit_that_is_gone_arms_anew_in_the_same_period() -> None:
    state, _ = observe(MOMENT, LimitState(), reading(85, period=7))
    assert observe(MOMENT, state, reading(85, None, period=7)) == (LimitState(arm=1), None)


def test_steps_below_ten_percent_never_re_arm_by_falling() -> None:
    low = LimitMoment("full", "storage_gb", (Decimal("0.05"),), D)
    assert fired([reading(5), reading(0), reading(5)], low) == [5]


values = st.decimals(0, 130, places=2)


@given(st.lists(values, min_size=1, max_size=12))
def test_a_meter_that_only_grows_ends_with_the_steps_below_it_passed(amounts: list[Decimal]) -> None:
    """Against a reference written apart: the highest step at or below the end is passed, and fired."""
    state, total, found = LimitState(), Decimal(0), []
    for one in amounts:
        total += one
        state, step = observe(MOMENT, state, reading(str(total)))
        found.extend([] if step is None else [step])
    expected = [step for step in MOMENT.steps if total >= step * 100]
    assert state.passed == (expected[-1] if expected else None)
    assert found == sorted(set(found))
    assert found[-1:] == expected[-1:]


@given(st.permutations([Decimal(30), Decimal("20.5"), Decimal("29.5"), Decimal(12)]))
def test_any_arrival_order_ends_at_the_same_step(order: list[Decimal]) -> None:
    bench = Bench(rules([FULL], [MORE]))
    for one in order:
        bench.store(str(one / 10))
    state = bench.account(ACME).moments["storage_full"]
    assert isinstance(state, LimitState)
    assert state.passed == Decimal("0.9")  # 9.2 of 10


@given(
    passed=st.none() | st.decimals(0, 2, places=3),
    limit=st.none() | st.decimals(0, 10**12, places=6),
    plan=st.sampled_from([None, "free", "1.5", ""]),
    period=st.none() | st.integers(-(2**50), 2**50),
)
def test_the_state_survives_its_bytes(
    passed: Decimal | None, limit: Decimal | None, plan: str | None, period: int | None
) -> None:
    state = LimitState(passed, limit, plan, period, 3)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=LimitState) == state


# --- in the core --------------------------------------------------------------------------------


def steps(bench: Bench) -> list[str]:
    return [str(moment.step) for event in bench.told if isinstance(event, Decided) for moment in event.data.moments]


def test_the_limit_is_that_of_the_plan_with_what_was_bought() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.tell(ProductBought, product="room")
    bench.store(900)
    assert decision(bench.told).moments[0].limit == 1010
    bench.tell(ProductBought, product="photos")
    assert steps(bench) == ["0.8"]


def test_the_limit_counts_seats() -> None:
    bench = Bench(rules([FULL], ["more: {on: [storage_full], upgrade_to: next on work}"]))
    bench.tell(PlanChanged, plan="team")
    bench.store(1700)
    assert steps(bench) == []  # no seats told: the limit is unknown
    bench.tell(SeatsChanged, seats=2)
    assert steps(bench) == ["0.8"]
    bench.tell(SeatsChanged, seats=1)
    assert steps(bench) == ["0.8", "1"]


def test_the_accounts_own_limit_goes_before_the_plans() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.store(5)
    bench.tell(LimitSet, meter="storage_gb", value=Decimal(5))
    assert steps(bench) == ["1"]
    bench.tell(LimitSet, meter="storage_gb", value="unlimited")
    bench.store(1000)
    assert steps(bench) == ["1"]


def test_another_plan_is_looked_at_at_once() -> None:
    bench = Bench(rules([FULL], ["more: {on: [storage_full], upgrade_to: next on work}"]))
    bench.tell(PlanChanged, plan="enterprise")
    bench.store(9)
    assert steps(bench) == []
    bench.tell(PlanChanged, plan="free", at=T0 + 1)
    assert steps(bench) == ["0.9"]


def test_another_period_is_another_occurrence() -> None:
    bench = Bench(rules(["tasks_up: {limit: tasks, at: [80%]}"], ["more: {on: [tasks_up], upgrade_to: next on work}"]))
    found = []
    for month in range(3):
        start = T0 + month * 30 * D
        bench.now = start
        bench.tell(PeriodStarted, at=start, starts=to_datetime(start), ends=to_datetime(start + 30 * D))
        found.append(decision(bench.use("task.ran", quantity=80)).decision_id)
        bench.use("task.ran")
    assert len(set(found)) == 3
    assert steps(bench) == ["0.8", "0.8", "0.8"]


def test_a_baseline_fires_the_highest_step_it_passes() -> None:
    bench = Bench(rules([FULL], [MORE]))
    bench.tell(MeterSet, meter="storage_gb", value=Decimal("9.5"), as_of=to_datetime(T0))
    assert steps(bench) == ["0.9"]


def test_approaching_the_limit_earns_an_offer_before_it_blocks() -> None:
    """S03: storage approaches its limit; the offer comes at 80 %, and once per step."""
    bench = Bench(rules([FULL], [MORE]))
    assert bench.store("7.99") == []
    assert bench.account(ACME).moments == {}, "of what was not passed there is nothing to remember"
    assert reason(bench.store("0.01")) is None
    assert bench.store("0.5") == []


def test_three_of_three_projects_earn_an_offer() -> None:
    """S02: at the limit, not when the fourth is refused."""
    moments = ["projects_full: {limit: projects, at: [100%]}"]
    unlimited = PRODUCT.replace("{storage_gb: {per_seat: 1000}, tasks: 1000}", "{projects: unlimited}")
    bench = Bench(rules(moments, ["room: {on: [projects_full], upgrade_to: next on work}"], product=unlimited))
    for _ in range(2):
        assert bench.use("project.created") == []
    made = decision(bench.use("project.created"))
    assert (made.verdict.value, made.candidates[0].target) == ("offered", "team")
    assert bench.use("project.created") == []


def test_what_was_remembered_of_nothing_passed_is_forgotten() -> None:
    """Slices of before have it."""
    bench = Bench(rules([FULL], [MORE]))
    bench.account(ACME).moments["storage_full"] = LimitState(None, Decimal(10), "free", None)
    bench.store(1)
    assert bench.account(ACME).moments == {}
    bench.store(7)
    assert steps(bench) == ["0.8"]
