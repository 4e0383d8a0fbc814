"""The price step: nobody is offered at once what is many times as much as they pay."""

from typing import Any

import pytest

from schemas.decisions import Stage
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import compiled, read_set
from tests.trigger_engine.domain.building import Bench, playbook, reason
from tests.trigger_engine.domain.deciding.selling import REPORT, SHOP, candidate, why

PLANS = """
product: gym
terms: {month: 1, year: 12, eight: 8}
events: {report.exported: {}}
meters: {exports: {count: report.exported}}
plans:
  - {id: p0, price: 0}
  - {id: p10, price: {month: 10}}
  - {id: p20, price: {month: 20}}
  - {id: p30, price: {month: 30, year: 300}}
  - {id: p50, price: {month: 50}}
  - {id: p100, price: {year: 100, eight: 100}}
  - {id: p300, price: {year: 300, eight: 300}}
ladders:
  steep: [p10, p50]
  gentle: [p30, p50]
  slow: [p20, p30]
  first: [p0, p10]
  thirds: [p100, p300]
products:
  - {id: towel, price: {month: 5}}
placements: [banner]
"""


@pytest.mark.parametrize(
    ("plan", "to", "expected"),
    [
        pytest.param("p10", "p50", ("too_steep", "10 to 50 USD a month, 3x at most"), id="from 10 to 50"),
        pytest.param("p30", "p50", (None, None), id="from 30 to 50"),
        pytest.param("p20", "p30", (None, None), id="from 20 to 30"),
    ],
)
def test_a_step_has_a_bound(plan: str, to: str, expected: tuple[str | None, str | None]) -> None:
    """S29: a 10 dollar plan is not shown 50; a 30 dollar plan is."""
    assert why(f"upgrade_to: {to}", plan=plan, product=PLANS, guardrails="{price_step: 3x}") == expected


@pytest.mark.parametrize(("at_most", "steep"), [("5x", None), ("4.999x", "too_steep"), ("5.001x", None)])
def test_the_bound_itself_is_allowed(at_most: str, steep: str | None) -> None:
    found = why("upgrade_to: p50", plan="p10", product=PLANS, guardrails=f"{{price_step: {at_most}}}")
    assert found[0] == steep


@pytest.mark.parametrize("term", ["year", "eight"])
def test_a_step_is_compared_exactly(term: str) -> None:
    """100 to 300 a year is three times as much, though neither comes out even by the month."""
    found = why("upgrade_to: p300", plan="p100", term=term, product=PLANS, guardrails="{price_step: 3x}")
    assert found == (None, None)


def test_any_term_counts_as_months() -> None:
    found = why("upgrade_to: p30", plan="p20", term="year", product=PLANS, guardrails="{price_step: 1.25x}")
    assert found == (None, None)
    found = why("upgrade_to: p30", plan="p20", term="month", product=PLANS, guardrails="{price_step: 1.25x}")
    assert found == ("too_steep", "20 to 30 USD a month, 1.25x at most")


def test_what_is_owned_beside_the_plan_counts_on_both_sides() -> None:
    step = {"product": PLANS, "guardrails": "{price_step: 4x}"}
    assert why("upgrade_to: p50", plan="p10", **step)[0] == "too_steep"
    assert why("upgrade_to: p50", ["towel"], plan="p10", **step)[0] is None


def test_a_price_of_their_own_counts() -> None:
    step = {"product": PLANS, "guardrails": "{price_step: 2x}"}
    assert why("upgrade_to: p50", plan="p30", **step)[0] is None
    assert why("upgrade_to: p50", plan="p30", price=24, **step) == (
        "too_steep",
        "24 to 50 USD a month, 2x at most",
    )


@pytest.mark.parametrize(
    ("guardrails", "steep"),
    [
        pytest.param("{price_step: 3x}", None, id="no bound from nothing"),
        pytest.param("{first_price: 10}", None, id="at the bound"),
        pytest.param("{first_price: 9.99, price_step: 3x}", "10 USD a month at first, 9.99 at most", id="beyond it"),
    ],
)
def test_from_nothing_the_first_price_is_bounded(guardrails: str, steep: str | None) -> None:
    assert why("upgrade_to: p10", plan="p0", product=PLANS, guardrails=guardrails)[1] == steep


