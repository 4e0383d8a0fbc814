"""What conditions read of an account: every name of the language has a value, or is unknown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from schemas.facts import (
    AccountCreated,
    AttributeSet,
    CancelRequested,
    LimitSet,
    OnboardingStarted,
    PaymentFailed,
    PlanChanged,
    ProductBought,
    TicketOpened,
)
from services.trigger_engine.domain import profile
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import ACCOUNT
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import INFINITE, Values, values_of
from tests.trigger_engine.domain.building import ACME, T0, Bench, D, H, rules
from tests.trigger_engine.domain.deciding.judging import LEVELS, MORE_REPORTS, PHOTOS, REPORT, bound

SEGMENTS = """segments:
  big: account.team > 4
  sick: account.health < 50
  big_and_sick: big && sick
  keen: engagement.high
"""
STARTED = "started: {onboarding: [member.invited, file.shared], within: 14d}"
SET = bound(
    [REPORT, "signed: {milestone: signatures, reaches: 1}", STARTED],
    [PHOTOS, "hello: {on: [signed, started], add: room}"],
    product=LEVELS,
    more=SEGMENTS,
)


def asked(bench: Bench, user: str | None = None) -> Values:
    """The values of a bench's account as it is now."""
    situation = Situation(ACME, bench.account(ACME), bench.core.rules, bench.now, parts=bench)
    return values_of(situation, user)


def value(bench: Bench, name: str, user: str | None = None) -> Any:
    return asked(bench, user).get(name)


# --- the account --------------------------------------------------------------------------------


def test_every_built_in_name_can_be_asked_for() -> None:
    assert set(profile.BUILT_IN) == set(ACCOUNT)


def test_of_an_account_that_nobody_told_of_only_what_follows_from_that_is_known() -> None:
    bench = Bench(SET)
    bench.use("file.shared")
    known = {name: value(bench, f"account.{name}") for name in ACCOUNT}
    assert {name: told for name, told in known.items() if told is not None} == {
        "id": ACME,
        "created": T0,  # accounts of this product start empty, so the first sight will do
        "age": 0,
        "plan": "free",
        "plan_since": T0,
        "price": Decimal("0.00"),
        "owned": (),
        "open_tickets": 0,
        "onboarding": "started",
        "cancelling": False,
        "payment_failed": False,
    }


def test_an_account_is_as_old_as_it_was_told_to_be() -> None:
    bench = Bench(SET)
    bench.tell(AccountCreated, at=T0 - 40 * D, plan="plus", term="month", seats=3, locale="de", zone="Europe/Vienna")
    told = {name: value(bench, f"account.{name}") for name in ("created", "age", "seats", "locale", "zone")}
    assert told == {"created": T0 - 40 * D, "age": 40 * D, "seats": 3, "locale": "de", "zone": "Europe/Vienna"}


def test_a_plan_is_had_since_it_changed_and_not_since_it_was_told_again() -> None:
    bench = Bench(SET)
    bench.tell(PlanChanged, plan="plus", term="year", at=T0 - 100 * D)
    bench.tell(PlanChanged, plan="plus", term="year", seats=5, at=T0 - 3 * D)
    assert value(bench, "account.plan_since") == value(bench, "account.term_since") == T0 - 100 * D


@pytest.mark.parametrize(
    ("begun", "ends"),
    [
        pytest.param(100 * D, 365 * D - 100 * D, id="the first"),
        pytest.param(365 * D, 365 * D, id="at its end the next one runs"),
        pytest.param(400 * D, 2 * 365 * D - 400 * D, id="one that nobody renewed goes on"),
    ],
)
def test_a_term_ends_where_the_calendar_says(begun: int, ends: int) -> None:
    bench = Bench(SET)
    bench.tell(PlanChanged, plan="plus", term="year", at=T0 - begun)
    assert value(bench, "account.term_ends") == T0 + ends


def test_what_is_paid_is_of_plan_and_products() -> None:
    bench = Bench(SET)
    bench.tell(PlanChanged, plan="plus", term="month")
    bench.tell(ProductBought, product="photos")
    assert value(bench, "account.price") == 14


def test_trouble_is_counted() -> None:
    bench = Bench(SET)
    for told in (CancelRequested, PaymentFailed, OnboardingStarted):
        bench.tell(told)
    bench.tell(TicketOpened, ticket="1")
    bench.tell(TicketOpened, ticket="2")
    names = ("cancelling", "payment_failed", "onboarding", "open_tickets")
    assert [value(bench, f"account.{name}") for name in names] == [True, True, "started", 2]


# --- facts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told", "known"),
    [
        ("industry", "retail", "retail"),
        ("health", Decimal("12.5"), Decimal("12.5")),
        ("health", Decimal(0), Decimal(0)),
        ("team", Decimal(7), Decimal(7)),
        ("beta", False, False),
    ],
)
def test_a_fact_is_what_was_told_last(name: str, told: Any, known: Any) -> None:
    bench = Bench(SET)
    bench.tell(AttributeSet, name=name, value=told)
    assert value(bench, f"account.{name}") == known


