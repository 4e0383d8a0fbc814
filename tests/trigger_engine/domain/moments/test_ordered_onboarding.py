"""An onboarding with an order counts a step only once the one before it is done."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.moments.ordered_onboarding import OrderedOnboardingState, observe, timed_out
from services.trigger_engine.domain.playbook.moments import ACCOUNT_CREATED, OnboardingMoment, OnboardingOf
from tests.trigger_engine.domain.building import D
from tests.trigger_engine.domain.reference.moments import in_order

STEPS = ("a", "b", "c")
Seen = list[tuple[str, int]]


def onboarding(within: int | None = 10, starts: str | None = None) -> OnboardingMoment:
    return OnboardingMoment("on", STEPS, OnboardingOf.ACCOUNT, within, D, starts=starts, in_order=True)


def run(moment: OnboardingMoment, seen: Seen, created: int | None = None) -> tuple[OrderedOnboardingState, list[int]]:
    state, completed = OrderedOnboardingState(), []
    for step, at in seen:
        state, done = observe(moment, state, step, at, created)
        completed.extend([] if done is None else [done])
    return state, completed


@pytest.mark.parametrize(
    ("seen", "completed", "status"),
    [
        pytest.param([("a", 0), ("b", 1), ("c", 2)], [2], "completed", id="in order"),
        pytest.param([("c", 2), ("a", 0), ("b", 1)], [2], "completed", id="whatever arrives first"),
        pytest.param([("b", 0), ("a", 1), ("c", 2)], [], "started", id="a step done too early does not count"),
        pytest.param([("b", 0), ("a", 1), ("c", 2), ("b", 3)], [], "started", id="nor what followed on it"),
        pytest.param([("b", 0), ("a", 1), ("b", 3), ("c", 4)], [4], "completed", id="it may be done again"),
        pytest.param([("b", 0)], [], "not_started", id="it starts with its first step"),
        pytest.param([("a", 0), ("b", 0), ("c", 0)], [0], "completed", id="all at once is in order"),
        pytest.param([("a", 0), ("b", 5), ("c", 10)], [10], "completed", id="just in time"),
        pytest.param([("a", 0), ("b", 5), ("c", 11)], [], "abandoned", id="too late"),
        pytest.param([("a", 0), ("b", 5), ("c", 11), ("c", 9)], [9], "completed", id="an earlier one arrives"),
        pytest.param([("a", 1), ("b", 5), ("c", 11), ("a", 0)], [11], "completed", id="a begin that is told too late"),
    ],
)
def test_steps_count_in_their_order(seen: Seen, completed: list[int], status: str) -> None:
    state, found = run(onboarding(), seen)
    assert (found, state.status.value) == (completed, status)


steps_seen = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20)), max_size=9)


@given(steps_seen)
def test_any_order_of_arrival_comes_to_the_same(seen: Seen) -> None:
    """Promise (b): whether it is completed; when is told by what completed it."""
    assert bool(run(onboarding(within=None), seen)[1]) == (in_order(seen, STEPS, 1000) is not None)


@given(steps_seen)
def test_whatever_arrives_first_what_was_in_time_completes_it(seen: Seen) -> None:
    """The other way round a begin that is told too late changes nothing: what was completed stays so."""
    expected = in_order(seen, STEPS, 10)
    assert run(onboarding(), seen)[1] or expected is None
    assert run(onboarding(), sorted(seen, key=lambda one: one[1]))[1] == ([] if expected is None else [expected])


def test_time_closes_it_and_what_was_in_time_still_completes_it() -> None:
    state, _ = run(onboarding(), [("a", 0), ("b", 1)])
    assert state.deadline(onboarding()) == 10
    assert timed_out(onboarding(), state, 9) == state
    closed = timed_out(onboarding(), state, 10)
    assert (closed.status.value, closed.deadline(onboarding())) == ("abandoned", None)
    assert observe(onboarding(), closed, "c", 10)[1] == 10
    assert observe(onboarding(), closed, "c", 11)[1] is None


def test_it_may_start_with_an_event_or_the_account() -> None:
    after_signing = onboarding(starts="signed")
    assert run(after_signing, [("a", 5), ("b", 6), ("c", 7)])[1] == []
    assert run(after_signing, [("a", 5), ("b", 6), ("c", 7), ("signed", 1)])[1] == [7]
    assert run(after_signing, [("signed", 1), ("a", 5), ("b", 6), ("c", 12)])[1] == []
    assert run(onboarding(starts=ACCOUNT_CREATED), [("a", 5), ("b", 6), ("c", 7)], created=0)[1] == [7]


def test_what_is_completed_keeps_when_and_nothing_more_and_the_state_survives_its_bytes() -> None:
    on_the_way, _ = run(onboarding(), [("a", 0), ("b", 1)])
    done, _ = run(onboarding(), [("a", 0), ("b", 1), ("c", 2)])
    assert done.times == {"c": (2,)}
    for state in (on_the_way, done):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=OrderedOnboardingState) == state
