"""A milestone fires when its meter reaches it, once ever."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decisions import Decided
from schemas.facts import MeterSet
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.milestone import MilestoneState, observe
from tests.trigger_engine.domain.building import ACME, PHOTOS, REPORT, T0, Bench, H, decision, offer, rules


def fired(values: list[int | str], *, begins: int = 0) -> list[int]:
    """Where a milestone at 3 fires whose meter goes through these values."""
    state, stood, found = MilestoneState(), Decimal(begins), []
    for place, value in enumerate(values):
        state, fires = observe(state, Decimal(3), stood, Decimal(value))
        stood = Decimal(value)
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


def test_what_was_reached_before_anybody_looked_passes_silently() -> None:
    """A new version on accounts with history congratulates nobody on an old success."""
    assert fired([4, 5], begins=3) == []
    assert fired([2, 3], begins=5) == []
    assert fired([2, 3], begins=2) == [1]


def test_an_unknown_goal_waits() -> None:
    assert observe(MilestoneState(), None, Decimal(0), Decimal(10**19)) == (MilestoneState(), False)


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
