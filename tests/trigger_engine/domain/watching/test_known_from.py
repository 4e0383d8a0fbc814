"""Known from: until all that a meter counts was seen, limits wait and milestones do not fire."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.facts import AccountCreated, MeterSet, PeriodStarted
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import ACME, FULL, MORE, PHOTOS, PRODUCT, T0, Bench, D, decision, rules

if TYPE_CHECKING:
    from services.trigger_engine.domain.playbook.sets import CompiledSet

FIFTH = "first_report: {milestone: exports, reaches: 5}"
UNKNOWN = PRODUCT.replace("product: files", "product: files\nhistory: unknown")


def published(product: str = PRODUCT, at: int = T0, moments: tuple[str, ...] = (FULL, FIFTH)) -> CompiledSet:
    """A set whose meters and moments were published at ``at``."""
    return rules(moments, [MORE, PHOTOS], product=product).after(None, at)


def export(bench: Bench, times: int = 1, at: int | None = None) -> bool:
    """Export so many reports; whether anything was decided."""
    return [event for _ in range(times) for event in bench.use("report.exported", at=at)] != []


def test_known_from_first_sight_where_accounts_start_empty() -> None:
    bench = Bench(published())
    assert not export(bench, 4)
    assert export(bench)


def test_seen_before_the_meter_was_published_it_is_unknown() -> None:
    bench = Bench(published(at=T0 - D))
    bench.store(1)
    bench.core.rules = published(at=T0 + D)
    bench.now = T0 + 2 * D
    assert not export(bench, 9)
    assert bench.store(9) == []


def test_known_from_the_accounts_creation_whatever_was_assumed() -> None:
    old, new = Bench(published()), Bench(published(UNKNOWN))
    old.tell(AccountCreated, at=T0 - D)
    new.tell(AccountCreated, at=T0 + D)
    assert (export(old, 9), export(new, 9)) == (False, True)


def test_where_nobody_knows_the_history_meters_wait_for_a_baseline() -> None:
    bench = Bench(published(UNKNOWN))
    assert not export(bench, 9)
    assert bench.store(9) == []
    bench.tell(MeterSet, meter="exports", value=Decimal(3), as_of=to_datetime(T0))
    assert not export(bench)
    assert export(bench)


def test_a_baseline_passes_the_steps_below_it_silently_except_that_the_highest_limit_step_fires() -> None:
    bench = Bench(published(UNKNOWN))
    passed = bench.tell(MeterSet, meter="exports", value=Decimal(7), as_of=to_datetime(T0))
    assert len(passed) == 1
    assert not export(bench)
    told = decision(bench.tell(MeterSet, meter="storage_gb", value=Decimal("9.5"), as_of=to_datetime(T0)))
    assert told.moments[0].step == Decimal("0.9")


def test_a_baseline_of_a_former_definition_is_none() -> None:
    """A changed definition is a new meter."""
    bench = Bench(published(UNKNOWN))
    bench.tell(MeterSet, meter="exports", value=Decimal(3), as_of=to_datetime(T0))
    changed = UNKNOWN.replace("exports: {count: report.exported}", "exports: {sum: quantity, of: report.exported}")
    bench.core.rules = published(changed)
    assert not export(bench, 9)


def test_a_period_that_began_since_the_meter_was_published_is_known() -> None:
    bench = Bench(
        rules(["tasks_up: {limit: tasks, at: [50%]}"], ["work: {on: [tasks_up], upgrade_to: next on work}"],
              product=UNKNOWN).after(None, T0)
    )  # fmt: skip
    bench.tell(PeriodStarted, starts=to_datetime(T0 - D), ends=to_datetime(T0 + D))
    assert bench.use("task.ran", quantity=60) == []
    bench.tell(PeriodStarted, starts=to_datetime(T0 + D), ends=to_datetime(T0 + 31 * D))
    bench.now = T0 + 2 * D
    assert decision(bench.use("task.ran", quantity=60)).moments[0].value == 60


def test_a_new_version_on_accounts_with_history_congratulates_nobody_on_an_old_success() -> None:
    bench = Bench(published(at=T0 - D))
    export(bench, 7)
    lower = FIFTH.replace("first_report", "third_report").replace("5", "3")
    bench.core.rules = rules([lower], [PHOTOS.replace("first_report", "third_report")]).after(bench.core.rules, T0 + D)
    assert not export(bench, 5)
    assert bench.account(ACME).moments["third_report"].passed  # type: ignore[union-attr]  # it is a milestone


@pytest.mark.parametrize(
    "meter",
    [
        pytest.param("{distinct: user, of: file.shared}", id="values told apart"),
        pytest.param("{count: file.shared, over: 7d}", id="a rolling window"),
        pytest.param("{count: file.shared, by: user}", id="by user"),
    ],
)
def test_what_a_number_can_not_set_takes_no_baseline(meter: str) -> None:
    product = UNKNOWN.replace("shares: {count: file.shared}", f"shares: {meter}")
    bench = Bench(published(product))
    before = bench.state()
    with pytest.raises(Impossible):
        bench.tell(MeterSet, meter="shares", value=Decimal(3), as_of=to_datetime(T0))
    assert bench.account(ACME).facts == {}
    assert before


def test_a_baseline_of_a_month_is_of_that_month() -> None:
    product = UNKNOWN.replace("exports: {count: report.exported}", "exports: {count: report.exported, over: month}")
    bench = Bench(published(product))
    bench.tell(MeterSet, meter="exports", value=Decimal(4), as_of=to_datetime(T0))
    assert export(bench)
    other = Bench(published(product))
    other.tell(MeterSet, meter="exports", value=Decimal(4), as_of=to_datetime(T0 - 5 * D))
    assert not export(other)
