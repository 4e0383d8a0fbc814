"""Offers that facts, sets and time overtake are taken back, and say why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from schemas.facts import (
    AccountCreated,
    AttributeSet,
    CancelRequested,
    LimitSet,
    OnboardingStarted,
    PaymentFailed,
    PeriodStarted,
    PlanChanged,
    ProductBought,
    ProductEnded,
    SeatsChanged,
    TicketClosed,
    TicketOpened,
)
from schemas.offers import OfferRevoked, Revoked
from services.trigger_engine.domain import life
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.inputs import Origin
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.quiet import lanes_of
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, FULL, T0, Bench, D, H, compiled, offer, only, playbook
from tests.trigger_engine.domain.deciding.judging import (
    LEVELS,
    MORE_REPORTS,
    PHOTOS,
    REPORT,
    bound,
    changes,
    known,
    one,
    why_revoked,
)
from tests.trigger_engine.domain.deciding.selling import SHOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemas.envelope import Envelope
    from services.trigger_engine.domain.playbook.sets import CompiledSet

QUIET = "{quiet_when: [onboarding, open_ticket, payment_failed, cancelling, renewal_week, sick]}"
SICK = "segments:\n  sick: account.health < 50\n"


def health(bench: Bench, value: int) -> list[Envelope]:
    return bench.tell(AttributeSet, name="health", value=Decimal(value))


def shown(does: str = "add: photos", guardrails: str = QUIET, moment: str = REPORT, more: str = SICK) -> Bench:
    """An account that has an offer."""
    bench = Bench(bound([moment], [f"o: {{on: [{moment.partition(':')[0]}], {does}}}"], guardrails, more=more))
    health(bench, 80)
    return bench


# --- what happens to the account ----------------------------------------------------------------

TROUBLE: dict[Revoked, Callable[[Bench], list[Envelope]]] = {
    Revoked.ONBOARDING: lambda bench: bench.tell(OnboardingStarted),
    Revoked.OPEN_TICKET: lambda bench: bench.tell(TicketOpened, ticket="1"),
    Revoked.PAYMENT_FAILED: lambda bench: bench.tell(PaymentFailed),
    Revoked.CANCELLING: lambda bench: bench.tell(CancelRequested),
    Revoked.QUIET: lambda bench: bench.tell(AttributeSet, name="health", value=Decimal(20), at=T0 + 1),
}


@pytest.mark.parametrize("why", list(TROUBLE), ids=str)
def test_an_offer_is_taken_back_when_the_account_is_to_be_left_alone(why: Revoked) -> None:
    """S53, S54, S62."""
    bench = shown()
    made = offer(bench.use("report.exported")).offer_id
    events = TROUBLE[why](bench)
    told = only(OfferRevoked, events)
    assert (told.data.offer_id, told.data.reason, told.data.sequence) == (made, why.value, 2)
    assert changes(events) == ["revoked"]
    assert known(bench).open_offers() == []


def test_what_is_no_reason_to_be_quiet_takes_nothing_back() -> None:
    for happen in TROUBLE.values():
        bench = shown(guardrails="")
        bench.use("report.exported")
        assert why_revoked(happen(bench)) == []


@pytest.mark.parametrize(
    ("does", "survives"),
    [
        ("add: photos", []),
        ("highlight: roles", []),
        ("nurture: reports", [Revoked.PAYMENT_FAILED, Revoked.CANCELLING, Revoked.QUIET]),
        ("task: banner, note: Call", list(TROUBLE)),
    ],
)
def test_what_takes_an_offer_back_follows_the_table_of_verbs(does: str, survives: list[Revoked]) -> None:
    found = []
    for why, happen in TROUBLE.items():
        bench = shown(does)
        bench.use("report.exported")
        if why_revoked(happen(bench)) == []:
            found.append(why)
    assert found == survives


def test_what_is_only_cooling_down_takes_nothing_back() -> None:
    bench = shown(guardrails="{quiet_when: [{open_ticket: 24h}]}")
    bench.use("report.exported")
    assert why_revoked(bench.tell(TicketClosed, ticket="1")) == []


def test_an_onboarding_that_is_seen_to_begin_takes_it_back_too() -> None:
    start = "started: {onboarding: [member.invited, file.shared], within: 14d}"
    bench = Bench(bound([REPORT, start], [PHOTOS, "hello: {on: [started], add: room}"], "{quiet_when: [onboarding]}"))
    bench.use("report.exported")
    assert why_revoked(bench.use("member.invited")) == ["onboarding"]


def test_a_users_own_onboarding_takes_back_that_users_offers_alone() -> None:
    moments = ["signed: {milestone: signatures, reaches: 1}", "again: {milestone: signatures, reaches: 2}"]
    offers = ["a: {on: [signed], add: photos, placements: [modal]}", "b: {on: [again], add: room}"]
    bench = Bench(bound(moments, offers, "{quiet_when: [onboarding]}"))
    bench.use("document.signed", user="ann")
    bench.use("document.signed", user="bob", quantity=2)
    known(bench).held.clear()
    assert [one_of.user for one_of in known(bench).open_offers()] == ["ann", "bob"]
    bench.tell(OnboardingStarted, user="ann")
    assert [one_of.user for one_of in known(bench).open_offers()] == ["bob"]


def test_the_caps_count_it_no_more() -> None:
    bench = shown()
    bench.use("report.exported")
    bench.tell(TicketOpened, ticket="1")
    assert known(bench).made == []


def test_who_said_no_to_a_family_is_left_with_none_of_it() -> None:
    """S59: one action is enough."""
    offers = [PHOTOS.replace("}", ", family: f}"), "b: {on: [more_reports], add: room, family: f, placements: [modal]}",
              "c: {on: [more_reports], task: modal, note: Call, family: f, boost: 0.1}"]  # fmt: skip
    bench = Bench(bound([REPORT, MORE_REPORTS], offers))
    first = offer(bench.use("report.exported")).offer_id
    bench.use("report.exported")
    events = bench.respond(first, "dismissed")
    assert (why_revoked(events), changes(events)) == (["dismissed"], ["dismissed", "revoked"])


# --- what usage brings about --------------------------------------------------------------------

CROWDED = "segments:\n  crowded: meters.shares >= 3\n"
LEFT_ALONE = "{quiet_when: [{crowded: 1d}]}"


def test_usage_that_brings_an_account_into_a_quiet_segment_takes_its_offers_back() -> None:
    bench = shown(guardrails=LEFT_ALONE, more=CROWDED)
    bench.use("report.exported")
    assert [why_revoked(bench.use("file.shared")) for _ in range(3)] == [[], [], ["quiet"]]
    assert known(bench).was_quiet == {"crowded": None}, "and the cool-down begins when it leaves"


def test_also_behind_a_level_and_a_total_by_user() -> None:
    more = "segments:\n  busy: total(meters.signatures) >= 2 && not engagement.low\n"
    made_of = bound([REPORT], [PHOTOS], "{quiet_when: [busy]}", LEVELS, more)
    bench = Bench(made_of)
    bench.use("file.shared", quantity=5)
    bench.use("report.exported")
    assert [why_revoked(bench.use("document.signed", user=user)) for user in ("ann", "bob")] == [[], ["quiet"]]


@pytest.mark.parametrize(
    ("does", "why"),
    [
        pytest.param("highlight: roles", ["quiet"], id="a highlight"),
        pytest.param("nurture: basics", [], id="help"),
        pytest.param("task: banner, note: Call", [], id="a task"),
    ],
)
def test_only_offers_that_quiet_segments_keep_away(does: str, why: list[str]) -> None:
    bench = shown(does, LEFT_ALONE, more=CROWDED)
    bench.use("report.exported")
    bench.use("file.shared", quantity=2)
    assert why_revoked(bench.use("file.shared")) == why


def test_usage_that_counts_alone_is_looked_at_while_an_offer_is_open_and_goes_the_quick_way_else() -> None:
    bench = shown(guardrails=LEFT_ALONE, more=CROWDED)
    account = known(bench)
    bench.use("file.shared")
    assert set(lanes_of(account)) == {"file.shared"}
    bench.use("report.exported")
    bench.use("file.shared")
    assert "file.shared" not in lanes_of(account)
    bench.use("file.shared")
    bench.use("file.shared")
    assert set(lanes_of(account)) >= {"file.shared"}, "it was taken back, so nothing is open"


# --- what it has by now -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("does", "tells", "why"),
    [
        pytest.param("add: photos", (ProductBought, {"product": "photos"}), ["owned"], id="bought"),
        pytest.param("add: photos", (ProductBought, {"product": "sign"}), [], id="something else bought"),
        pytest.param("add: room", (ProductBought, {"product": "room"}), [], id="bought, and can be again"),
        pytest.param("upgrade_to: next on personal", (PlanChanged, {"plan": "plus"}), ["plan_changed"], id="upgraded"),
        pytest.param("upgrade_to: plus", (PlanChanged, {"plan": "plus"}), ["owned"], id="upgraded to the plan"),
        pytest.param("upgrade_to: plus", (PlanChanged, {"plan": "enterprise"}), ["plan_changed"], id="far above it"),
        pytest.param("upgrade_to: next on work", (PlanChanged, {"plan": "team"}), ["plan_changed"], id="one rung up"),
        pytest.param("bundle: creative", (ProductBought, {"product": "sign"}), ["plan_changed"], id="a part is owned"),
        pytest.param("bundle: pair", (ProductBought, {"product": "sign"}), ["plan_changed"], id="too little is new"),
        pytest.param(
            "choose_from: [photos, sign]", (ProductBought, {"product": "sign"}), ["plan_changed"], id="a choice"
        ),
        pytest.param("add: photos", (SeatsChanged, {"seats": 9}), [], id="more seats"),
        pytest.param("task: csm, note: Call", (PlanChanged, {"plan": "plus"}), [], id="a task"),
    ],
)
def test_an_offer_of_what_makes_no_sense_any_more_is_taken_back(
    does: str, tells: tuple[Any, dict[str, Any]], why: list[str]
) -> None:
    bench = Bench(compiled(SHOP, playbook([REPORT], [f"o: {{on: [first_report], {does}}}"])))
    bench.use("report.exported")
    assert len(known(bench).open_offers()) == 1
    kind, data = tells
    assert why_revoked(bench.tell(kind, **data)) == why


@pytest.mark.parametrize(
    ("tells", "why"),
    [
        pytest.param((LimitSet, {"meter": "storage_gb", "value": 100}), ["plan_changed"], id="a higher limit"),
        pytest.param((LimitSet, {"meter": "storage_gb", "value": "unlimited"}), ["plan_changed"], id="no limit"),
        pytest.param((LimitSet, {"meter": "storage_gb", "value": 9}), [], id="a lower limit"),
        pytest.param((ProductBought, {"product": "room"}), ["plan_changed"], id="more room"),
        pytest.param((ProductBought, {"product": "photos"}), [], id="something else"),
    ],
)
def test_an_offer_at_a_limit_holds_as_long_as_the_limit_is_reached(
    tells: tuple[Any, dict[str, Any]], why: list[str]
) -> None:
    bench = Bench(bound([FULL], ["o: {on: [storage_full], upgrade_to: next on personal}"]))
    bench.store(8)
    kind, data = tells
    assert [reason for reason in why_revoked(bench.tell(kind, **data)) if reason != "superseded"] == why


def test_use_that_falls_takes_nothing_back_by_itself() -> None:
    """An offer was made for what was so; only what the account has, or is, overtakes it."""
    bench = Bench(bound([FULL], ["o: {on: [storage_full], upgrade_to: next on personal}"]))
    bench.store(8)
    bench.store(-5)
    assert why_revoked(bench.tell(AttributeSet, name="team", value=Decimal(3))) == []


def test_an_offer_stands_on_what_the_account_has_after_it_was_looked_at() -> None:
    bench = Bench(compiled(SHOP, playbook([REPORT], ["o: {on: [first_report], add: photos}"])))
    bench.use("report.exported")
    bench.tell(ProductBought, product="sign")
    bench.tell(ProductEnded, product="sign", at=T0 + 1)
    assert [one_of.over for one_of in known(bench).offers] == [None]


# --- time ---------------------------------------------------------------------------------------


def test_an_offer_about_a_limit_of_a_period_ends_with_it() -> None:
    bench = Bench(bound(["up: {limit: tasks, at: [80%]}"], ["o: {on: [up], upgrade_to: next on work, open_for: 30d}"]))
    bench.tell(SeatsChanged, seats=1)
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 3 * D))
    bench.use("task.ran", quantity=80)
    assert bench.due() == T0 + 3 * D
    assert bench.wait(3 * D - 1) == []
    told = only(OfferRevoked, bench.wait(1))
    assert (told.data.reason, told.data.at) == ("period_over", to_datetime(T0 + 3 * D))


def test_another_period_that_begins_early_ends_it_too() -> None:
    bench = Bench(bound(["up: {limit: tasks, at: [80%]}"], ["o: {on: [up], add: photos}"]))
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 30 * D))
    bench.use("task.ran", quantity=80)
    bench.now += D
    events = bench.tell(PeriodStarted, starts=to_datetime(T0 + H), ends=to_datetime(T0 + 40 * D))
    assert why_revoked(events) == ["period_over"]


def test_a_success_outlives_its_period() -> None:
    bench = Bench(bound(["m: {habit: tasks, reaches: 1}"], ["o: {on: [m], add: photos}"]))
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + D))
    bench.use("task.ran")
    assert why_revoked(bench.wait(2 * D)) == []


def test_an_offer_ends_with_the_days_on_which_it_is_made() -> None:
    bench = one("runs: {until: 2026-03-03}, open_for: 30d")
    bench.tell(AccountCreated, zone="America/New_York")
    bench.use("report.exported")
    ends = T0 + D + 20 * H  # midnight of the 3rd there
    assert bench.due() == ends
    bench.wait(ends - T0)
    assert why_revoked(bench.told) == ["run_over"]


def test_an_offer_ends_when_the_renewal_week_begins() -> None:
    bench = one("open_for: 60d", "{quiet_when: [renewal_week]}")
    bench.tell(PlanChanged, plan="plus", term="year", at=T0 - 300 * D)
    bench.use("report.exported")
    assert bench.due() == T0 + 58 * D
    bench.wait(58 * D)
    assert why_revoked(bench.told) == ["renewal_week"]


def test_what_ends_at_the_same_time_expires() -> None:
    bench = one("runs: {until: 2026-03-02}, open_for: 15h")
    bench.use("report.exported")
    assert changes(bench.wait(15 * H)) == ["expired"]


# --- another set --------------------------------------------------------------------------------


def switched(bench: Bench, made_of: CompiledSet) -> tuple[bool, list[str]]:
    """Whether the account is behind the new set, and what that takes back."""
    bench.core = Core(made_of)
    behind = life.is_unfit(Situation(ACME, bench.account(ACME), made_of, bench.now))
    return behind, why_revoked(bench.core.on_switch(bench, ACME, Origin("timer", 0), bench.clocks))


@pytest.mark.parametrize(
    ("offers", "guardrails", "why"),
    [
        pytest.param([PHOTOS], "", [], id="the same"),
        pytest.param([PHOTOS.replace("}", ", boost: 2}")], "", [], id="another score"),
        pytest.param(["other: {on: [first_report], add: photos}"], "", ["withdrawn"], id="without it"),
        pytest.param([PHOTOS.replace("}", ", runs: {until: 2026-03-01}}")], "", ["run_over"], id="over since today"),
        pytest.param([PHOTOS], "{quiet_when: [open_ticket]}", ["open_ticket"], id="quiet in more states"),
    ],
)
def test_a_new_set_takes_back_what_it_would_not_let_stand(offers: list[str], guardrails: str, why: list[str]) -> None:
    bench = Bench(bound([REPORT], [PHOTOS]))
    bench.tell(TicketOpened, ticket="1")
    bench.use("report.exported")
    assert switched(bench, bound([REPORT], offers, guardrails)) == (bool(why), why)


def test_a_pause_takes_open_offers_back() -> None:
    bench = Bench(bound([REPORT], [PHOTOS]))
    bench.use("report.exported")
    assert switched(bench, bench.core.rules.pausing(frozenset({"photos_offer"}), 8)) == (True, ["paused"])


def test_every_reason_of_the_wire_is_given() -> None:
    """`Revoked.SUPERSEDED` is shown in `test_arbitrated`."""
    shown_here = {
        *TROUBLE, Revoked.PAUSED, Revoked.WITHDRAWN, Revoked.RUN_OVER, Revoked.PERIOD_OVER, Revoked.DISMISSED,
        Revoked.OWNED, Revoked.PLAN_CHANGED, Revoked.RENEWAL_WEEK, Revoked.UNDONE,
    }  # fmt: skip
    assert shown_here | {Revoked.SUPERSEDED} == set(Revoked)


def test_what_was_missing_and_came_in_time_after_all_takes_the_offer_back() -> None:
    moments = ["stalled: {absence: file.shared, after: report.exported, within: 1d}"]
    bench = Bench(bound(moments, ["o: {on: [stalled], nurture: sharing}"]))
    bench.use("report.exported")
    bench.wait(D)
    assert len(known(bench).open_offers()) == 1
    bench.use("file.shared", at=T0 + H)
    assert why_revoked(bench.told) == ["undone"]
