"""Any order in which the same usage arrives passes the same steps, between the same facts and under one version.

For meters that only grow in their span, milestones on them, and onboarding.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decisions import Decided
from schemas.facts import PeriodStarted
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.limit import LimitState
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H, rules

if TYPE_CHECKING:
    from random import Random

SET: Final = rules(
    [
        "full: {limit: storage_gb, at: [50%, 80%, 100%]}",
        "tasks_up: {limit: tasks, at: [10%, 100%]}",
        "largest: {milestone: largest_gb, reaches: 3}",
        "shared: {milestone: shares, reaches: 3}",
        "signed: {milestone: signatures, reaches: 2}",
        "onboarded: {onboarding: [member.invited, file.shared, document.signed]}",
    ],
    [
        "a: {on: [full, tasks_up], upgrade_to: next on work}",
        "b: {on: [largest, shared, signed, onboarded], add: photos, placements: [modal]}",
    ],
    product=PRODUCT.replace("meters:\n", "meters:\n  largest_gb: {max: size_gb, of: file.stored}\n"),
)

Event = tuple[str, str | None, Decimal, int]
events = st.lists(
    st.tuples(
        st.sampled_from(["file.stored", "task.ran", "file.shared", "document.signed", "member.invited"]),
        st.sampled_from(["ann", "bob", None]),
        st.decimals(0, 4, places=1),
        st.integers(0, 20),
    ),
    max_size=14,
)


def played(usage: list[Event]) -> Bench:
    bench = Bench(SET)
    bench.tell(PeriodStarted, starts=to_datetime(T0 - 10 * H), ends=to_datetime(T0 + D))
    for event, user, amount, hours in usage:
        at = T0 - hours * H
        if event == "file.stored":
            bench.store(str(amount), at=at)
        else:
            bench.use(event, user=user, quantity=amount if event == "task.ran" else 1, at=at)
    return bench


def reached(bench: Bench) -> dict[str, object]:
    """What every moment has come to, and which fired."""
    account = bench.account(ACME)
    states = {("", name): state for name, state in account.moments.items()}
    for (_, user), known in bench.users.items():
        states.update({(user, name): state for name, state in known.moments.items()})
    found: dict[str, object] = {}
    for (user, name), state in states.items():
        match state:
            case LimitState():
                found[name] = state.passed
            case MilestoneState():
                found[f"{name} {user}"] = state.passed
            case OnboardingState():
                found[name] = state.status
            case _:
                raise AssertionError(f"{name} is of no kind that grows alone")
    fired = {
        (moment.moment, event.data.user)
        for event in bench.told
        if isinstance(event, Decided)
        for moment in event.data.moments
        if moment.step is None
    }
    return {**found, "fired": fired}


def by_hand(usage: list[Event]) -> dict[str, object]:
    """The same, computed apart: nothing of the core in it."""
    stored = [amount for event, _, amount, _ in usage if event == "file.stored"]
    share = sum(stored, Decimal(0)) / 10
    tasks = sum((amount for event, _, amount, hours in usage if event == "task.ran" and hours <= 10), Decimal(0))
    signed = {
        user: sum(event == "document.signed" and who == user for event, who, _, _ in usage) for user in ("ann", "bob")
    }
    fired: set[tuple[str, str | None]] = set()
    if any(amount >= 3 for amount in stored):
        fired.add(("largest", None))
    if sum(event == "file.shared" for event, _, _, _ in usage) >= 3:
        fired.add(("shared", None))
    fired |= {("signed", user) for user, count in signed.items() if count >= 2}
    if {"member.invited", "file.shared", "document.signed"} <= {event for event, _, _, _ in usage}:
        fired.add(("onboarded", None))
    return {
        "full": max((step for step in (Decimal("0.5"), Decimal("0.8"), Decimal(1)) if step <= share), default=None),
        "tasks": max((step for step in (Decimal("0.1"), Decimal(1)) if step * 100 <= tasks), default=None),
        "fired": fired,
    }


@given(events, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_any_arrival_order_passes_the_same_steps(usage: list[Event], chance: Random) -> None:
    shuffled = list(usage)
    chance.shuffle(shuffled)
    assert reached(played(shuffled)) == reached(played(usage))


@given(events)
@settings(max_examples=50)
def test_and_they_are_the_right_ones(usage: list[Event]) -> None:
    found, expected = reached(played(usage)), by_hand(usage)
    assert found.get("full") == expected["full"]
    assert found.get("tasks_up") == expected["tasks"]
    assert _moments(found["fired"]) == _moments(expected["fired"])
    assert (found.get("onboarded") is OnboardingStatus.COMPLETED) == ("onboarded" in _moments(expected["fired"]))


def _moments(fired: object) -> list[str]:
    assert isinstance(fired, set)
    return sorted(moment for moment, _ in fired)
