"""Stage 2: there are times to leave an account alone."""

from typing import Any

import pytest

from schemas.decisions import Stage
from schemas.facts import (
    AccountClosed,
    CancelRequested,
    CancelWithdrawn,
    OnboardingAbandoned,
    OnboardingCompleted,
    OnboardingStarted,
    PaymentFailed,
    PaymentRecovered,
    TicketClosed,
    TicketOpened,
)
from tests.trigger_engine.domain.building import FULL, MORE, PHOTOS, REPORT, T0, Bench, H, decision, reason, rules

COOL = "{quiet_when: [{open_ticket: 24h}, {payment_failed: 2h}, {cancelling: 2h}]}"
PLAIN = "{quiet_when: [onboarding, open_ticket, payment_failed, cancelling]}"
Told = tuple[type[Any], dict[str, str]]


def decided(guardrails: str, *told: Told, after: int = 0) -> str | None:
    bench = Bench(rules([REPORT], [PHOTOS], guardrails))
    for place, (kind, data) in enumerate(told):
        bench.tell(kind, at=T0 + place, **data)
    bench.now = T0 + len(told) - 1 + after
    return reason(bench.use("report.exported"))


T1 = (TicketOpened, {"ticket": "1"})
C1 = (TicketClosed, {"ticket": "1"})
T2 = (TicketOpened, {"ticket": "2"})


@pytest.mark.parametrize(
    ("guardrails", "told", "after", "why"),
    [
        pytest.param(PLAIN, [T1], 0, "open_ticket", id="an open ticket"),
        pytest.param(PLAIN, [T1], 9999 * H, "open_ticket", id="however long"),
        pytest.param(PLAIN, [T1, C1], 0, None, id="closed"),
        pytest.param(PLAIN, [T1, T2, C1], 0, "open_ticket", id="another is open"),
        pytest.param(COOL, [T1, C1], 24 * H - 1, "open_ticket", id="within the cool-down"),
        pytest.param(COOL, [T1, C1], 24 * H, None, id="after the cool-down"),
        pytest.param("{quiet_when: []}", [T1], 0, None, id="when that is no reason to be quiet"),
    ],
)
def test_nobody_who_waits_for_help_is_sold_anything(
    guardrails: str, told: list[Told], after: int, why: str | None
) -> None:
    """S54: never while a ticket of anybody in the account is open, nor within the cool-down after it."""
    assert decided(guardrails, *told, after=after) == why


@pytest.mark.parametrize(
    ("guardrails", "told", "after", "why"),
    [
        pytest.param(PLAIN, [(PaymentFailed, {})], 0, "payment_failed", id="a payment failed"),
        pytest.param(PLAIN, [(PaymentFailed, {}), (PaymentRecovered, {})], 0, None, id="and was recovered"),
        pytest.param(COOL, [(PaymentFailed, {}), (PaymentRecovered, {})], 2 * H - 1, "payment_failed", id="just now"),
        pytest.param(COOL, [(PaymentFailed, {}), (PaymentRecovered, {})], 2 * H, None, id="a while ago"),
        pytest.param(PLAIN, [(CancelRequested, {})], 0, "cancelling", id="about to leave"),
        pytest.param(PLAIN, [(CancelRequested, {}), (CancelWithdrawn, {})], 0, None, id="and stays"),
        pytest.param(COOL, [(CancelWithdrawn, {})], 2 * H - 1, "cancelling", id="just decided to stay"),
        pytest.param(PLAIN, [(AccountClosed, {})], 0, "cancelling", id="has left"),
    ],
)
def test_an_account_in_trouble_is_left_alone(guardrails: str, told: list[Told], after: int, why: str | None) -> None:
    assert decided(guardrails, *told, after=after) == why


@pytest.mark.parametrize(
    ("told", "why"),
    [
        pytest.param([], None, id="nothing told"),
        pytest.param([(OnboardingStarted, {})], "onboarding", id="started"),
        pytest.param([(OnboardingStarted, {}), (OnboardingCompleted, {})], None, id="completed"),
        pytest.param([(OnboardingStarted, {}), (OnboardingAbandoned, {})], None, id="abandoned"),
        pytest.param([(OnboardingStarted, {"user": "ann"})], None, id="of a user who has no part in this"),
        pytest.param([(OnboardingStarted, {"product": "photos"})], "onboarding", id="with a product"),
    ],
)
def test_nothing_is_offered_during_onboarding(told: list[Told], why: str | None) -> None:
    """S53: never during onboarding."""
    assert decided(PLAIN, *told) == why


def test_not_even_when_a_limit_is_hit_and_that_is_on_record() -> None:
    """S53: even if a limit is hit; the withheld decision is told with its reason."""
    bench = Bench(rules([FULL], [MORE], PLAIN))
    bench.tell(OnboardingStarted)
    told = decision(bench.store(10))
    assert (told.verdict.value, told.reason, told.offer_id) == ("withheld", "onboarding", None)
    (candidate,) = told.candidates
    assert (candidate.stage, candidate.reason, candidate.detail) == (Stage.SUITABLE, "onboarding", "the account")
    assert bench.account("acme").offers == []


def test_onboarding_that_was_detected_keeps_quiet_too() -> None:
    """S53: also when nobody told, and the first steps were seen."""
    start = "started: {onboarding: [member.invited, file.shared], within: 14d}"
    bench = Bench(rules([REPORT, start], [PHOTOS, "hello: {on: [started], add: room}"], PLAIN))
    bench.use("member.invited")
    assert reason(bench.use("report.exported")) == "onboarding"


def test_the_customers_own_word_goes_before_what_was_detected() -> None:
    start = "started: {onboarding: [member.invited, file.shared], within: 14d}"
    bench = Bench(rules([REPORT, start], [PHOTOS, "hello: {on: [started], add: room}"], PLAIN))
    bench.tell(OnboardingStarted)
    bench.use("member.invited")
    bench.tell(OnboardingAbandoned, at=T0 + 1)
    assert reason(bench.use("report.exported")) is None


@pytest.mark.parametrize(("user", "why"), [("ann", "onboarding"), ("bob", None)])
def test_a_user_who_is_finding_their_way_is_left_alone(user: str, why: str | None) -> None:
    bench = Bench(rules(["s: {milestone: signatures, reaches: 1}"], ["hello: {on: [s], add: photos}"], PLAIN))
    bench.tell(OnboardingStarted, user="ann")
    assert reason(bench.use("document.signed", user=user)) == why


def test_the_first_reason_in_the_order_of_the_product_document_is_told() -> None:
    turned = "{quiet_when: [payment_failed, open_ticket]}"
    assert decided(PLAIN, T1, (PaymentFailed, {})) == "open_ticket"
    assert decided(turned, T1, (PaymentFailed, {})) == "payment_failed"


def test_a_ticket_is_named_with_its_time() -> None:
    bench = Bench(rules([REPORT], [PHOTOS], COOL))
    bench.tell(TicketOpened, ticket="4411")
    told = decision(bench.use("report.exported")).candidates[0]
    assert told.detail == "#4411 opened 2026-03-01 09:00"
    other = Bench(rules([REPORT], [PHOTOS], COOL))
    other.tell(TicketClosed, ticket="4411")
    assert decision(other.use("report.exported")).candidates[0].detail == "#4411 closed 2026-03-01 09:00, cooling down"
