"""Money is exact: what a price comes to a month, shares of a bundle, savings that are computed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.playbook.money import per_month, percent_saved, share, unit

PRICES = st.decimals(min_value=0, max_value=10**9, places=2)


@pytest.mark.parametrize(
    ("amount", "months", "a_month"),
    [
        ("10", 1, "10"),
        ("96", 12, "8"),
        ("96.10", 12, "8.008333"),
        ("100", 12, "8.333333"),
        ("200", 12, "16.666667"),
        ("15000", 36, "416.666667"),
        ("0.000003", 2, "0.000002"),
        ("0.000005", 2, "0.000002"),
        ("0", 36, "0"),
        ("1", 3, "0.333333"),
        ("180", 24, "7.5"),
        ("999999999999999999.999999999", 1, "1000000000000000000"),
        ("0.000000001", 1200, "0"),
    ],
)
def test_what_a_price_comes_to_a_month(amount: str, months: int, a_month: str) -> None:
    assert per_month(Decimal(amount), months) == Decimal(a_month)


@pytest.mark.parametrize(("currency", "smallest"), [("USD", "0.01"), ("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001")])
def test_each_currency_has_its_smallest_amount(currency: str, smallest: str) -> None:
    assert unit(currency) == Decimal(smallest)


@pytest.mark.parametrize(
    ("price", "part", "whole", "smallest", "costs"),
    [
        pytest.param("9", "4", "12", "0.01", "3.00", id="a third"),
        pytest.param("9", "8", "12", "0.01", "6.00", id="two thirds"),
        pytest.param("10", "4", "12", "0.01", "3.33", id="rounded down"),
        pytest.param("20", "4", "12", "0.01", "6.66", id="down also when the next digit is a six"),
        pytest.param("1000", "400", "1200", "1", "333", id="to whole yen"),
        pytest.param("10", "4", "12", "0.001", "3.333", id="to a thousandth of a dinar"),
        pytest.param("9", "12", "12", "0.01", "9.00", id="all of it"),
        pytest.param("9", "0", "12", "0.01", "0.00", id="what is free"),
        pytest.param("0", "0", "0", "0.01", "0.00", id="a bundle of what is free"),
    ],
)
def test_a_part_of_a_bundle_costs_its_share_rounded_down(
    price: str, part: str, whole: str, smallest: str, costs: str
) -> None:
    """Bundles: what is not owned costs its share of the bundle by list price."""
    assert str(share(Decimal(price), Decimal(part), Decimal(whole), Decimal(smallest))) == costs


@given(st.lists(PRICES, min_size=2, max_size=6), PRICES)
def test_the_shares_of_a_bundle_never_cost_more_than_the_bundle(lists: list[Decimal], price: Decimal) -> None:
    whole = sum(lists, Decimal(0))
    assert sum((share(price, part, whole, Decimal("0.01")) for part in lists), Decimal(0)) <= price


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        pytest.param("300", "200", 33, id="three for the price of two"),
        pytest.param("120", "96.10", 19, id="a year instead of twelve months"),
        pytest.param("100", "0.01", 99, id="not all"),
        pytest.param("100", "0", 100, id="all"),
        pytest.param("100", "100", 0, id="nothing"),
        pytest.param("100", "101", 0, id="less than nothing"),
        pytest.param("0", "0", 0, id="nothing of nothing"),
    ],
)
def test_a_saving_is_computed_and_never_told_larger_than_it_is(before: str, after: str, percent: int) -> None:
    assert percent_saved(Decimal(before), Decimal(after)) == percent


@given(PRICES, PRICES)
def test_whoever_pays_what_is_told_saves_at_least_that(before: Decimal, after: Decimal) -> None:
    percent = percent_saved(before, after)
    assert percent == 0 or after * 100 <= before * (100 - percent)
