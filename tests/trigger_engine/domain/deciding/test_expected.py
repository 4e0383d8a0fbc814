"""What a plan would have to hold: what is used, and what is coming at the pace of the last four weeks."""

from decimal import Decimal

import pytest

from schemas.facts import PeriodStarted
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.calendar import day_of, zone
from services.trigger_engine.domain.deciding.expected import expected
from services.trigger_engine.domain.facts import fold
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.moments.forecast import ForecastState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import ForecastMoment, MilestoneMoment
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import CompiledSet, compiled, read_set
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, T0, D, fact, playbook
from tests.trigger_engine.domain.deciding.selling import SHOP

TODAY = day_of(T0, zone(None))
PASSED = Passed(MilestoneMoment("m", "exports", Decimal(1), D), T0)


def rules(within: str = "10d", over: str = "", product: str = SHOP) -> CompiledSet:
    """A set with a forecast on storage, whose meter counts ``over`` something."""
    counting = product.replace("{sum: size_gb, of: file.stored}", f"{{sum: size_gb, of: file.stored{over}}}")
    story = playbook(
        [f"filling: {{forecast: storage_gb, within: {within}}}"], ["it: {on: [filling], upgrade_to: fitting}"]
    )
    return compiled(read_set([("product.yaml", counting), ("playbook.yaml", story)], Problems()), 7)


def account(stands: str, days: dict[int, str], made: CompiledSet) -> AccountSlice:
    """An account that has used so much in all, and so much on each of the days ago."""
    kept = AccountSlice(first_seen=T0 - 99 * D)
    meter = made.product.meters["storage_gb"]
    kept.meters[meter.key] = MeterState(Decimal(stands))
    kept.moments["filling"] = ForecastState({TODAY - ago: Decimal(amount) for ago, amount in days.items()})
    return kept


def expecting(stands: str, days: dict[int, str], within: str = "10d") -> Decimal | None:
    made = rules(within)
    assert isinstance(made.moments["filling"], ForecastMoment)
    return expected("storage_gb", PASSED, Situation(ACME, account(stands, days, made), made, T0))


@pytest.mark.parametrize(
    ("days", "within", "comes_to"),
    [
        pytest.param({}, "10d", "100", id="nothing was counted lately"),
        pytest.param(dict.fromkeys(range(1, 29), "2"), "10d", "120", id="two a day, for ten days"),
        pytest.param({28: "28"}, "10d", "110", id="one a day, all on the first"),
        pytest.param({1: "28", 28: "28"}, "28d", "156", id="as long ahead as it looks back"),
        pytest.param({29: "999", 28: "28"}, "10d", "110", id="nothing from before four weeks"),
        pytest.param({0: "999", 28: "28"}, "10d", "110", id="nothing of today, which is not over"),
        pytest.param({7: "7"}, "10d", "110", id="a week is enough"),
        pytest.param({6: "6"}, "10d", "100", id="less is not"),
        pytest.param({28: "-28"}, "10d", "100", id="what falls is not expected to"),
        pytest.param({7: "7"}, "1d", "101", id="one day ahead"),
        pytest.param({28: "1"}, "10d", "100.357143", id="to a millionth, half to even"),
    ],
)
def test_what_is_coming_counts_at_the_pace_of_four_weeks(days: dict[int, str], within: str, comes_to: str) -> None:
    assert expecting("100", days, within) == Decimal(comes_to)


def test_without_a_forecast_it_is_what_is_used() -> None:
    made = rules()
    assert expected("exports", PASSED, Situation(ACME, AccountSlice(first_seen=T0), made, T0)) == 0


def test_what_is_not_known_is_not_expected() -> None:
    made = rules(product=SHOP.replace("currency: EUR", "currency: EUR\nhistory: unknown"))
    assert expected("storage_gb", PASSED, Situation(ACME, account("5", {28: "28"}, made), made, T0)) is None


@pytest.mark.parametrize(("days_left", "comes_to"), [(40, "15"), (10, "15"), (4, "9"), (0, "5")])
def test_a_billing_period_ends_what_is_expected_of_it(days_left: int, comes_to: str) -> None:
    made = rules(over=", over: billing_period")
    kept = account("5", {28: "28"}, made)
    ends = to_datetime(T0 + days_left * D + 1)
    fold(kept, fact(PeriodStarted, starts=to_datetime(T0 - D), ends=ends))
    kept.meters[made.product.meters["storage_gb"].key] = MeterState(Decimal(5), T0 - D)
    assert expected("storage_gb", PASSED, Situation(ACME, kept, made, T0)) == Decimal(comes_to)


def test_before_a_billing_period_nothing_is_expected() -> None:
    made = rules(over=", over: billing_period")
    assert expected("storage_gb", PASSED, Situation(ACME, account("5", {28: "28"}, made), made, T0)) is None


def test_a_forecast_that_has_counted_nothing_expects_nothing_more() -> None:
    made = rules()
    kept = account("5", {}, made)
    del kept.moments["filling"]
    assert expected("storage_gb", PASSED, Situation(ACME, kept, made, T0)) == 5


@pytest.mark.parametrize("over", ["7d", "day", "month"])
def test_a_meter_that_begins_anew_is_expected_to_stay_where_it_is(over: str) -> None:
    made = rules(over=f", over: {over}")
    assert expected("storage_gb", PASSED, Situation(ACME, account("5", {28: "28"}, made), made, T0)) == 0
