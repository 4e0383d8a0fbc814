"""The stages in their order, and every reason that they can give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schemas.decisions import Reason, Stage
from schemas.facts import (
    CancelRequested,
    OnboardingStarted,
    PaymentFailed,
    PeriodStarted,
    PlanChanged,
    ProductBought,
    TicketOpened,
)
from services.trigger_engine.domain.deciding import funnel
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import FULL, PRODUCT, REPORT, T0, Bench, D, H, decision, offer, rules
from tests.trigger_engine.domain.deciding.judging import LEVELS, one
from tests.trigger_engine.domain.deciding.selling import SHOP
from tests.trigger_engine.domain.deciding.selling import told as shop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemas.decisions import Decision

SHARED = "shared: {milestone: shares, reaches: 1}"
QUIET = "quiet_when: [onboarding, open_ticket, payment_failed, cancelling]"
PHOTOS = "p: {on: [first_report], add: photos, family: f, after_a_no: never, placements: [modal]}"


def upgrade(to: str, plan: str) -> Decision:
    bench = Bench(rules([REPORT], [f"up: {{on: [first_report], upgrade_to: {to}}}"]))
    bench.tell(PlanChanged, plan=plan)
    return decision(bench.use("report.exported"))


def told(kind: type, **data: Any) -> Decision:
    bench = Bench(rules([REPORT], [PHOTOS], f"{{{QUIET}}}"))
    bench.tell(kind, **data)
    return decision(bench.use("report.exported"))


def unknown() -> Decision:
    product = PRODUCT.replace("default_plan: free\n", "")
    bench = Bench(rules([REPORT], ["up: {on: [first_report], upgrade_to: next}"], product=product))
    return decision(bench.use("report.exported"))


def lifts_nothing() -> Decision:
    bench = Bench(rules(["full: {limit: projects}"], ["up: {on: [full], upgrade_to: next on personal}"]))
    return decision(bench.use("project.created", quantity=3))


def after(response: str | None, second: str, guardrails: str = "") -> Decision:
    """A second offer, after a first one that was answered so."""
    moments = [REPORT, "shared: {milestone: shares, reaches: 1}"]
    bench = Bench(rules(moments, [PHOTOS, f"b: {{on: [shared], add: room, {second}}}"], guardrails))
    made = offer(bench.use("report.exported")).offer_id
    if response is not None:
        bench.respond(made, response)
    return decision(bench.use("file.shared"))


def stale() -> Decision:
    return decision(Bench(rules([REPORT], [PHOTOS])).use("report.exported", at=T0 - 2 * D))


def paused() -> Decision:
    made_of = rules([REPORT], [PHOTOS]).pausing(frozenset({"p"}), 8)
    return decision(Bench(made_of).use("report.exported"))


def selling(does: str, owns: Sequence[str] = (), guardrails: str = "") -> Decision:
    return decision(shop(does, owns, guardrails=guardrails).use("report.exported"))


def bounded(offer: str = "", guardrails: str = "", product: str = "", more: str = "") -> Decision:
    return decision(one(offer, guardrails, product, more).use("report.exported"))


def period_over() -> Decision:
    bench = Bench(rules(["up: {limit: tasks, at: [80%]}"], ["o: {on: [up], add: photos}"]))
    bench.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0 - H))
    return decision(bench.use("task.ran", quantity=80, at=T0 - 2 * H))


def renewal_week() -> Decision:
    bench = one("", "{quiet_when: [renewal_week]}")
    bench.tell(PlanChanged, plan="plus", term="year", at=T0 - 360 * D)
    return decision(bench.use("report.exported"))


def backing_off() -> Decision:
    offers = ["a: {on: [first_report], add: photos}", "b: {on: [shared], add: room}"]
    bench = Bench(rules([REPORT, SHARED], offers, "{back_off: {after: 1, wait: 14d}}"))
    bench.respond(offer(bench.use("report.exported")).offer_id, "dismissed")
    return decision(bench.use("file.shared"))


def task_open() -> Decision:
    moments = ["up: {habit: tasks, reaches: 1}"]
    bench = Bench(rules(moments, ["ask: {on: [up], task: banner, note: Call}"]))
    bench.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0 + D))
    bench.use("task.ran")
    bench.now += 3 * D
    bench.tell(PeriodStarted, starts=to_datetime(T0 + 2 * D), ends=to_datetime(T0 + 9 * D))
    return decision(bench.use("task.ran"))


def outscored() -> Decision:
    offers = ["a: {on: [first_report], add: photos}", "b: {on: [first_report], add: room}"]
    return decision(Bench(rules([REPORT], offers)).use("report.exported"))


def in_bundle() -> Decision:
    both = "{on: [first_report], bundle: pair, placements: [modal]}"
    made_of = rules([REPORT], ["s: {on: [first_report], add: sign, boost: 9}", f"b: {both}"], product=SHOP)
    return decision(Bench(made_of).use("report.exported"))


WAYS: dict[Reason, Callable[[], Decision]] = {
    Reason.PAUSED: paused,
    Reason.STALE: stale,
    Reason.OWNED: lambda: told(ProductBought, product="photos"),
    Reason.TOP_RUNG: lambda: upgrade("next", "plus"),
    Reason.NOT_ADJACENT: lambda: upgrade("enterprise", "free"),
    Reason.NOT_ON_LADDER: lambda: upgrade("next", "relic"),
    Reason.LIFTS_NOTHING: lifts_nothing,
    Reason.UNKNOWN: unknown,
    Reason.TOO_STEEP: lambda: selling("add: photos", guardrails="{first_price: 3}"),
    Reason.NOTHING_FITS: lambda: selling("add: complement"),
    Reason.TOO_LITTLE_NEW: lambda: selling("bundle: pair", ["sign"]),
    Reason.ONBOARDING: lambda: told(OnboardingStarted),
    Reason.OPEN_TICKET: lambda: told(TicketOpened, ticket="1"),
    Reason.PAYMENT_FAILED: lambda: told(PaymentFailed),
    Reason.CANCELLING: lambda: told(CancelRequested),
    Reason.CAPPED: lambda: after("accepted", "family: g", "{caps: [{at_most: 1, per: 1d}]}"),
    Reason.DISMISSED: lambda: after("dismissed", "family: f"),
    Reason.PLACEMENT_TAKEN: lambda: after(None, "placements: [modal], boost: 0.5"),
    Reason.PERIOD_OVER: period_over,
    Reason.NOT_BEGUN: lambda: bounded("runs: {from: 2026-11-01}"),
    Reason.RUN_OVER: lambda: bounded("runs: {until: 2025-11-01}"),
    Reason.NOT_FOR: lambda: bounded("for: account.plan == 'plus'"),
    Reason.NOT_BEFORE: lambda: bounded("not_before: {meters.shares: 1}"),
    Reason.RENEWAL_WEEK: renewal_week,
    Reason.QUIET: lambda: bounded("", "{quiet_when: [free]}", more="segments: {free: account.plan == 'free'}"),
    Reason.DISENGAGED: lambda: bounded("", product=LEVELS),
    Reason.BACK_OFF: backing_off,
    Reason.TASK_OPEN: task_open,
}
"""How each can be the reason of a decision."""


@pytest.mark.parametrize("reason", list(WAYS), ids=str)
def test_each_reason_can_be_the_one_that_is_told(reason: Reason) -> None:
    made = WAYS[reason]()
    assert (made.verdict.value, made.reason, made.offer_id) == ("withheld", reason, None)
    assert made.candidates[0].reason == reason


def test_no_reason_is_left_out() -> None:
    """Some are told only of what loses against an offer that is made; a moment without offers is not published."""
    losers = {candidate.reason for made in (in_bundle(), outscored()) for candidate in made.candidates}
    assert losers == {None, Reason.IN_BUNDLE, Reason.OUTSCORED}
    elsewhere = {Reason.HELD_OUT, Reason.NO_OFFER, Reason.NOT_IN_USE}
    assert set(WAYS) | elsewhere | {Reason.IN_BUNDLE, Reason.OUTSCORED} == set(Reason)
    assert funnel.reason_of([]) is Reason.NO_OFFER


def test_the_stages_come_in_the_order_of_the_wire() -> None:
    looked = list(dict.fromkeys(stage for stage, _ in funnel.FUNNEL))
    assert [*looked, Stage.HELD_OUT] == list(Stage)


def test_an_earlier_stage_goes_before_a_later_one() -> None:
    """Owned, while a ticket is open, with no cap left: each hides those after it."""
    caps = "caps: [{at_most: 0, per: 1d}]"
    for guardrails, owns, why in (
        (f"{{{QUIET}, {caps}}}", True, "owned"),
        (f"{{{QUIET}, {caps}}}", False, "open_ticket"),
        (f"{{{caps}}}", False, "capped"),
    ):
        bench = Bench(rules([REPORT], [PHOTOS], guardrails))
        bench.tell(TicketOpened, ticket="1")
        if owns:
            bench.tell(ProductBought, product="photos")
        assert decision(bench.use("report.exported")).reason == why


def test_the_reason_of_a_decision_is_that_of_the_offer_that_came_furthest() -> None:
    offers = [
        "far: {on: [first_report], add: photos}",
        "near: {on: [first_report], upgrade_to: enterprise}",
        "late: {on: [first_report], add: room}",
    ]
    bench = Bench(rules([REPORT], offers, f"{{{QUIET}}}"))
    bench.tell(ProductBought, product="photos")
    bench.tell(PaymentFailed)
    made = decision(bench.use("report.exported"))
    assert [one.reason for one in made.candidates] == ["owned", "not_adjacent", "payment_failed"]
    assert made.reason == "payment_failed"


def test_a_limit_is_decided_by_the_same_funnel() -> None:
    bench = Bench(rules([FULL], ["up: {on: [storage_full], upgrade_to: next}"]))
    assert decision(bench.store(8)).reason == "not_on_ladder"
