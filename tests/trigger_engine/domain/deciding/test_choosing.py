"""Several things beside each other: targets, anchors, a mark, and an order that is tested, not an accident."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import PlanChanged
from schemas.offers import Option
from services.trigger_engine.domain.playbook.verbs import Order
from tests.trigger_engine.domain.building import decision, offer
from tests.trigger_engine.domain.deciding.selling import SHOP, bench, made, why

SUITE = "choose_from: [photos, pair, enterprise], mark: pair"


def shown(does: str, owns: list[str] | None = None, **more: Any) -> list[str]:
    return [f"{option.id}!" if option.recommended else option.id for option in made(does, owns or [], **more).options]


def test_one_app_a_bundle_and_the_whole_suite_with_the_middle_one_marked() -> None:
    """S35: an option set with the middle one highlighted; S34, S36: the dearest first, as an anchor."""
    assert shown(SUITE, plan="free") == ["enterprise", "pair!", "photos"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param("", ["enterprise", "pair!", "photos"], id="the dearest first when nothing is said"),
        pytest.param(", order: most_expensive_first", ["enterprise", "pair!", "photos"], id="the dearest first"),
        pytest.param(", order: cheapest_first", ["photos", "pair!", "enterprise"], id="the cheapest first"),
        pytest.param(", order: as_written", ["photos", "pair!", "enterprise"], id="as written"),
    ],
)
def test_the_order_is_data(order: str, expected: list[str]) -> None:
    """S36: options from the most expensive down; a test of data."""
    assert shown(SUITE + order) == expected


def test_any_way_of_writing_is_shown_in_the_same_order() -> None:
    for items in permutations(["photos", "pair", "enterprise", "sign"]):
        assert shown(f"choose_from: [{', '.join(items)}]", plan="free") == ["enterprise", "pair", "sign", "photos"]


def test_what_has_no_price_is_dearest_and_equals_stay_as_written() -> None:
    assert shown("choose_from: [scan, photos, talks, cable]", plan="enterprise") == ["talks", "scan", "photos", "cable"]
    assert shown("choose_from: [talks, cable, photos, scan], order: cheapest_first", plan="enterprise") == [
        "cable",
        "photos",
        "scan",
        "talks",
    ]


def test_a_price_by_seat_is_that_of_all_seats() -> None:
    does = "choose_from: [team, plus]"
    assert shown(does, plan="free", seats=1) == ["team", "plus"]
    product = SHOP.replace("{month: 10, year: 96.10", "{month: 40, year: 96.10")
    assert shown(does, plan="free", seats=2, product=product) == ["plus", "team"]
    assert shown(does, plan="free", seats=3, product=product) == ["team", "plus"]


def test_what_is_too_far_or_too_dear_stands_beside_what_could_be_had() -> None:
    """S34: a dear one makes the others reasonable, without regard to ladder and step."""
    assert why("upgrade_to: enterprise", plan="free")[0] == "not_adjacent"
    assert shown("choose_from: [plus, enterprise]", plan="free") == ["enterprise", "plus"]
    step = "{first_price: 5}"
    assert why("add: sign", guardrails=step)[0] == "too_steep"
    assert shown("choose_from: [photos, sign, pair]", guardrails=step) == ["pair", "sign", "photos"]


@pytest.mark.parametrize(
    ("does", "owns", "plan", "expected"),
    [
        pytest.param("choose_from: [photos, sign, scan]", ["sign"], "free", ["photos", "scan"], id="what is owned"),
        pytest.param("choose_from: [free, team, photos, sign]", [], "team", ["sign", "photos"], id="what is below"),
        pytest.param(
            "choose_from: [photos, pair, scan]", ["sign"], "free", ["photos", "scan"], id="no bundle any more"
        ),
        pytest.param("choose_from: [photos, sign, room]", [], "enterprise", ["sign", "photos"], id="what adds nothing"),
    ],
)
def test_what_the_account_has_is_left_out(does: str, owns: list[str], plan: str, expected: list[str]) -> None:
    assert shown(does, owns, plan=plan) == expected


def test_what_could_be_had_again_stays() -> None:
    assert shown("choose_from: [photos, room]", ["room"]) == ["photos", "room"]


def test_fewer_than_two_left_are_a_plain_offer() -> None:
    found = made("choose_from: [photos, sign], mark: sign", ["photos"])
    assert [(option.id, option.recommended) for option in found.options] == [("sign", False)]
    assert found.content.title == "Add sign"


def test_one_at_least_must_be_something_to_go_to() -> None:
    """Anchors alone are no offer."""
    assert why("choose_from: [enterprise, pair]", ["photos"], plan="free") == (
        "nothing_fits",
        "enterprise not_adjacent, pair too_little_new",
    )


def test_the_mark_is_a_target_or_there_is_none() -> None:
    does = "choose_from: [photos, enterprise], mark: enterprise"
    assert shown(does, plan="team", seats=400) == ["enterprise!", "photos"]
    assert shown(does, plan="free") == ["enterprise", "photos"]


def test_nothing_is_ever_preselected() -> None:
    """S59: a mark recommends; one at most has it."""
    assert [option.recommended for option in made(SUITE).options] == [False, True, False]
    assert [option.recommended for option in made("choose_from: [photos, sign]").options] == [False, False]


@pytest.mark.parametrize(
    ("does", "target"),
    [
        pytest.param(SUITE, "pair", id="the one that is marked"),
        pytest.param("choose_from: [sign, photos]", "sign", id="the first as written"),
        pytest.param("choose_from: [enterprise, photos], mark: enterprise", "photos", id="the first that is a target"),
    ],
)
def test_the_offer_is_about_a_target(does: str, target: str) -> None:
    (found,) = decision(bench(does).use("report.exported")).candidates
    assert found.target == target


def test_at_a_limit_every_plan_shown_raises_it() -> None:
    product = SHOP.replace("limits: {storage_gb: 2000}", "limits: {storage_gb: 2}")
    at_limit = bench("choose_from: [plus, team, enterprise]", moment="full: {limit: storage_gb}", product=product)
    at_limit.tell(PlanChanged, plan="free", seats=3)
    assert [option.id for option in offer(at_limit.store(2)).options] == ["enterprise", "team"]


PRICE = st.tuples(st.decimals(0, 500, places=2), st.sampled_from(["month", "year", "once"]))


@settings(max_examples=60)
@given(st.lists(PRICE, min_size=3, max_size=5), st.sampled_from([Order.MOST_EXPENSIVE_FIRST, Order.CHEAPEST_FIRST]))
def test_whatever_things_cost_they_stand_in_their_order(prices: list[tuple[Decimal, str]], order: Order) -> None:
    """S36: what is shown first costs no less a month than what comes after it, or no more."""
    sold = "\n".join(f"  - {{id: p{n}, price: {{{term}: {cost}}}}}" for n, (cost, term) in enumerate(prices))
    product = SHOP[: SHOP.index("products:")] + f"products:\n{sold}\nplacements: [banner]\n"
    items = ", ".join(f"p{n}" for n in range(len(prices)))
    found = made(f"choose_from: [{items}], order: {order.value}", product=product)
    a_month = [_a_month(option) for option in found.options]
    assert a_month == sorted(a_month, reverse=order is Order.MOST_EXPENSIVE_FIRST)
    assert sorted(option.id for option in found.options) == sorted(items.split(", "))


def _a_month(option: Option) -> Fraction:
    assert option.price is not None
    months = {"month": 1, "year": 12}.get(option.price.term)
    return Fraction(0) if months is None else Fraction(option.price.amount) / months
