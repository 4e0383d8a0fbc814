"""Onboarding through the core: not started, started, completed or abandoned, per account, product or user."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.facts import (
    AccountCreated,
    OnboardingAbandoned,
    OnboardingCompleted,
    OnboardingStarted,
    ProductBought,
)
from services.trigger_engine.domain.moments.onboarding import OnboardingStatus
from services.trigger_engine.domain.moments.ordered_onboarding import OrderedOnboardingState
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H, decision
from tests.trigger_engine.domain.watching.kinds import fired, since_start, wait_until, watching

STEPS = "onboarding: [member.invited, file.shared]"


def bench(rest: str = "", published: int | None = None) -> Bench:
    made = watching(f"hello: {{{STEPS}{rest}}}")
    return Bench(made if published is None else made.after(None, published))


def status(made: Bench) -> str:
    state: Any = made.account(ACME).moments.get("hello")
    return "not_started" if state is None else state.status.value


def did(made: Bench, *events: str, at: int = 0) -> list[int]:
    """What completes: after how many hours."""
    told = [event for kind in events for event in made.use(kind, at=T0 + at * H)]
    return [later // H for later in since_start(told)]


# --- starts and order ---------------------------------------------------------------------------


def test_it_starts_with_the_account() -> None:
    made = bench(", starts: account.created, within: 2d")
    made.tell(AccountCreated)
    assert (status(made), made.due()) == ("started", T0 + 2 * D)
    wait_until(made, 3 * D)
    assert status(made) == "abandoned"
    assert did(made, "member.invited", "file.shared", at=80) == []


def test_where_accounts_start_empty_it_starts_with_the_first_sight_of_one() -> None:
    made = bench(", starts: account.created, within: 2d")
    assert did(made, "report.exported") == []
    made.use("project.created")
    assert (status(made), made.due()) == ("started", T0 + 2 * D)
    assert did(made, "member.invited", "file.shared", at=47) == [47]


def test_a_creation_that_is_told_late_completes_what_was_done_in_time() -> None:
    """Where nobody knows when an account began, it has to be told."""
    product = PRODUCT.replace("product: files", "product: files\nhistory: unknown")
    made = Bench(watching(f"hello: {{{STEPS}, starts: account.created, within: 2d}}", product=product))
    assert did(made, "member.invited", "file.shared", at=40) == []
    assert status(made) == "not_started"
    told = made.tell(AccountCreated, at=T0 + H)
    assert ([later // H for later in since_start(told)], status(made)) == ([40], "completed")


def test_it_starts_with_an_event_that_is_named() -> None:
    made = bench(", starts: project.created, within: 2d")
    assert did(made, "member.invited") == []
    assert status(made) == "not_started"
    did(made, "project.created", at=1)
    assert (status(made), made.due()) == ("started", T0 + 49 * H)
    assert did(made, "file.shared", at=49) == [49]


def test_steps_that_must_come_as_written_count_only_so() -> None:
    made = bench(", order: as_written")
    assert did(made, "file.shared", at=0) == []
    assert did(made, "member.invited", at=1) == []
    assert did(made, "file.shared", at=2) == [2]
    assert status(made) == "completed"


def test_finished_late_by_event_time_stays_abandoned() -> None:
    for order in ("any", "as_written"):
        made = bench(f", order: {order}, within: 1d")
        assert did(made, "member.invited") == []
        wait_until(made, 2 * D)
        assert status(made) == "abandoned"
        assert did(made, "file.shared", at=25) == []
        assert did(made, "file.shared", at=24) == [24], "an event within the lateness still completes it"


# --- words of the customer ----------------------------------------------------------------------


@pytest.mark.parametrize("order", ["any", "as_written"])
def test_facts_override_what_was_detected(order: str) -> None:
    made = bench(f", order: {order}, within: 1d")
    made.tell(OnboardingStarted)
    assert (status(made), made.due()) == ("started", None)
    made.tell(OnboardingAbandoned, at=T0 + 1)
    assert status(made) == "abandoned"
    assert since_start(made.tell(OnboardingCompleted, at=T0 + 2)) == [2]
    assert made.tell(OnboardingStarted, at=T0 + 3) != []
    assert status(made) == "completed"


def test_an_onboarding_with_a_product_is_told_for_that_product() -> None:
    """S16: onboarding of one product completed is a moment; that of the account is another."""
    made = bench(", of: photos")
    made.tell(OnboardingStarted)
    assert status(made) == "not_started"
    made.tell(OnboardingStarted, product="photos")
    assert status(made) == "started"
    assert since_start(made.tell(OnboardingCompleted, product="photos", at=T0 + 1)) == [1]


def test_of_a_user_each_has_their_own() -> None:
    made = bench(", of: user")
    for user in ("ann", "bob", None):
        made.use("member.invited", user=user)
    told = [event for user in ("bob", None) for event in made.use("file.shared", user=user)]
    assert len(fired(told)) == 1
    assert ACME not in made.accounts or status(made) == "not_started"


# --- older than the publication -----------------------------------------------------------------


@pytest.mark.parametrize("order", ["any", "as_written"])
def test_an_account_older_than_the_first_publication_is_completed_silently(order: str) -> None:
    made = bench(f", order: {order}", published=T0)
    made.tell(AccountCreated, at=T0 - D)
    assert did(made, "member.invited", "file.shared", at=1) == []
    assert status(made) == "completed"
    new = bench(f", order: {order}", published=T0)
    new.tell(AccountCreated, at=T0 + 1)
    assert did(new, "member.invited", "file.shared", at=1) == [1]


def test_one_that_was_seen_before_is_older() -> None:
    made = Bench(watching("reported: {milestone: exports, reaches: 5}"))
    made.use("report.exported")
    made.core.rules = bench().core.rules.after(made.core.rules, T0 + H)
    assert did(made, "member.invited", "file.shared", at=2) == []
    assert status(made) == "completed"


def test_what_the_customer_says_goes_before_their_age() -> None:
    made = bench(published=T0)
    made.tell(AccountCreated, at=T0 - D)
    made.tell(OnboardingStarted, at=T0 + 1)
    assert did(made, "member.invited", "file.shared", at=1) == [1]


def test_with_a_product_that_is_bought_since_an_old_account_begins_anew() -> None:
    for bought, found in ((T0 + 1, [1]), (T0 - 1, [])):
        made = bench(", of: photos", published=T0)
        made.tell(AccountCreated, at=T0 - D)
        made.tell(ProductBought, product="photos", at=bought)
        assert did(made, "member.invited", "file.shared", at=1) == found


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        pytest.param("", "started", id="in any order"),
        pytest.param(", order: as_written", "started", id="in their order"),
        pytest.param(", of: photos", None, id="with a product it is not the account's own"),
        pytest.param(", of: user", None, id="nor is a user's"),
    ],
)
def test_conditions_and_decisions_read_where_the_account_stands(rest: str, found: str | None) -> None:
    made = Bench(watching(f"hello: {{{STEPS}{rest}}}", "reported: {milestone: exports, reaches: 1}"))
    made.use("member.invited", user="ann")
    assert decision(made.use("report.exported")).account.get("onboarding") == found


def test_when_one_in_order_was_over_is_known_of_one_that_the_begin_completed() -> None:
    product = PRODUCT.replace("product: files", "product: files\nhistory: unknown")
    made = Bench(watching(f"hello: {{{STEPS}, starts: account.created, order: as_written}}", product=product))
    assert did(made, "file.shared", at=9) == did(made, "member.invited", at=4) == []
    told = made.tell(AccountCreated, at=T0 + H)
    assert since_start(told) == [9 * H]
    assert made.account(ACME).moments["hello"] == OrderedOnboardingState(
        {"file.shared": (T0 + 9 * H,)}, OnboardingStatus.COMPLETED
    )