@pytest.mark.parametrize("seats", [None, 1, 50])
def test_the_first_price_is_that_of_a_seat_where_the_plan_is_by_seat(seats: int | None) -> None:
    def found(bound: int) -> tuple[str | None, str | None]:
        plan: dict[str, Any] = {"plan": "free", "seats": seats}
        return why("upgrade_to: team", guardrails=f"{{first_price: {bound}}}", **plan)

    assert found(18) == (None, None)
    assert found(17) == ("too_steep", "18 EUR a seat a month at first, 17 at most")


def test_who_pays_nothing_for_the_plan_and_something_beside_it_pays_something() -> None:
    assert why("upgrade_to: plus", ["photos"], guardrails="{first_price: 1, price_step: 3x}") == (
        "too_steep",
        "4 to 14 EUR a month, 3x at most",
    )


@pytest.mark.parametrize(
    ("does", "plan", "seats"),
    [
        pytest.param("upgrade_to: talks", "enterprise", None, id="a plan whose price is talked about"),
        pytest.param("add: photos", "talks", None, id="from such a plan"),
        pytest.param("upgrade_to: talks", "enterprise", 3, id="seats or not"),
    ],
)
def test_a_price_that_is_not_known_bounds_nothing(does: str, plan: str, seats: int | None) -> None:
    assert why(does, plan=plan, seats=seats, guardrails="{price_step: 1.001x}") == (None, None)


def test_seats_that_are_not_known_could_be_any_number() -> None:
    assert why("upgrade_to: enterprise", plan="team", guardrails="{price_step: 3x}") == ("unknown", "account.seats")
    assert why("upgrade_to: enterprise", plan="team", guardrails="{first_price: 3}") == (None, None)
    assert why("upgrade_to: enterprise", plan="team", seats=20, guardrails="{price_step: 3x}") == (None, None)


@pytest.mark.parametrize("does", ["add: photos", "bundle: pair"])
def test_beside_seats_that_are_not_known_nothing_is_known_either(does: str) -> None:
    found = candidate(does, plan="team", guardrails="{price_step: 3x}")
    assert (found.reason, found.detail, found.target) == ("unknown", "account.seats", does.split(": ")[1])


def test_present_seats_make_the_step() -> None:
    """500 a month is much for two people and little for thirty."""
    assert why("upgrade_to: enterprise", plan="team", seats=2, guardrails="{price_step: 3x}") == (
        "too_steep",
        "36 to 500 EUR a month, 3x at most",
    )


@pytest.mark.parametrize("does", ["add: sign", "bundle: pair", "upgrade_to: plus"])
def test_every_sale_is_bounded(does: str) -> None:
    found = candidate(
        does, plan="relic" if "plus" not in does else "free", guardrails="{price_step: 2x, first_price: 5}"
    )
    assert (found.stage, found.reason) == (Stage.ELIGIBLE, "too_steep")
    assert found.target == does.split(": ")[1]


@pytest.mark.parametrize("does", ["highlight: history", "nurture: basics", "task: csm"])
def test_what_is_no_sale_costs_nothing(does: str) -> None:
    assert why(does, plan="relic", guardrails="{price_step: 1.001x, first_price: 1}") == (None, None)


def test_a_playbook_may_have_a_smaller_step_of_its_own() -> None:
    story = playbook([REPORT], ["it: {on: [first_report], add: photos}"])
    files = [
        ("product.yaml", f"{SHOP}guardrails: {{price_step: 3x, first_price: 9}}\n"),
        ("playbook.yaml", f"{story}\nguardrails: {{first_price: 3}}\n"),
    ]
    made = compiled(read_set(files, Problems()), 7)
    assert reason(Bench(made).use("report.exported")) == "too_steep"
