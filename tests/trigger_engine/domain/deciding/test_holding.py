"""Held moments: withheld for a reason that passes, and decided again once it has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from schemas.decisions import Decision, Reason
from schemas.facts import (
    AttributeSet,
    CancelRequested,
    CancelWithdrawn,
    OnboardingCompleted,
    OnboardingStarted,
    PaymentFailed,
    PaymentRecovered,
    PeriodStarted,
    PlanChanged,
    ProductBought,
    SeatsChanged,
    TicketClosed,
    TicketOpened,
)
from services.trigger_engine.domain.deciding.passing import ENDS, Ends, passes
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import (
    T0,
    Bench,
    D,
    H,
    decision,
    offer,
    reason,
)
from tests.trigger_engine.domain.deciding.held import QUIET, SICK, capped_limit, decisions, healthy, waiting
from tests.trigger_engine.domain.deciding.judging import MORE_REPORTS, PHOTOS, REPORT, bound, one

# --- which reasons pass -------------------------------------------------------------------------


def test_of_every_reason_it_is_said_whether_it_passes() -> None:
    assert set(ENDS) == set(Reason)
    assert {reason for reason in Reason if passes(reason)} == {
        Reason.NOT_BEGUN, Reason.UNKNOWN, Reason.ONBOARDING, Reason.OPEN_TICKET, Reason.PAYMENT_FAILED,
        Reason.CANCELLING, Reason.RENEWAL_WEEK, Reason.QUIET, Reason.NOT_BEFORE, Reason.BACK_OFF, Reason.CAPPED,
        Reason.TASK_OPEN, Reason.PLACEMENT_TAKEN,
    }  # fmt: skip
    assert {reason for reason in Reason if ENDS[reason] is Ends.WITH_USE} == {
        Reason.ONBOARDING, Reason.QUIET, Reason.NOT_BEFORE
    }  # fmt: skip


WAYS: dict[str, tuple[Any, Any]] = {
    "onboarding": (lambda b: b.tell(OnboardingStarted), lambda b: [*b.tell(OnboardingCompleted), *b.wait(H)]),
    "open_ticket": (
        lambda b: b.tell(TicketOpened, ticket="1"),
        lambda b: [*b.tell(TicketClosed, ticket="1", at=b.now + 1), *b.wait(2 * H + 1)],
    ),
    "payment_failed": (
        lambda b: b.tell(PaymentFailed),
        lambda b: [*b.tell(PaymentRecovered, at=b.now + 1), *b.wait(H + 1)],
    ),
    "cancelling": (
        lambda b: b.tell(CancelRequested),
        lambda b: [*b.tell(CancelWithdrawn, at=b.now + 1), *b.wait(H + 1)],
    ),
    "quiet": (lambda b: b.tell(AttributeSet, name="health", value=Decimal(20), at=T0 + 1),
              lambda b: b.tell(AttributeSet, name="health", value=Decimal(80), at=T0 + 2)),
    "unknown": (lambda b: b.tell(AttributeSet, name="health", value=None, at=T0 + 1),
                lambda b: b.tell(AttributeSet, name="health", value=Decimal(80), at=T0 + 2)),
}  # fmt: skip
"""How each of these begins, and how it ends."""


@pytest.mark.parametrize("why", list(WAYS))
def test_what_was_withheld_is_decided_again_when_its_reason_ends(why: str) -> None:
    """S53, S54, S62: quiet is for a while, and the moment is not lost."""
    bench = one("", QUIET, more=SICK)
    healthy(bench)
    begins, ends = WAYS[why]
    begins(bench)
    first = decision(bench.use("report.exported"))
    assert (first.reason, first.attempt, first.held) == (why, 1, ("first_report",))
    events = ends(bench)
    (second,) = decisions(events)
    assert (second.verdict, second.attempt, second.held) == ("offered", 2, ())
    assert second.moments == first.moments
    assert second.decision_id != first.decision_id
    assert offer(events).offer == "photos_offer"
    assert waiting(bench) == []


def test_until_then_nothing_is_told_of_it_whatever_else_happens() -> None:
    bench = one("", QUIET, more=SICK)
    healthy(bench)
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    for events in (bench.tell(SeatsChanged, seats=4), bench.use("file.shared"), bench.store(1), bench.wait(D)):
        assert decisions(events) == []
    assert [held.attempt for held in waiting(bench)] == [1]


def test_a_reason_that_takes_the_place_of_another_is_told() -> None:
    """From the ticket to a failed payment: withheld again, for another reason, and held again."""
    bench = one("", "{quiet_when: [open_ticket, payment_failed]}")
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    assert decisions(bench.tell(PaymentFailed)) == []  # the ticket goes before it
    (second,) = decisions(bench.tell(TicketClosed, ticket="1", at=T0 + 1))
    assert (second.verdict, second.reason, second.attempt) == ("withheld", "payment_failed", 2)
    assert second.held == ("first_report",)
    (third,) = decisions(bench.tell(PaymentRecovered, at=T0 + 1))
    assert (third.verdict, third.attempt) == ("offered", 3)


def test_a_reason_that_does_not_pass_is_the_end_of_it() -> None:
    bench = one("", "{quiet_when: [open_ticket]}")
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    (second,) = decisions(bench.tell(ProductBought, product="photos"))
    assert (second.reason, second.held, waiting(bench)) == ("owned", (), [])


def test_a_moment_of_which_something_was_offered_is_done_with() -> None:
    """One of its offers is capped, another is made: the moment is not held for the first."""
    offers = [PHOTOS.replace("}", ", placements: [modal]}"), "b: {on: [more_reports], add: cable, placements: [modal]}",
              "c: {on: [more_reports], add: room, placements: [banner], boost: 0.1}"]  # fmt: skip
    bench = Bench(bound([REPORT, MORE_REPORTS], offers, "{caps: [{at_most: 1, per: 1d, each: placement}]}"))
    bench.use("report.exported")
    told = decision(bench.use("report.exported"))
    assert [candidate.reason for candidate in told.candidates] == ["capped", None]
    assert (told.held, waiting(bench)) == ((), [])


def test_one_that_lost_only_against_another_offer_is_not_held() -> None:
    shared = "shared: {milestone: exports, reaches: 1}"
    bench = Bench(bound([REPORT, shared], [PHOTOS, "b: {on: [shared], add: room, boost: 0.5, placements: [modal]}"]))
    told = decision(bench.use("report.exported"))
    assert ([candidate.reason for candidate in told.candidates], told.held) == ([None, "outscored"], ())


# --- still true, or fresh -----------------------------------------------------------------------


def closed(bench: Bench) -> list[Decision]:
    return decisions(bench.tell(TicketClosed, ticket="1", at=bench.now + 1))


def test_a_limit_is_decided_again_with_the_numbers_of_now() -> None:
    bench = capped_limit()
    bench.store("0.5")
    bench.now += 9 * D
    (told,) = closed(bench)
    assert (told.verdict, told.moments[0].value, told.moments[0].happened_at) == (
        "offered", Decimal("8.5"), to_datetime(T0)
    )  # fmt: skip


@pytest.mark.parametrize("moves", [lambda b: b.store("-0.5"), lambda b: b.tell(PlanChanged, plan="plus")])
def test_a_limit_that_is_not_reached_any_more_is_let_go(moves: Any) -> None:
    bench = capped_limit()
    moves(bench)
    assert closed(bench) == []
    assert waiting(bench) == []


def test_a_higher_step_stands_for_the_lower_that_was_held() -> None:
    bench = capped_limit()
    bench.store(1)
    assert [held.happened.step for held in waiting(bench)] == [Decimal("0.9")]
    (told,) = closed(bench)
    assert [moment.step for moment in told.moments] == [Decimal("0.9")]


def test_a_limit_of_a_period_is_let_go_when_that_is_over() -> None:
    bench = Bench(
        bound(["up: {limit: tasks, at: [80%]}"], ["o: {on: [up], add: photos}"], "{quiet_when: [open_ticket]}")
    )
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 3 * D))
    bench.tell(TicketOpened, ticket="1")
    bench.use("task.ran", quantity=80)
    assert bench.due() == T0 + 3 * D
    bench.wait(3 * D)
    assert waiting(bench) == []


def test_a_success_is_held_while_it_is_fresh() -> None:
    """S20: when it is not any more, nobody hears of it again."""
    bench = Bench(bound(["first_report: {milestone: exports, reaches: 1, stale_after: 2d}"], [PHOTOS],
                        "{quiet_when: [open_ticket]}"))  # fmt: skip
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    bench.wait(2 * D)
    assert len(waiting(bench)) == 1
    assert bench.wait(1) == []
    assert (waiting(bench), closed(bench)) == ([], [])


def test_a_moment_that_the_set_has_no_more_is_let_go() -> None:
    bench = one("", "{quiet_when: [open_ticket]}")
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    other = Bench(bound([MORE_REPORTS], ["b: {on: [more_reports], add: room}"], "{quiet_when: [open_ticket]}"))
    other.accounts = bench.accounts
    assert closed(other) == []
    assert waiting(other) == []


# --- with what fires then -----------------------------------------------------------------------


def test_what_is_released_competes_with_what_fires_and_that_is_one_decision() -> None:
    offers = [PHOTOS, "b: {on: [more_reports], add: room, boost: 0.5}"]
    bench = Bench(bound([REPORT, MORE_REPORTS], offers, "{not_before: {meters.exports: 2}}"))
    assert reason(bench.use("report.exported")) == "not_before"
    events = bench.use("report.exported")
    told = decision(events)
    assert [moment.moment for moment in told.moments] == ["more_reports", "first_report"]
    assert [(candidate.offer, candidate.reason) for candidate in told.candidates] == [
        ("b", "outscored"), ("photos_offer", None),
    ]  # fmt: skip
    assert (offer(events).offer, told.attempt, waiting(bench)) == ("photos_offer", 2, [])


def test_what_is_still_held_keeps_out_of_decisions_about_others() -> None:
    offers = [PHOTOS, "t: {on: [more_reports], task: modal, note: Call}"]
    bench = Bench(bound([REPORT, MORE_REPORTS], offers, "{quiet_when: [open_ticket]}"))
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    told = decision(bench.use("report.exported"))
    assert [moment.moment for moment in told.moments] == ["more_reports"]
    assert [held.happened.moment for held in waiting(bench)] == ["first_report"]


def test_a_moment_of_another_user_is_decided_again_for_that_user() -> None:
    moments = ["signed: {milestone: signatures, reaches: 1}"]
    offers = ["o: {on: [signed], add: photos, not_before: {meters.signatures: 1, meters.shares: 1}}"]
    bench = Bench(bound(moments, offers))
    bench.use("document.signed", user="ann")
    bench.use("document.signed", user="bob")
    (told,) = decisions(bench.use("file.shared", user="cid"))
    assert [candidate.reason for candidate in told.candidates] == [None, "outscored"]
    assert (told.user, told.meters["signatures"]) == ("ann", Decimal(1))