def test_until_a_fact_is_told_it_is_its_default_and_so_again_when_it_is_not_known_any_more() -> None:
    bench = Bench(SET)
    assert [value(bench, f"account.{name}") for name in ("team", "health")] == [1, None]
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    bench.tell(AttributeSet, name="team", value=None, at=T0 + 1)
    assert value(bench, "account.team") == 1


def test_a_fact_of_another_type_than_declared_is_not_known() -> None:
    bench = Bench(SET)
    bench.tell(AttributeSet, name="health", value="poor")
    asks = compile_condition("account.health < 50", SET.product.names)
    assert asked(bench).judge(asks).truth is Truth.UNKNOWN


# --- meters, limits, the time -------------------------------------------------------------------


def test_a_meter_is_what_it_stands_at_and_by_user_that_of_the_user() -> None:
    bench = Bench(SET)
    bench.use("report.exported", quantity=3)
    bench.use("document.signed", user="ann", quantity=2)
    bench.use("document.signed", user="bob")
    assert value(bench, "meters.exports") == 3
    assert [value(bench, "meters.signatures", user) for user in ("ann", "bob", None)] == [2, 1, None]
    assert value(bench, "total(meters.signatures)", "bob") == value(bench, "total(meters.signatures)") == 3


def test_a_limit_without_end_is_beyond_every_number_and_one_that_nobody_gave_is_unknown() -> None:
    bench = Bench(SET)
    assert value(bench, "limit.storage_gb") == 10
    bench.tell(LimitSet, meter="storage_gb", value="unlimited")
    assert (value(bench, "limit.storage_gb"), value(bench, "limit.exports")) == (INFINITE, None)


def test_now_is_when_it_is_asked() -> None:
    bench = Bench(SET)
    bench.now += H
    assert value(bench, "now") == T0 + H


# --- levels and segments ------------------------------------------------------------------------


def test_a_level_is_the_first_that_holds_and_all_others_are_not() -> None:
    bench = Bench(SET)
    bench.use("file.shared", quantity=2)
    values = asked(bench)
    assert [values.get(f"engagement.{name}") for name in ("high", "low", "disengaged")] == [False, True, False]
    assert values.levels() == {"engagement": "low"}


def test_segments_hold_on_top_of_each_other_and_of_levels() -> None:
    bench = Bench(SET)
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    bench.tell(AttributeSet, name="health", value=Decimal(20))
    bench.use("file.shared", quantity=5)
    assert asked(bench).segments() == ("big", "sick", "big_and_sick", "keen")


def test_what_a_segment_waits_for_is_told_down_to_what_nobody_knows() -> None:
    """A segment over something unknown is unknown on both sides of ``not``, and says of what."""
    bench = Bench(SET)
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    values = asked(bench)
    assert values.get("big_and_sick") is None
    assert "big_and_sick" not in values.segments()
    for text in ("big_and_sick", "not big_and_sick", "big_and_sick && sick"):
        verdict = values.judge(compile_condition(text, SET.product.names.plus(dict.fromkeys(SET.segments, Kind.FLAG))))
        assert (verdict.truth, values.missing(verdict)) == (Truth.UNKNOWN, ("account.health",))


def test_what_was_worked_out_is_asked_once() -> None:
    bench = Bench(SET)
    values = asked(bench)
    before = values.get("account.team")
    bench.tell(AttributeSet, name="team", value=Decimal(7))
    assert (values.get("account.team"), asked(bench).get("account.team")) == (before, 7)


def test_the_values_of_a_situation_are_one_object_for_each_user_until_it_is_asked_afresh() -> None:
    bench = Bench(bound([REPORT, MORE_REPORTS], [PHOTOS, "b: {on: [more_reports], add: room}"]))
    situation = Situation(ACME, bench.account(ACME), bench.core.rules, T0, parts=bench)
    assert values_of(situation) is values_of(situation)
    assert values_of(situation, "ann") is not values_of(situation)
    assert values_of(situation.fresh()) is not values_of(situation)


# --- onboardings that nobody watched -------------------------------------------------------------


@pytest.mark.parametrize(
    ("created", "told"),
    [
        pytest.param(T0 - D, "completed", id="older than the onboarding"),
        pytest.param(T0, "not_started", id="as old"),
        pytest.param(None, "not_started", id="heard of first since"),
    ],
)
def test_whoever_is_older_than_an_onboarding_has_it_behind_them_also_before_any_step(
    created: int | None, told: str
) -> None:
    bench = Bench(rules([STARTED], ["o: {on: [started], add: photos}"]).after(None, T0))
    bench.now = T0 + D
    if created is not None:
        bench.tell(AccountCreated, at=created)
    bench.store(1)
    situation = Situation(ACME, bench.account(ACME), bench.core.rules, bench.now, parts=bench)
    assert values_of(situation)["account.onboarding"] == told
    bench.use("member.invited")
    later = Situation(ACME, bench.account(ACME), bench.core.rules, bench.now, parts=bench)
    assert values_of(later)["account.onboarding"] == ("completed" if told == "completed" else "started")
