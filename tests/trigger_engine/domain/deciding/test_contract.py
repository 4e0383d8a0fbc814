"""A longer contract: the next term on the plan's own ladder of terms, and what it saves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.deciding.options import saving
from services.trigger_engine.domain.pricing import Listed
from tests.trigger_engine.domain.building import compiled
from tests.trigger_engine.domain.deciding.selling import SHOP, option, saves, why

SOLD = compiled(SHOP).product


@pytest.mark.parametrize(
    ("does", "plan", "term", "target"),
    [
        pytest.param("term: next", "plus", "month", "year", id="from a month to a year"),
        pytest.param("term: next", "plus", "year", "three_years", id="from a year to three"),
        pytest.param("term: year", "plus", "month", "year", id="a term that is the next one"),
        pytest.param(
            "term: three_years", "enterprise", "year", "three_years", id="what the plan has between is nothing"
        ),
        pytest.param("term: next", "enterprise", "month", "year", id="a term that the plan is not sold for"),
    ],
)
def test_the_next_longer_term_is_offered(does: str, plan: str, term: str, target: str) -> None:
    """S44, S45: monthly, annual, several years: three contract rungs."""
    found = option(does, plan=plan, term=term)
    assert found.price is not None
    assert (found.id, found.kind, found.price.term) == (target, "term", target)


@pytest.mark.parametrize(
    ("does", "plan", "term", "expected"),
    [
        pytest.param("term: three_years", "plus", "month", ("not_adjacent", "month to three_years"), id="a jump"),
        pytest.param("term: next", "plus", "three_years", ("top_rung", "three_years"), id="nothing longer"),
        pytest.param("term: next", "team", "year", ("top_rung", "year"), id="nothing longer of this plan"),
        pytest.param(
            "term: three_years", "team", "year", ("not_on_ladder", "year to three_years"), id="not of this plan"
        ),
        pytest.param("term: year", "plus", "year", ("owned", "year"), id="has it already"),
        pytest.param("term: month", "plus", "year", ("owned", "month"), id="has more already"),
        pytest.param("term: next", "free", "month", ("not_on_ladder", "free"), id="a plan without terms"),
        pytest.param("term: next", "gone", "month", ("not_on_ladder", "gone"), id="a plan that is no longer sold"),
        pytest.param("term: next", "plus", None, ("unknown", "account.term"), id="nobody knows the present one"),
        pytest.param("term: next", "plus", "decade", ("unknown", "account.term"), id="nor how long that would be"),
    ],
)
def test_no_other_term_is(does: str, plan: str, term: str | None, expected: tuple[str, str]) -> None:
    assert why(does, plan=plan, term=term) == expected


def test_without_a_plan_nobody_knows_its_terms() -> None:
    product = SHOP.replace("default_plan: free\n", "")
    assert why("term: next", product=product) == ("unknown", "account.plan")


@pytest.mark.parametrize(
    ("plan", "saved"),
    [
        pytest.param({"plan": "plus", "term": "month"}, "1.99 a month, 19%", id="120 to 96.10 a year: 1.991666"),
        pytest.param({"plan": "plus", "term": "year"}, "1.09 a month, 13%", id="288.30 to 249 in three years"),
        pytest.param({"plan": "team", "term": "month", "seats": 4}, "3.00 a month, 16%", id="a seat, as its price is"),
        pytest.param({"plan": "enterprise", "term": "year"}, "83.33 a month, 16%", id="500 to 416.666 a month"),
    ],
)
def test_what_a_longer_term_saves_is_computed_by_the_month(plan: dict[str, Any], saved: str) -> None:
    """S44: shows the discount."""
    assert saves(option("term: next", **plan)) == saved


def test_nothing_is_saved_by_who_pays_less_already() -> None:
    assert saves(option("term: next", plan="plus", term="month", price=8)) is None
    assert saves(option("term: next", plan="plus", term="month", price=9)) == "0.99 a month, 11%"


def test_a_longer_term_brings_what_it_has_beside_the_plan() -> None:
    """S45: the multi-year contract has dedicated support."""
    found = option("term: next", plan="enterprise", term="year")
    assert [(gain.what, gain.after) for gain in found.gains] == [("dedicated_support", "included")]
    assert option("term: next", plan="plus", term="month").gains == ()


def test_without_a_term_of_a_month_a_saving_is_still_told_by_the_month() -> None:
    product = (
        SHOP.replace("terms: {month: 1, year: 12, three_years: 36}", "terms: {quarter: 3, year: 12, three_years: 36}")
        .replace("month: 10, year: 96.10", "quarter: 30, year: 96.10")
        .replace("month", "quarter")
    )
    assert saves(option("term: next", plan="plus", term="quarter", product=product)) == "1.99 a month, 19%"


TERMS = st.sampled_from(sorted(SOLD.terms))
AMOUNTS = st.decimals(min_value=0, max_value=100_000, places=2)


@given(TERMS, TERMS, AMOUNTS, AMOUNTS)
def test_a_saving_is_never_told_larger_than_it_is_and_never_below_nothing(
    term: str, other: str, now: Any, then: Any
) -> None:
    found = saving(Item(id="x", kind=Kind.TERM, price=Listed(other, then), instead=Listed(term, now)), SOLD)
    had, has = now * SOLD.terms[other], then * SOLD.terms[term]
    if found is None:
        assert had - has < SOLD.terms[term] * SOLD.terms[other]  # less than the smallest amount, or nothing
        return
    months = SOLD.terms[term] * SOLD.terms[other] if term != other else SOLD.terms[term]
    assert 0 < found.amount * months <= had - has
    assert 0 <= found.percent * had <= 100 * (had - has)
