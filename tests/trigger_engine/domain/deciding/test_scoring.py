"""Scores: six factors, each told, in decimals of six digits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from schemas.facts import PeriodStarted, PlanChanged
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import T0, Bench, D, compiled, decision, playbook
from tests.trigger_engine.domain.deciding.judging import bound
from tests.trigger_engine.domain.deciding.selling import SHOP

NAMES = ["propensity", "context", "value", "match", "boost", "strength"]
WEIGHTS = """
weights:
  context: {success: 1.7, limit: 1.6, other: 0.9}
  match: 3.0
  value: {from: 0.25, to: 4.0}
"""


def test_a_score_is_the_product_of_its_factors_and_all_of_them_are_told() -> None:
    offer = "o: {on: [m], add: photos, boost: 1.25, propensity: 0.04}"
    bench = Bench(bound(["m: {milestone: exports, reaches: 1}"], [offer]))
    bench.tell(PlanChanged, plan="plus", term="month")
    found = decision(bench.use("report.exported")).candidates[0]
    assert list(found.factors) == NAMES
    assert [found.factors[name] for name in NAMES] == [
        Decimal(text) for text in ("0.04", "1.5", "0.5", "1", "1.25", "1")
    ]
    assert found.score == Decimal("0.037500")


@pytest.mark.parametrize(
    ("moment", "event", "context"),
    [
        ("{milestone: exports, reaches: 1}", "report.exported", "1.7"),
        ("{onboarding: [report.exported]}", "report.exported", "1.7"),
        ("{limit: projects, at: [100%]}", "project.created", "1.6"),
        ("{attempt: file.shared, of: projects}", "file.shared", "0.9"),
        ("{habit: tasks, reaches: 1}", "task.ran", "0.9"),
    ],
)
def test_success_moments_and_limits_weigh_what_the_operator_says(moment: str, event: str, context: str) -> None:
    """S55: success moments go before cold ones."""
    bench = Bench(bound([f"m: {moment}"], ["o: {on: [m], add: photos}"], product=WEIGHTS))
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 30 * D))
    bench.use("project.created", quantity=2 if event == "project.created" else 3)
    found = decision(bench.use(event)).candidates[0]
    assert found.factors["context"] == Decimal(context)


@pytest.mark.parametrize(
    ("pays", "does", "value"),
    [
        pytest.param("plus", "add: photos", "0.4", id="4 on 10"),
        pytest.param("plus", "add: room", "0.3", id="3 on 10"),
        pytest.param("plus", "highlight: roles", "1", id="what has no price"),
        pytest.param("plus", "add: cable", "0.25", id="what is paid once adds nothing a month: the least"),
        pytest.param("free", "add: photos", "4.0", id="anything on nothing: the most"),
        pytest.param("relic", "add: photos", "4.0", id="4 on 1"),
    ],
)
def test_the_value_is_what_it_adds_against_what_is_paid(pays: str, does: str, value: str) -> None:
    made_of = bound(["m: {milestone: exports, reaches: 1}"], [f"o: {{on: [m], {does}}}"], product=WEIGHTS)
    bench = Bench(made_of)
    bench.tell(PlanChanged, plan=pays, term="month")
    assert decision(bench.use("report.exported")).candidates[0].factors["value"] == Decimal(value)


def test_a_ratio_that_does_not_come_out_even_is_rounded_half_to_even() -> None:
    made_of = bound(["m: {milestone: exports, reaches: 1}"], ["o: {on: [m], add: photos}"], product=WEIGHTS)
    bench = Bench(made_of)
    bench.tell(PlanChanged, plan="plus", term="month", price=Decimal(7))
    assert decision(bench.use("report.exported")).candidates[0].factors["value"] == Decimal("0.571429")


MATCHES = [
    pytest.param("{limit: storage_gb, at: [80%]}", "upgrade_to: next on personal", True, id="more at a limit"),
    pytest.param("{limit: storage_gb, at: [80%]}", "add: photos", False, id="something else at a limit"),
    pytest.param("{limit: storage_gb, at: [80%]}", "add: room", True, id="capacity is more of the same"),
    pytest.param("{onboarding: [file.stored]}", "add: photos", True, id="something else after an onboarding"),
    pytest.param("{onboarding: [file.stored]}", "upgrade_to: next on personal", False, id="more after an onboarding"),
    pytest.param("{milestone: storage_gb, reaches: 1}", "add: photos", False, id="something else at a milestone"),
    pytest.param("{milestone: storage_gb, reaches: 1}", "highlight: roles", False, id="no sale"),
]


@pytest.mark.parametrize(("moment", "does", "matches"), MATCHES)
def test_an_offer_counts_more_when_it_is_of_the_sort_that_the_moment_calls_for(
    moment: str, does: str, matches: bool
) -> None:
    """S43: an upsell on a limit, growth, an attempt; a cross-sell on an onboarding, or the habit of another product."""
    bench = Bench(bound([f"m: {moment}"], [f"o: {{on: [m], {does}}}"]))
    assert decision(bench.store(8)).candidates[0].factors["match"] == (2 if matches else 1)


def test_a_complement_matches_whenever_it_is_offered() -> None:
    made_of = compiled(SHOP, playbook(["m: {milestone: exports, reaches: 1}"], ["o: {on: [m], add: complement}"]))
    bench = Bench(made_of)
    bench.tell(PlanChanged, plan="plus", term="month", at=T0 - D)
    found = decision(bench.use("report.exported")).candidates[0]
    assert (found.factors["match"], found.factors["strength"]) == (Decimal(2), Decimal("1.4"))


def test_a_habit_calls_for_another_product_than_the_one_it_is_of() -> None:
    for reads, match in (("meters.tasks", "1"), ("meters.exports", "2.0")):
        made_of = bound(["m: {habit: tasks, reaches: 1}"], ["o: {on: [m], add: photos}"])
        in_use = {"photos": compile_condition(f"{reads} >= 9", made_of.product.names)}
        bench = Bench(replace(made_of, product=replace(made_of.product, in_use=in_use)))
        bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 30 * D))
        assert decision(bench.use("task.ran")).candidates[0].factors["match"] == Decimal(match)
