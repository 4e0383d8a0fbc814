"""Moments at a limit through the core: limits of every span, and attempts at what is beyond one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.facts import LimitSet, PeriodStarted, PlanChanged
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import PRODUCT, T0, Bench, D, H, rules
from tests.trigger_engine.domain.watching.kinds import fired, said, since_start, watching

BLOCKED = "blocked: {attempt: project.blocked, of: projects}"
WITH_BLOCKED = PRODUCT.replace("events:\n", "events:\n  project.blocked: {}\n")


def steps(meter: str, uses: list[tuple[int, int]], at: str = "[50%, 80%, 100%]", **again: str) -> list[list[str]]:
    """The steps that fire of a limit of 10, for uses (hours after the begin, so many)."""
    product = PRODUCT.replace("exports: {count: report.exported}", f"exports: {{{meter}}}")
    product = product.replace("storage_gb: 10,", "storage_gb: 10, exports: 10,")
    more = "".join(f", {key}: {value}" for key, value in again.items())
    bench = Bench(
        rules(
            [f"full: {{limit: exports, at: {at}{more}}}"], ["w: {on: [full], upgrade_to: next on work}"],
            product=product.replace("{id: team, price: {month: 18, year: 180}, per: seat, limits: {",
                                    "{id: team, price: {month: 18, year: 180}, per: seat, limits: {exports: 99, "),
        )
    )  # fmt: skip
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 30 * D))
    found = []
    for hours, quantity in uses:
        bench.now = max(bench.now, T0 + hours * H)
        told = bench.use("report.exported", at=T0 + hours * H, quantity=quantity)
        found.append([f"{moment.step:.0%}" for moment in fired(told)])
    return found


@pytest.mark.parametrize(
    ("meter", "uses", "found"),
    [
        pytest.param(
            "count: report.exported", [(0, 4), (0, 1), (0, 5), (0, 9)], [[], ["50%"], ["100%"], []], id="of ever"
        ),
        pytest.param(
            "count: report.exported, over: billing_period", [(0, 5), (0, 5), (1, 1)], [["50%"], ["100%"], []],
            id="of a billing period",
        ),
        pytest.param(
            "count: report.exported, over: day", [(0, 8), (3, 2), (24, 5), (25, 4), (2, 1)],
            [["80%"], ["100%"], ["50%"], ["80%"], []], id="of each day anew, also when it comes late",
        ),
        pytest.param(
            "count: report.exported, over: 1d", [(0, 5), (12, 3), (23, 2), (30, 1)], [["50%"], ["80%"], ["100%"], []],
            id="of a rolling window",
        ),
        pytest.param(
            "count: report.exported, over: 1d", [(0, 8), (30, 5), (31, 3)], [["80%"], ["50%"], ["80%"]],
            id="which falls below by itself, and re-arms",
        ),
        pytest.param(
            "count: report.exported, over: 1d", [(0, 1), (25, 8), (1, 2), (26, 1)], [[], ["80%"], [], []],
            id="and not by a late event of a window that is over",
        ),
        pytest.param(
            "distinct: user, of: report.exported", [(0, 1), (0, 1)], [[], []], id="what nobody did moves nothing",
        ),
    ],
)  # fmt: skip
def test_each_step_once_per_period(meter: str, uses: list[tuple[int, int]], found: list[list[str]]) -> None:
    assert steps(meter, uses) == found


def test_again_after_adds_to_when_it_may_fire_again() -> None:
    """`again_after: [below 70%]`: not only ten points below the lowest step, which would be below 40%."""
    meter, uses = "sum: quantity, of: report.exported", [(0, 8), (0, -1), (0, 1)]
    assert steps(meter, uses, at="[80%]") == [["80%"], [], []]
    assert steps(meter, uses, at="[80%]", again_after="[below 75%]") == [["80%"], [], ["80%"]]


def test_a_fact_that_lowers_the_limit_of_a_day_below_the_usage_fires() -> None:
    product = PRODUCT.replace("exports: {count: report.exported}", "exports: {count: report.exported, over: day}")
    product = product.replace("storage_gb: 10,", "storage_gb: 10, exports: 10,")
    bench = Bench(rules(["full: {limit: exports, at: [80%]}"], ["c: {on: [full], add: cable}"], product=product))
    assert bench.use("report.exported", quantity=4) == []
    (moment,) = fired(bench.tell(LimitSet, meter="exports", value=Decimal(5)))
    assert said(moment, "step", "value", "limit") == (Decimal("0.8"), 4, 5)
    bench.wait(D)
    assert fired(bench.tell(LimitSet, meter="exports", value=Decimal(4))) == [], "another day has begun"


# --- attempts -----------------------------------------------------------------------------------


def test_an_attempt_fires_only_while_its_meter_is_at_its_limit() -> None:
    """S02: the third project is the last of the plan; who tries a fourth is told, at the limit and not one past it."""
    bench = Bench(watching(BLOCKED, product=WITH_BLOCKED))
    found = [fired(bench.use(f"project.{what}")) for what in ("created", "created", "blocked", "created", "blocked")]
    assert [[said(moment, "value", "limit") for moment in moments] for moments in found] == [[], [], [], [], [(3, 3)]]


def test_what_reaches_the_limit_is_no_attempt_at_it() -> None:
    bench = Bench(watching("blocked: {attempt: project.created, of: projects}"))
    assert [bool(fired(bench.use("project.created"))) for _ in range(5)] == [False, False, False, True, False]


def test_who_tries_again_and_again_within_a_day_is_told_once() -> None:
    bench = Bench(watching(BLOCKED, product=WITH_BLOCKED))
    bench.use("project.created", quantity=3)
    told = [event for hours in (0, 5, 23, 24, 30) for event in bench.use("project.blocked", at=T0 + hours * H)]
    assert since_start(told) == [0, 24 * H]


@pytest.mark.parametrize("plan", ["team", "relic"])
def test_an_attempt_at_what_has_no_limit_or_an_unknown_one_is_none(plan: str) -> None:
    bench = Bench(watching(BLOCKED, product=WITH_BLOCKED))
    bench.use("project.created", quantity=9)
    bench.tell(PlanChanged, plan=plan)
    assert bench.use("project.blocked") == []


# --- what is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("span", ["", ", over: billing_period"])
def test_what_a_meter_stands_at_is_told_without_zeros_at_its_end(span: str) -> None:
    product = PRODUCT.replace("sum: size_gb, of: file.stored", f"sum: size_gb, of: file.stored{span}")
    product = product.replace("events:\n", "events:\n  file.refused: {}\n")
    moments = ["half: {limit: storage_gb, at: [50%, 90%]}", "refused: {attempt: file.refused, of: storage_gb}"]
    bench = Bench(watching(*moments, product=product))
    bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + 30 * D))
    told = [
        bench.store("4.50"),
        bench.store("1.50"),
        bench.tell(LimitSet, meter="storage_gb", value=Decimal("6.5")),
        bench.store("2.000"),
        bench.use("file.refused"),
    ]
    values = [[str(moment.value) for moment in fired(events)] for events in told]
    assert values == [[], ["6"], ["6"], [], ["8"]]
