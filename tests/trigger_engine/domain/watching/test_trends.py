"""Growth and forecast through the core: they read a count or a sum, and keep their own totals, whatever its span."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from schemas.facts import AccountCreated, LimitSet, MeterSet, PeriodStarted
from services.trigger_engine.domain.calendar import DAY_US
from services.trigger_engine.domain.instants import to_datetime
from tests.trigger_engine.domain.building import ACME, PRODUCT, T0, Bench, D, H
from tests.trigger_engine.domain.watching.kinds import fired, said, since_start, wait_until, watching

if TYPE_CHECKING:
    from schemas.envelope import Envelope

GROWING = "growing: {growth: exports, by: 50%, of: day, periods: 2, from: 4}"
FULL_SOON = "soon: {forecast: storage_gb, within: 5d, confidence: 80%}"
MIDNIGHT = 15 * H
"""The first after the begin of a story."""


def exported(bench: Bench, *by_day: int) -> list[Envelope]:
    """So many reports on each day, and then the day after is over; what came of it."""
    told: list[Envelope] = bench.use("file.shared") if bench.now == T0 else []
    for day, count in enumerate(by_day):
        told += wait_until(bench, MIDNIGHT + day * D + H)
        told += bench.use("report.exported", quantity=count) if count else []
    return [*told, *wait_until(bench, MIDNIGHT + len(by_day) * D)]


# --- growth -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_day", "days"),
    [
        pytest.param((4, 6, 9), [3], id="each of the last periods by half, the first from four on"),
        pytest.param((4, 6, 8), [], id="the last by too little"),
        pytest.param((3, 6, 12), [], id="the first had too little"),
        pytest.param((4, 6, 9, 14), [3, 4], id="it re-arms with the next period"),
        pytest.param((4, 0, 9), [], id="from nothing there is no growth"),
    ],
)
def test_growth_compares_complete_calendar_periods(by_day: tuple[int, ...], days: list[int]) -> None:
    """S09, S12: consumption that grows by so much over so many periods."""
    bench = Bench(watching(GROWING))
    told = exported(bench, *by_day)
    assert [(at - MIDNIGHT) // D for at in since_start(told)] == days


def test_growth_tells_by_how_much() -> None:
    bench = Bench(watching(GROWING))
    (moment,) = fired(exported(bench, 4, 6, 9))
    assert said(moment, "percent", "value") == (125, 9)


def test_growth_fires_by_timer_for_an_account_that_is_silent() -> None:
    bench = Bench(watching(GROWING))
    exported(bench, 4, 6)
    bench.use("report.exported", quantity=9, at=bench.now + 1)
    assert bench.due() == T0 + MIDNIGHT + 3 * D
    assert since_start(wait_until(bench, MIDNIGHT + 9 * D)) == [MIDNIGHT + 3 * D]


def test_growth_counts_whatever_the_span_of_its_meter_is() -> None:
    """No billing period is known, and the meter stands still."""
    product = PRODUCT.replace(
        "exports: {count: report.exported}", "exports: {count: report.exported, over: billing_period}"
    )
    bench = Bench(watching(GROWING, product=product))
    assert len(fired(exported(bench, 4, 6, 9))) == 1


def test_growth_of_a_user_is_that_users() -> None:
    product = PRODUCT.replace("exports: {count: report.exported}", "exports: {count: report.exported, by: user}")
    bench = Bench(watching(GROWING, product=product))
    told = bench.use("file.shared")
    for day, (ann, bob) in enumerate(((4, 4), (6, 5), (9, 9))):
        told += wait_until(bench, MIDNIGHT + day * D + H)
        for user, count in (("ann", ann), ("bob", bob)):
            told += bench.use("report.exported", quantity=count, user=user)
    told += wait_until(bench, MIDNIGHT + 3 * D)
    assert [event.data.user for event in told if event.type == "rung.decided"] == ["ann"]  # type: ignore[attr-defined]  # decisions have data


def test_a_period_that_began_before_the_account_did_is_not_compared() -> None:
    bench = Bench(watching(GROWING))
    bench.tell(AccountCreated, at=T0 + MIDNIGHT + 1)
    assert fired(exported(bench, 4, 6, 9)) == []
    assert fired(wait_until(bench, MIDNIGHT + 3 * D + H) + bench.use("report.exported", quantity=14)) == []
    assert len(fired(wait_until(bench, MIDNIGHT + 4 * D))) == 1


# --- forecast -----------------------------------------------------------------------------------


def stored(bench: Bench, *by_day: int | str) -> list[Envelope]:
    """So many GB on each day, and then the day after is over; what came of it."""
    told: list[Envelope] = []
    for day, size in enumerate(by_day):
        told += wait_until(bench, MIDNIGHT + day * D + H)
        told += bench.store(size)
    return [*told, *wait_until(bench, MIDNIGHT + len(by_day) * D)]


def roomy(bench: Bench, limit: int) -> None:
    bench.tell(LimitSet, meter="storage_gb", value=Decimal(limit))


def test_a_forecast_tells_the_day_by_which_the_limit_is_reached() -> None:
    """S10: the projected date of crossing is shown. At one a day, 7 of 12 are reached on the fifth day from now."""
    bench = Bench(watching(FULL_SOON))
    roomy(bench, 12)
    (moment,) = fired(stored(bench, *[1] * 7))
    assert said(moment, "value", "limit", "confidence") == (7, 12, 1)
    assert moment.date == str((to_datetime(T0 + MIDNIGHT + 11 * D)).date())


@pytest.mark.parametrize(
    ("limit", "days", "found"),
    [
        pytest.param(12, 6, 0, id="from seven complete days on"),
        pytest.param(13, 7, 0, id="not within the days asked for"),
        pytest.param(13, 8, 1, id="but a day later it is"),
        pytest.param(7, 7, 0, id="what is reached already is no forecast"),
        pytest.param(14, 20, 1, id="re-arms only after 30 days"),
    ],
)
def test_a_forecast_needs_seven_days_and_the_limit_within_reach(limit: int, days: int, found: int) -> None:
    bench = Bench(watching(FULL_SOON))
    roomy(bench, limit)
    assert len(fired(stored(bench, *[1] * days))) == found


def test_never_when_the_period_resets_first() -> None:
    product = PRODUCT.replace("storage_gb: {sum: size_gb, of: file.stored}",
                              "storage_gb: {sum: size_gb, of: file.stored, over: billing_period}")  # fmt: skip
    for ends, found in ((10, 0), (30, 1)):
        bench = Bench(watching(FULL_SOON, product=product))
        bench.tell(PeriodStarted, starts=to_datetime(T0), ends=to_datetime(T0 + MIDNIGHT + ends * D))
        roomy(bench, 12)
        assert len(fired(stored(bench, *[1] * 7))) == found


def test_a_meter_that_is_unknown_has_no_forecast() -> None:
    bench = Bench(watching(FULL_SOON, product=PRODUCT.replace("product: files", "product: files\nhistory: unknown")))
    roomy(bench, 12)
    assert fired(stored(bench, *[1] * 8)) == []
    bench.tell(MeterSet, meter="storage_gb", value=Decimal(8), as_of=to_datetime(bench.now))
    assert len(fired(wait_until(bench, MIDNIGHT + 9 * D))) == 1


def test_four_silent_weeks_end_what_a_forecast_asks_for() -> None:
    bench = Bench(watching(FULL_SOON))
    roomy(bench, 1000)
    stored(bench, *[1] * 7)
    wait_until(bench, MIDNIGHT + 40 * D)
    assert bench.due() is None
    assert len(bench.account(ACME).moments["soon"].totals) == 7  # type: ignore[union-attr]  # it is a forecast
    assert DAY_US == D
