"""Terms and prices: what is warned of, and what is read."""

from decimal import Decimal

import pytest

from tests.trigger_engine.domain.building import PRODUCT
from tests.trigger_engine.domain.playbook.whole_product import reading

PLUS = "price: {month: 10, year: 96.10}"


def warned(price: str, terms: str = "{month: 1, year: 12}") -> list[str]:
    text = PRODUCT.replace(PLUS, f"price: {price}").replace("currency: USD", f"currency: USD\nterms: {terms}")
    _, problems = reading(text)
    assert problems.found == []
    return [problem.message for problem in problems.warnings]


@pytest.mark.parametrize(
    ("price", "told"),
    [
        pytest.param("{month: 10, year: 96.10}", [], id="a year that saves"),
        pytest.param("{month: 10, year: 120}", [], id="a year that saves nothing"),
        pytest.param(
            "{month: 10, year: 960}",
            ["'year' costs 80 a month, more than 'month' with 10"],
            id="a digit too many",
        ),
        pytest.param("{year: 96}", [], id="a single term"),
        pytest.param("0", [], id="nothing"),
    ],
)
def test_a_longer_term_that_costs_more_a_month_is_likely_a_slip(price: str, told: list[str]) -> None:
    assert warned(price) == told


def test_terms_are_compared_by_their_length_and_not_by_their_place() -> None:
    assert warned("{year: 100, month: 9}", "{year: 12, month: 1}") == []
    assert len(warned("{year: 109, month: 9}", "{year: 12, month: 1}")) == 1


@pytest.mark.parametrize(
    ("price", "read"),
    [
        ("0", {"any": "0"}),
        ("0.00", {"any": "0.00"}),
        ("{month: 0}", {"month": "0"}),
        ("{month: 10, year: 96.10}", {"month": "10", "year": "96.10"}),
    ],
)
def test_a_price_keeps_every_digit_and_its_term(price: str, read: dict[str, str]) -> None:
    product, _ = reading(PRODUCT.replace(PLUS, f"price: {price}"))
    assert {term: str(amount) for term, amount in product.plans["plus"].prices.items()} == read


def test_without_terms_there_are_a_month_and_a_year() -> None:
    assert dict(reading(PRODUCT)[0].terms) == {"month": 1, "year": 12}


def test_a_warning_refuses_nothing() -> None:
    product, problems = reading(PRODUCT.replace(PLUS, "price: {month: 10, year: 960}"))
    assert problems.warnings
    assert product.plans["plus"].prices["year"] == Decimal(960)
