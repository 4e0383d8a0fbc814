"""What must have come to so much before anything is offered."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.facts import AccountCreated, MeterSet
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, D, decision, offer, reason
from tests.trigger_engine.domain.deciding.judging import REPORT, bound, one


@pytest.mark.parametrize(("age", "why"), [(3 * D - 1, "not_before"), (3 * D, None)])
def test_a_young_account_is_asked_for_nothing(age: int, why: str | None) -> None:
    """S64: nothing premature."""
    bench = one("", "{not_before: {account.age: 3d}}")
    bench.tell(AccountCreated, at=T0 - age)
    assert reason(bench.use("report.exported")) == why


def test_when_it_is_old_enough_is_known_and_then_it_is_decided_again() -> None:
    bench = one("", "{not_before: {account.age: 3d}}")
    bench.tell(AccountCreated, at=T0 - 3 * D + 60)
    found = decision(bench.use("report.exported"))
    (candidate,) = found.candidates
    assert (candidate.detail, candidate.until) == ("account.age >= 3d", to_datetime(T0 + 60))
    assert found.held == ("first_report",)
    assert offer(bench.wait(60)).offer == "photos_offer"


def test_value_has_to_be_experienced_first_and_an_offer_can_ask_for_more() -> None:
    """S56: per offer, too."""
    bench = one("not_before: {meters.exports: 3}", "{not_before: {meters.shares: 1}}")
    assert decision(bench.use("report.exported")).candidates[0].detail == "meters.shares >= 1"
    assert bench.use("file.shared") == []  # it is too early for another reason of the same name: nothing new to tell
    assert [held.waits_for for held in bench.account("acme").held] == [("exports",)]
    made = decision(bench.use("report.exported", quantity=2))
    assert (made.attempt, made.meters) == (2, {"exports": Decimal(3), "shares": Decimal(1)})


def test_it_is_decided_again_when_a_meter_that_it_waits_for_has_come_so_far() -> None:
    bench = one("not_before: {meters.shares: 2}")
    bench.use("report.exported")
    assert bench.use("file.shared") == []
    assert bench.store(1) == []
    assert offer(bench.use("file.shared")).offer == "photos_offer"


def test_a_meter_that_nobody_knows_holds_too() -> None:
    product = "history: unknown\n"
    bench = Bench(
        bound([REPORT], ["o: {on: [first_report], add: photos, not_before: {meters.shares: 1}}"], "", product)
    )
    bench.core.rules = bench.core.rules.after(None, T0 + D)
    bench.tell(MeterSet, meter="exports", value=0, as_of=to_datetime(T0))
    found = decision(bench.use("report.exported"))
    assert (found.candidates[0].reason, found.candidates[0].detail) == ("unknown", "meters.shares")


def test_of_two_that_ask_for_the_same_the_playbooks_own_is_the_stricter() -> None:
    own = "guardrails:\n  not_before: {meters.shares: 5}\n"
    bench = one("", "{not_before: {meters.shares: 1}}", more=own)
    bench.use("file.shared", quantity=2)
    assert decision(bench.use("report.exported")).candidates[0].detail == "meters.shares >= 5"


@pytest.mark.parametrize(
    ("does", "why"),
    [("add: photos", "not_before"), ("highlight: roles", "not_before"), ("nurture: reports", None),
     ("task: banner, note: Call", None)],
)  # fmt: skip
def test_nurture_and_tasks_need_not_wait(does: str, why: str | None) -> None:
    bench = Bench(bound([REPORT], [f"o: {{on: [first_report], {does}}}"], "{not_before: {meters.shares: 1}}"))
    assert reason(bench.use("report.exported")) == why


@pytest.mark.parametrize("does", ["nurture: reports", "task: banner, note: Call"])
def test_what_an_offer_asks_for_itself_binds_it_whatever_its_verb(does: str) -> None:
    bench = Bench(bound([REPORT], [f"o: {{on: [first_report], {does}, not_before: {{meters.shares: 1}}}}"]))
    assert reason(bench.use("report.exported")) == "not_before"
