"""Whether a moment that was held still stands, kind by kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from schemas.facts import AccountCreated, PeriodStarted, PlanChanged
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.deciding.still import STAYS_TRUE, stays_true, still
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.absence import AbsenceState
from services.trigger_engine.domain.moments.becomes import BecomesState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import AnyMoment, BecomesMoment
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, T0, Bench, D, H
from tests.trigger_engine.domain.deciding.judging import bound

MOMENTS = [
    "full: {limit: storage_gb, at: [80%]}",
    "up: {limit: tasks, at: [80%]}",
    "blocked: {attempt: file.shared, of: projects}",
    "first_report: {milestone: exports, reaches: 1, stale_after: 2h}",
    "onboarded: {onboarding: [member.invited], stale_after: 2h}",
    "busy: {habit: tasks, reaches: 5}",
    "signing: {milestone: signatures, reaches: 2, stale_after: 2h}",
    "growing: {growth: exports, by: 50%, of: month, periods: 1, from: 10}",
    "one_year: {tenure: account.plan_since, reaches: 12 months}",
    "running_out: {forecast: storage_gb, within: 10d}",
    "in_order: {sequence: [report.exported, file.shared], within: 7d, stale_after: 2h}",
    "stalled: {absence: file.shared, after: report.exported, within: 7d, stale_after: 2h}",
]
SET = bound(MOMENTS, [f"o{n}: {{on: [{text.partition(':')[0]}], task: banner, note: Call, not_before: "
                      f"{{meters.exports: 1}}}}" for n, text in enumerate(MOMENTS)])  # fmt: skip


def bench() -> Bench:
    made = Bench(SET)
    made.tell(AccountCreated, at=T0 - 400 * D)
    made.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0 + 3 * D))
    return made


def stands(made: Bench, name: str, **said: Any) -> Passed | None:
    """What is left of a moment that fired at T0."""
    moment = made.core.rules.moments[name]
    situation = Situation(ACME, made.account(ACME), made.core.rules, made.now, parts=made)
    return still(Passed(moment, **{"at": T0, **said}), situation)


def test_every_kind_is_either_true_for_a_while_or_news() -> None:
    assert {kind.__name__ for kind in get_args(AnyMoment) if kind not in STAYS_TRUE} == {
        "MilestoneMoment", "OnboardingMoment", "SequenceMoment", "AbsenceMoment", "OutcomeMoment",
    }  # fmt: skip
    assert [stays_true(SET.moments[name]) for name in ("full", "first_report")] == [True, False]


@pytest.mark.parametrize(("gb", "holds"), [("7.99", False), ("8", True), ("20", True)])
def test_a_limit_stands_at_its_step(gb: str, holds: bool) -> None:
    made = bench()
    made.store(gb)
    found = stands(made, "full", step=Decimal("0.8"), value=Decimal(8), limit=Decimal(9))
    assert (found is not None) == holds
    if found is not None:
        assert (found.value, found.limit, found.at) == (Decimal(gb), Decimal(10), T0)


@pytest.mark.parametrize(("later", "holds"), [(3 * D - 1, True), (3 * D, False)])
def test_one_of_a_period_stands_until_that_is_over(later: int, holds: bool) -> None:
    made = bench()
    made.use("task.ran", quantity=80)
    made.now += later
    assert (stands(made, "up", step=Decimal("0.8"), period=T0 - D) is not None) == holds


@pytest.mark.parametrize(("projects", "holds"), [(2, False), (3, True)])
def test_an_attempt_stands_at_the_limit(projects: int, holds: bool) -> None:
    made = bench()
    made.use("project.created", quantity=projects)
    assert (stands(made, "blocked") is not None) == holds


@pytest.mark.parametrize(("tasks", "holds"), [(4, False), (5, True)])
def test_a_habit_stands_while_it_is_kept(tasks: int, holds: bool) -> None:
    made = bench()
    made.use("task.ran", quantity=tasks)
    found = stands(made, "busy", period=T0 - D, value=Decimal(5))
    assert (None if found is None else found.value) == (Decimal(tasks) if holds else None)


@pytest.mark.parametrize("name", ["first_report", "onboarded", "signing", "in_order", "stalled"])
@pytest.mark.parametrize(("age", "holds"), [(2 * H, True), (2 * H + 1, False)])
def test_what_happened_stands_while_it_is_fresh(name: str, age: int, holds: bool) -> None:
    made = bench()
    made.now += age
    assert (stands(made, name) is not None) == holds


def test_growth_stands_until_the_next_period_is_complete() -> None:
    """February grew; that is so until the end of March."""
    february = 31 + 20_454  # the 1st of February 2026, days since 1970
    for day, holds in ((30 * D, True), (31 * D, False)):
        made = bench()
        made.now += day
        assert (stands(made, "growing", period=february) is not None) == holds
    assert stands(bench(), "growing") is None


def test_a_tenure_stands_while_its_fact_is_as_it_was() -> None:
    made = bench()
    made.tell(PlanChanged, plan="plus", at=T0 - 380 * D)
    made.wait(0)
    assert stands(made, "one_year") is not None
    made.tell(PlanChanged, plan="team")
    assert stands(made, "one_year") is None


@pytest.mark.parametrize(
    ("gb", "later", "holds"),
    [
        pytest.param("9", 0, True, id="ahead"),
        pytest.param("10", 0, False, id="reached"),
        pytest.param("9", 5 * D, True, id="on the day itself"),
        pytest.param("9", 6 * D, False, id="the day has gone by"),
    ],
)
def test_a_forecast_stands_until_it_has_come_or_its_day_has_gone(gb: str, later: int, holds: bool) -> None:
    made = bench()
    made.store(gb)
    made.now += later
    day = T0 // D + 5
    assert (stands(made, "running_out", date=day) is not None) == holds


@pytest.mark.parametrize(("was", "holds"), [(True, True), (False, False), (None, False)])
def test_what_became_so_stands_while_it_is(was: bool | None, holds: bool) -> None:
    made = bench()
    moment = BecomesMoment("team_grew", compile_condition("account.seats >= 3", made.core.rules.product.names), 1)
    made.account(ACME).moments["team_grew"] = BecomesState(was)
    situation = Situation(ACME, made.account(ACME), made.core.rules, T0 + 9 * D)
    assert (still(Passed(moment, T0), situation) is not None) == holds


@pytest.mark.parametrize(
    ("answer", "holds"), [(T0 - 7 * D - 1, True), (T0 - 7 * D, False), (T0, False), (T0 + 1, True)]
)
def test_an_absence_does_not_stand_once_what_was_missing_came_in_time(answer: int, holds: bool) -> None:
    made = bench()
    made.account(ACME).moments["stalled"] = AbsenceState(opened=(T0 - 7 * D,), answered=(answer,), fired=T0 - 7 * D)
    assert (stands(made, "stalled") is not None) == holds


def test_a_moment_of_a_user_is_held_against_that_users_meter() -> None:
    made = bench()
    passed = stands(made, "signing", user="ann", value=Decimal(2))
    assert passed == Passed(SET.moments["signing"], T0, "ann", Decimal(2))
    assert replace(passed, user="bob") != passed
