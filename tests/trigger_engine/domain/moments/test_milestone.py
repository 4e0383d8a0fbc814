"""A milestone fires when its meter reaches it, once ever."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decisions import Decided
from schemas.facts import MeterSet
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.milestone import MilestoneState, observe
from services.trigger_engine.domain.playbook.moments import NEVER_REACHED, MilestoneMoment
from tests.trigger_engine.domain.building import ACME, PHOTOS, REPORT, T0, Bench, D, H, decision, offer, rules

MOMENT = MilestoneMoment("first", "exports", Decimal(3), D)


def fired(values: list[int | str]) -> list[int]:
    state, found = MilestoneState(), []
    for place, value in enumerate(values):
        state, fires = observe(MOMENT, state, Decimal(value))
        found.extend([place] if fires else [])
    return found


@pytest.mark.parametrize(
    ("values", "at"),
    [
        pytest.param([1, 2, 3], [2], id="at the number, not one past it"),
        pytest.param([1, "2.999999999999999999"], [], id="not a hair before"),
        pytest.param([7], [0], id="also when it is jumped over"),
        pytest.param([3, 4, 2, 3], [0], id="a fall does not bring it back"),
        pytest.param([-3], [], id="not below nothing"),
    ],
)
def test_a_milestone_is_passed_once_ever(values: list[int | str], at: list[int]) -> None:
    assert fired(values) == at


@given(st.lists(st.integers(0, 5), max_size=8))
def test_a_milestone_fires_exactly_when_the_sum_first_reaches_it(amounts: list[int]) -> None:
    sums = [sum(amounts[: place + 1]) for place in range(len(amounts))]
    assert fired(list(sums)) == [place for place, total in enumerate(sums) if total >= 3][:1]


GOAL = MilestoneMoment("goal", "revenue", NEVER_REACHED, D, reaches_fact="revenue_target")


@pytest.mark.parametrize(
    ("readings", "at"),
    [
        pytest.param([(5, None)], [], id="an unknown goal waits"),
        pytest.param([(4, 5), (5, 5)], [1], id="at the goal, not one past it"),
        pytest.param([(5, None), (5, 5)], [1], id="the goal is told last"),
        pytest.param([(5, 9), (5, 5)], [1], id="the goal is lowered"),
        pytest.param([(5, 5), (9, 9)], [0], id="once ever, also with another goal"),
    ],
)
def test_a_fact_can_say_what_is_to_be_reached(readings: list[tuple[int, int | None]], at: list[int]) -> None:
    """S19: each account has a revenue target of its own."""
    state, found = MilestoneState(), []
    for place, (value, goal) in enumerate(readings):
        state, fires = observe(GOAL, state, Decimal(value), None if goal is None else Decimal(goal))
        found.extend([place] if fires else [])
    assert found == at


def test_where_the_fact_is_not_looked_at_nothing_fires() -> None:
    assert not observe(MilestoneMoment("goal", "revenue", NEVER_REACHED, D), MilestoneState(), Decimal(10**19))[1]


def test_the_first_report_earns_an_offer_at_once() -> None:
    """S17: exported the first report; `first` is once per account ever."""
    bench = Bench(rules([REPORT], [PHOTOS]))
    made = offer(bench.use("report.exported"))
    assert (made.evidence[0].meter, made.evidence[0].value) == ("exports", Decimal(1))
    assert made.made_at == to_datetime(T0)
    assert bench.use("report.exported") == []
    assert decision(bench.use("report.exported", account="other")).verdict.value == "offered"


def test_a_milestone_of_users_is_passed_by_each_of_them() -> None:
    bench = Bench(rules(["signed: {milestone: signatures, reaches: 2}"], ["hello: {on: [signed], add: photos}"]))
    users = []
    for user in ("ann", "bob", "ann", "ann", "bob"):
        users += [event.data.user for event in bench.use("document.signed", user=user) if isinstance(event, Decided)]
    assert users == ["ann", "bob"]


def test_a_baseline_passes_what_lies_below_it_silently() -> None:
    bench = Bench(rules([REPORT], [PHOTOS]))
    bench.tell(MeterSet, meter="exports", value=Decimal(1), as_of=to_datetime(T0))
    bench.use("report.exported")
    assert not [event for event in bench.told if isinstance(event, Decided)]


def test_a_late_event_that_reaches_it_is_told_with_its_own_time() -> None:
    bench = Bench(rules([REPORT], [PHOTOS]))
    made = offer(bench.use("report.exported", at=T0 - 3 * H))
    assert made.evidence[0].happened_at == to_datetime(T0 - 3 * H)


@given(st.permutations([1, 1, 2, 5]))
def test_any_arrival_order_passes_the_same_milestone(order: list[int]) -> None:
    bench = Bench(rules(["nine: {milestone: exports, reaches: 9}"], ["hello: {on: [nine], add: photos}"]))
    for place, quantity in enumerate(order):
        events = bench.use("report.exported", quantity=quantity, at=T0 - quantity * H)
        assert bool(events) == (place == 3)
    assert bench.account(ACME).moments["nine"] == MilestoneState(passed=True)
