"""Onboarding is completed by its steps in any order, in time, once."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decisions import Decided, Reason
from schemas.facts import OnboardingAbandoned, OnboardingCompleted, OnboardingStarted
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.onboarding import (
    OnboardingState,
    OnboardingStatus,
    observe,
    timed_out,
    told,
)
from services.trigger_engine.domain.playbook.offers import OnboardingMoment, OnboardingOf
from tests.trigger_engine.domain.building import ACME, T0, Bench, D, H, decision, reason, rules

STEPS = ("a", "b", "c")
EVER = OnboardingMoment("on", STEPS, OnboardingOf.ACCOUNT, None, D)
WITHIN = OnboardingMoment("on", STEPS, OnboardingOf.ACCOUNT, 10, D)
Seen = list[tuple[str, int]]


def run(moment: OnboardingMoment, seen: Seen) -> tuple[OnboardingState, list[int]]:
    state, completed = OnboardingState(), []
    for step, at in seen:
        state, done = observe(moment, state, step, at)
        completed.extend([] if done is None else [done])
    return state, completed


@pytest.mark.parametrize(
    ("moment", "seen", "completed", "status"),
    [
        pytest.param(EVER, [], [], "not_started", id="nothing"),
        pytest.param(EVER, [("x", 1)], [], "not_started", id="something else"),
        pytest.param(EVER, [("a", 1), ("b", 2)], [], "started", id="on the way"),
        pytest.param(EVER, [("a", 1), ("a", 2), ("a", 3)], [], "started", id="a step counts once"),
        pytest.param(EVER, [("a", 1), ("b", 2), ("c", 3)], [3], "completed", id="all steps"),
        pytest.param(
            EVER, [("c", 3), ("a", 1), ("b", 2)], [3], "completed", id="completed when its last step happened"
        ),
        pytest.param(EVER, [("a", 1), ("b", 2), ("c", 3), ("a", 9)], [3], "completed", id="once"),
        pytest.param(WITHIN, [("a", 0), ("b", 5), ("c", 10)], [10], "completed", id="just in time"),
        pytest.param(WITHIN, [("a", 0), ("b", 5), ("c", 11)], [], "abandoned", id="too late"),
        pytest.param(WITHIN, [("c", 11), ("b", 5), ("a", 0)], [], "abandoned", id="too late in any order"),
        pytest.param(WITHIN, [("a", 0), ("c", 11), ("b", 5), ("c", 9)], [9], "completed", id="an earlier one arrives"),
    ],
)
def test_onboarding_is_completed_by_its_steps(
    moment: OnboardingMoment, seen: Seen, completed: list[int], status: str
) -> None:
    state, found = run(moment, seen)
    assert (found, state.status.value) == (completed, status)


times = st.integers(0, 30)


@given(times, times, times)
def test_any_arrival_order_ends_the_same(a: int, b: int, c: int) -> None:
    """Against a reference written apart: completed if and only if all lie within the time, at the last of them."""
    expected = [max(a, b, c)] if max(a, b, c) - min(a, b, c) <= 10 else []
    for order in permutations([("a", a), ("b", b), ("c", c)]):
        assert run(WITHIN, list(order))[1] == expected


@given(st.lists(st.tuples(st.sampled_from(STEPS), times), max_size=9), st.randoms(use_true_random=False))
def test_without_a_time_limit_any_order_of_any_steps_completes_the_same(seen: Seen, chance: object) -> None:
    shuffled = list(seen)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    expected = {step for step, _ in seen} == set(STEPS)
    assert bool(run(EVER, shuffled)[1]) is expected
    assert bool(run(EVER, seen)[1]) is expected


@given(times, times, times, st.integers(0, 45), st.integers(0, 3))
def test_a_timer_that_fires_between_them_changes_nothing_of_that(a: int, b: int, c: int, at: int, place: int) -> None:
    expected = [max(a, b, c)] if max(a, b, c) - min(a, b, c) <= 10 else []
    for order in permutations([("a", a), ("b", b), ("c", c)]):
        state, _ = run(WITHIN, list(order)[:place])
        state = timed_out(WITHIN, state, at)
        completed = []
        for step, when in list(order)[place:]:
            state, done = observe(WITHIN, state, step, when)
            completed.extend([] if done is None else [done])
        assert completed == (expected if place < 3 else [])


def test_the_timer_closes_at_the_deadline_and_not_before() -> None:
    state, _ = run(WITHIN, [("b", 7), ("a", 3)])
    assert state.deadline(WITHIN) == 13
    assert timed_out(WITHIN, state, 12) == state
    assert timed_out(WITHIN, state, 13).status is OnboardingStatus.ABANDONED
    assert timed_out(WITHIN, state, 13).deadline(WITHIN) is None


def test_steps_that_the_playbook_no_longer_names_do_not_count() -> None:
    state = OnboardingState({"x": 1, "y": 2}, OnboardingStatus.STARTED)
    state, completed = observe(EVER, state, "a", 3)
    assert (state.done, completed) == ({"a": 3}, None)


@pytest.mark.parametrize("status", list(OnboardingStatus))
def test_the_customers_word_overrides_what_was_detected(status: OnboardingStatus) -> None:
    state, completes = told(OnboardingState({"a": 1}, OnboardingStatus.STARTED), status)
    assert (state.status, completes) == (status, status is OnboardingStatus.COMPLETED)


def test_what_is_completed_stays_so() -> None:
    done = OnboardingState({"a": 1}, OnboardingStatus.COMPLETED)
    assert [told(done, status) for status in OnboardingStatus] == [(done, False)] * 4


def test_what_was_only_told_to_have_started_has_no_deadline() -> None:
    state, _ = told(OnboardingState(), OnboardingStatus.STARTED)
    assert state.deadline(WITHIN) is None
    assert timed_out(WITHIN, state, 10**9) == state


@given(
    st.dictionaries(st.sampled_from(["a", "ü.ä", "", "|"]), st.integers(-(2**60), 2**60), max_size=5),
    st.sampled_from(OnboardingStatus),
)
def test_the_state_survives_its_bytes(done: dict[str, int], status: OnboardingStatus) -> None:
    state = OnboardingState(done, status)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=OnboardingState) == state


# --- in the core --------------------------------------------------------------------------------

START = "started: {onboarding: [member.invited, file.shared], within: 14d}"
OF_USER = "started: {onboarding: [member.invited, file.shared], of: user, within: 14d}"
HELLO = "hello: {on: [started], add: photos}"
QUIET = "{quiet_when: [onboarding]}"


def test_onboarding_completed_offers_what_goes_with_it_and_not_before() -> None:
    """S16: onboarding of one product completed, offer the next; nothing before completion."""
    bench = Bench(rules([START], [HELLO], QUIET))
    assert bench.use("member.invited") == []
    assert decision(bench.use("file.shared")).candidates[0].target == "photos"


def test_each_user_finishes_their_own() -> None:
    bench = Bench(rules([OF_USER], [HELLO]))
    for user in ("ann", "bob", None):
        assert bench.use("member.invited", user=user) == []
    assert decision(bench.use("file.shared", user="bob")).user == "bob"
    assert bench.use("file.shared") == []


def test_time_closes_an_onboarding_in_silence() -> None:
    bench = Bench(rules([START], [HELLO]))
    bench.use("member.invited")
    assert bench.due() == T0 + 14 * D
    assert bench.wait(14 * D + 1) == []
    assert bench.due() is None
    assert bench.use("file.shared") == []


def test_a_step_that_was_in_time_still_completes_what_the_timer_closed() -> None:
    bench = Bench(rules([START.replace("within: 14d", "within: 2h")], [HELLO]))
    bench.use("member.invited")
    bench.wait(3 * H)
    assert decision(bench.use("file.shared", at=T0 + 2 * H)).verdict.value == "offered"


@pytest.mark.parametrize("user", [None, "ann"])
def test_the_customers_own_word_completes_it(user: str | None) -> None:
    bench = Bench(rules([START if user is None else OF_USER], [HELLO], QUIET))
    of: dict[str, Any] = {} if user is None else {"user": user}
    bench.tell(OnboardingStarted, **of)
    made = decision(bench.tell(OnboardingCompleted, at=T0 + 1, **of))
    assert (made.verdict.value, made.user, made.moments[0].happened_at) == ("offered", user, to_datetime(T0 + 1))
    assert bench.due() == T0 + 7 * D  # the offer's end


def test_the_word_about_one_product_completes_nothing_here() -> None:
    bench = Bench(rules([START], [HELLO]))
    bench.tell(OnboardingCompleted, product="photos")
    bench.tell(OnboardingCompleted, product="photos", user="ann")
    assert not [event for event in bench.told if isinstance(event, Decided)]


def test_the_word_that_it_started_does_not_stop_the_clocks() -> None:
    bench = Bench(rules([START], [HELLO]))
    bench.tell(OnboardingStarted)
    assert bench.due() is None
    assert bench.wait(100 * D) == []


def test_what_was_given_up_keeps_nobody_quiet() -> None:
    bench = Bench(rules([START, "r: {milestone: exports, reaches: 1}"], [HELLO, "x: {on: [r], add: room}"], QUIET))
    bench.use("member.invited")
    assert reason(bench.use("report.exported")) == Reason.ONBOARDING.value
    other = Bench(bench.core.rules)
    other.use("member.invited")
    other.tell(OnboardingAbandoned)
    assert reason(other.use("report.exported")) is None


def test_many_users_do_not_fill_the_account() -> None:
    bench = Bench(rules([OF_USER], [HELLO]))
    before = len(bench.account(ACME).facts)
    for number in range(300):
        bench.tell(OnboardingStarted, user=f"u-{number}")
    assert len(bench.account(ACME).facts) == before
    assert bench.user(ACME, "u-1").facts["onboarding"].value == "started"
