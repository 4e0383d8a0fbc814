"""Whom an offer is for, and on which days it is made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from schemas.decisions import Candidate, Stage
from schemas.facts import AccountCreated, AttributeSet, PeriodStarted, PlanChanged
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, D, H, decision, offer, reason
from tests.trigger_engine.domain.deciding.judging import LEVELS, PHOTOS, bound, one

SMALL = "segments:\n  small: account.team > 1 && account.team < 10\n  sick: account.health < 50\n"


def told(bench: Bench) -> Candidate:
    """What is told of the one offer."""
    return decision(bench.use("report.exported")).candidates[0]


def fact(bench: Bench, name: str, value: Any) -> None:
    bench.tell(AttributeSet, name=name, value=value)


# --- for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("team", "who", "why"),
    [
        (5, "small", None),
        (1, "small", "not_for"),
        (1, "not small", None),
        (5, "not small", "not_for"),
        (5, "small && account.plan == 'free'", None),
    ],
)
def test_an_offer_is_for_those_its_condition_holds_for(team: int, who: str, why: str | None) -> None:
    """S48: the same moment, and another offer for another segment."""
    bench = one(f"for: {who}", more=SMALL)
    fact(bench, "team", Decimal(team))
    assert reason(bench.use("report.exported")) == why


def test_who_it_is_for_is_told_in_the_operators_words() -> None:
    found = told(one("for: account.plan == 'plus'"))
    assert (found.stage, found.reason, found.detail) == (Stage.ELIGIBLE, "not_for", "account.plan == 'plus'")


@pytest.mark.parametrize("who", ["sick", "not sick", "account.health < 50"])
def test_what_nobody_knows_of_an_account_holds_the_offer_and_is_named(who: str) -> None:
    """S52: a health that nobody told of holds every gate that reads it."""
    found = told(one(f"for: {who}", more=SMALL))
    assert (found.reason, found.detail) == ("unknown", "account.health")


def test_an_offer_can_be_for_a_level() -> None:
    bench = one("for: engagement.high", product=LEVELS)
    bench.use("file.shared", quantity=4)
    assert reason(bench.use("report.exported")) == "not_for"
    keen = one("for: engagement.high", product=LEVELS)
    keen.use("file.shared", quantity=5)
    assert reason(keen.use("report.exported")) is None


def test_the_winner_of_a_moment_depends_on_who_it_is() -> None:
    """S49: the industry changes the offer."""
    offers = [f"{name}: {{on: [first_report], add: {sells}, for: account.industry == '{name}'}}"
              for name, sells in (("retail", "photos"), ("care", "cable"), ("agency", "room"))]  # fmt: skip
    won = {}
    for industry in ("retail", "care", "agency"):
        bench = Bench(bound(["first_report: {milestone: exports, reaches: 1}"], offers))
        fact(bench, "industry", industry)
        won[industry] = offer(bench.use("report.exported")).options[0].id
    assert won == {"retail": "photos", "care": "cable", "agency": "room"}


def test_a_condition_of_one_users_offer_reads_that_users_meter() -> None:
    moments = ["signed: {milestone: signatures, reaches: 1}"]
    bench = Bench(bound(moments, ["o: {on: [signed], add: photos, for: total(meters.signatures) >= 2}"]))
    assert reason(bench.use("document.signed", user="ann")) == "not_for"
    found = decision(bench.use("document.signed", user="bob"))
    assert (found.verdict, found.meters) == ("offered", {"signatures": Decimal(1), "total(signatures)": Decimal(2)})


# --- runs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "why", "detail"),
    [
        pytest.param("{from: 2026-03-01}", None, None, id="from today on"),
        pytest.param("{from: 2026-03-02}", "not_begun", "from 2026-03-02", id="from tomorrow on"),
        pytest.param("{until: 2026-03-02}", None, None, id="the last day"),
        pytest.param("{until: 2026-03-01}", "run_over", "until 2026-03-01", id="over since today"),
        pytest.param("{from: 2026-02-01, until: 2026-04-01}", None, None, id="in the middle"),
    ],
)
def test_an_offer_is_made_on_its_days_only(runs: str, why: str | None, detail: str | None) -> None:
    found = told(one(f"runs: {runs}"))
    assert (found.reason, found.detail) == (why, detail)


@pytest.mark.parametrize(("zone", "why"), [("Pacific/Auckland", None), ("UTC", "not_begun"), (None, "not_begun")])
def test_the_days_are_those_of_the_accounts_zone(zone: str | None, why: str | None) -> None:
    """When it is noon of the 1st in Greenwich, the 2nd has begun in Auckland."""
    bench = one("runs: {from: 2026-03-02}")
    bench.now = T0 + 3 * H
    bench.tell(AccountCreated, zone=zone)
    assert reason(bench.use("report.exported")) == why


def test_when_the_days_begin_is_told() -> None:
    assert told(one("runs: {from: 2026-03-02}")).until == to_datetime(T0 + 15 * H)


def test_what_waits_for_its_first_day_is_offered_when_that_begins() -> None:
    bench = one("runs: {from: 2026-03-02}, open_for: 9d", more="")
    bench.use("report.exported")
    assert bench.wait(15 * H - 1) == []
    assert offer(bench.wait(1)).offer == "photos_offer"


def test_a_moment_that_is_not_fresh_any_more_when_the_days_begin_is_let_go() -> None:
    bench = one("runs: {from: 2026-03-05}")
    assert decision(bench.use("report.exported")).held == ("first_report",)
    assert bench.wait(9 * D) == []
    assert bench.account("acme").held == []


# --- age ----------------------------------------------------------------------------------------


def test_a_moment_of_a_period_that_is_over_is_told_and_not_used() -> None:
    moments = ["up: {limit: tasks, at: [80%]}"]
    bench = Bench(bound(moments, ["o: {on: [up], add: photos}"]))
    bench.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0))
    assert reason(bench.use("task.ran", quantity=80, at=T0 - 1)) == "period_over"
    earlier = Bench(bound(moments, ["o: {on: [up], add: photos}"]))
    earlier.now = T0 - 1
    earlier.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0))
    assert reason(earlier.use("task.ran", quantity=80)) is None


def test_a_moment_that_stays_true_may_wait_for_longer_than_it_is_fresh() -> None:
    """A limit is not news that grows old: the storage is still as full as it was."""
    bench = Bench(bound(["full: {limit: storage_gb, at: [80%], stale_after: 1h}"],
                        ["o: {on: [full], add: photos, for: account.health > 50}"]))  # fmt: skip
    assert reason(bench.store(8)) == "unknown"
    bench.now += 3 * D
    assert reason(bench.tell(AttributeSet, name="health", value=Decimal(90))) is None


def test_one_that_happened_is_lost_when_it_is_not_fresh_any_more() -> None:
    """S20: a success is offered on while it is one."""
    bench = Bench(bound(["first_report: {milestone: exports, reaches: 1, stale_after: 30m}"],
                        [PHOTOS.replace("}", ", for: account.health > 50}")]))  # fmt: skip
    assert reason(bench.use("report.exported")) == "unknown"
    bench.wait(H // 2 + 1)
    assert [event.type for event in bench.tell(AttributeSet, name="health", value=Decimal(90))] == [
        "rung.fact_accepted"
    ]


def test_the_plan_that_an_account_is_on_decides_before_anything_is_looked_for() -> None:
    bench = one("for: account.plan == 'free'")
    bench.tell(PlanChanged, plan="plus")
    assert told(bench).target is None
