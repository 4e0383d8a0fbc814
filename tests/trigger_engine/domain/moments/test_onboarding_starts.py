"""An onboarding can start with something else than its first step, and whoever is older has it behind them."""

from itertools import permutations

import pytest

from services.trigger_engine.domain.moments.onboarding import (
    OnboardingState,
    OnboardingStatus,
    created_at,
    observe,
    settled,
    timed_out,
    told,
)
from services.trigger_engine.domain.playbook.moments import ACCOUNT_CREATED, OnboardingMoment, OnboardingOf
from tests.trigger_engine.domain.building import D

SIGNED = OnboardingMoment("on", ("a", "b"), OnboardingOf.ACCOUNT, 10, D, starts="signed")
CREATED = OnboardingMoment("on", ("a", "b"), OnboardingOf.ACCOUNT, 10, D, starts=ACCOUNT_CREATED)
Seen = list[tuple[str, int]]


def run(moment: OnboardingMoment, seen: Seen, created: int | None = None) -> tuple[OnboardingState, list[int]]:
    state, completed = OnboardingState(), []
    for step, at in seen:
        state, done = observe(moment, state, step, at, created)
        completed.extend([] if done is None else [done])
    return state, completed


@pytest.mark.parametrize(
    ("seen", "completed", "status"),
    [
        pytest.param([("signed", 0)], [], "started", id="its start alone starts it"),
        pytest.param([("a", 1)], [], "not_started", id="a step alone does not"),
        pytest.param([("signed", 0), ("a", 9), ("b", 10)], [10], "completed", id="just in time from the start"),
        pytest.param([("signed", 0), ("a", 9), ("b", 11)], [], "abandoned", id="too late from the start"),
        pytest.param([("a", 0), ("signed", 5), ("b", 15)], [15], "completed", id="a step before the start is done"),
        pytest.param([("a", 0), ("b", 1)], [], "not_started", id="without its start it is not completed"),
        pytest.param([("a", 0), ("b", 1), ("signed", 5)], [5], "completed", id="and then it is, by its start"),
    ],
)
def test_time_counts_from_what_starts_it(seen: Seen, completed: list[int], status: str) -> None:
    for order in permutations(seen):
        state, found = run(SIGNED, list(order))
        assert (found, state.status.value) == (completed, status)


def test_it_starts_with_the_account() -> None:
    state, done = created_at(CREATED, OnboardingState(), 0)
    assert (state.status, done, state.deadline(CREATED, 0)) == (OnboardingStatus.STARTED, None, 10)
    assert timed_out(CREATED, state, 9, 0) == state
    assert timed_out(CREATED, state, 10, 0).status is OnboardingStatus.ABANDONED
    assert run(CREATED, [("a", 3), ("b", 10)], created=0)[1] == [10]
    assert run(CREATED, [("a", 3), ("b", 11)], created=0)[0].status is OnboardingStatus.ABANDONED


def test_an_account_whose_begin_is_told_late_completes_then() -> None:
    state, completed = run(CREATED, [("a", 3), ("b", 4)])
    assert (completed, state.status, state.deadline(CREATED)) == ([], OnboardingStatus.NOT_STARTED, None)
    assert created_at(CREATED, state, 0)[1] == 4
    assert created_at(CREATED, state, -7)[0].status is OnboardingStatus.ABANDONED


def test_the_accounts_begin_is_nothing_to_what_starts_otherwise() -> None:
    assert created_at(SIGNED, OnboardingState(), 0) == (OnboardingState(), None)
    done, _ = told(OnboardingState(), OnboardingStatus.COMPLETED)
    assert created_at(CREATED, done, 0) == (done, None)


@pytest.mark.parametrize(
    ("created", "status"),
    [
        pytest.param(99, "completed", id="older than the first publication"),
        pytest.param(100, "not_started", id="as old"),
        pytest.param(101, "not_started", id="younger"),
        pytest.param(None, "not_started", id="nobody knows how old"),
    ],
)
def test_who_is_older_than_the_first_publication_has_it_behind_them(created: int | None, status: str) -> None:
    state = settled(OnboardingState(), created, published=100)
    assert state.status.value == status
    if status == "completed":
        assert observe(SIGNED, state, "a", 200) == (state, None)
