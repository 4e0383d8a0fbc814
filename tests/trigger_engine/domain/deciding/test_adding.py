"""Something beside the plan: a product, what goes best with what was bought, several products at one price."""

from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.facts import AccountCreated, LimitSet, PlanChanged, ProductBought, ProductEnded
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.deciding.adding import add, bundle_item, just_bought
from services.trigger_engine.domain.deciding.candidate import Sort
from services.trigger_engine.domain.deciding.item import Item
from services.trigger_engine.domain.deciding.options import saving
from services.trigger_engine.domain.facts import fold
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import (
    Ending,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
    OutcomeMoment,
)
from services.trigger_engine.domain.playbook.sets import compile_set
from services.trigger_engine.domain.playbook.verbs import Add, SellBundle
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, T0, D, compiled, decision, fact, offer
from tests.trigger_engine.domain.deciding.selling import SHOP, candidate, costs, option, saves, told, why

SOLD: Final = compiled(SHOP)
MOMENT: Final = MilestoneMoment("m", "exports", Decimal(1), D)

# --- a product -------------------------------------------------------------------------------------


def test_a_product_is_offered_for_their_own_term() -> None:
    found = option("add: photos", plan="plus", term="year")
    assert (found.id, found.kind, found.sort) == ("photos", "product", "tool")
    assert costs(found) == "40 a year"


def test_what_is_owned_is_not_offered_again_unless_it_can_be_had_again() -> None:
    assert why("add: photos", ["photos"]) == ("owned", "photos")
    assert candidate("add: photos", ["photos"]).target == "photos"
    assert why("add: room", ["room", "room"]) == (None, None)


@pytest.mark.parametrize("limit", ["unlimited", Decimal(5)])
def test_capacity_adds_nothing_where_there_is_no_end(limit: Any) -> None:
    bench = told("add: room")
    bench.tell(LimitSet, meter="storage_gb", value=limit)
    (found,) = decision(bench.use("report.exported")).candidates
    nothing = ("lifts_nothing", "storage_gb", "room") if limit == "unlimited" else (None, None, "room")
    assert (found.reason, found.detail, found.target) == nothing


def test_capacity_counts_how_often_it_was_bought() -> None:
    """S14: capacity add-ons are an upsell like any other, and can be had again."""
    bench = told("add: room", ["room", "room", "room"])
    assert bench.account("acme").limit("storage_gb", bench.core.rules.product) == 3002


def test_a_purchase_told_twice_counts_once_and_what_ended_counts_no_more() -> None:
    bench = told("add: room")
    for at, fact_id in ((1, "a"), (1, "a"), (2, "b")):
        bench.tell(ProductBought, product="room", at=T0 + at, fact_id=fact_id)
    limit = bench.account("acme").limit
    assert limit("storage_gb", bench.core.rules.product) == 2002
    bench.tell(ProductEnded, product="room", at=T0 + 3)
    assert limit("storage_gb", bench.core.rules.product) == 2
    bench.tell(ProductBought, product="room", at=T0 + 4)
    bench.tell(ProductBought, product="room", at=T0 + 2, fact_id="told too late")
    assert limit("storage_gb", bench.core.rules.product) == 1002


@given(st.permutations([("bought", 1), ("bought", 2), ("ended", 3), ("bought", 4), ("bought", 5), ("bought", 5)]))
def test_any_order_of_purchases_ends_the_same(order: list[tuple[str, int]]) -> None:
    bench = told("add: room")
    for what, at in order:
        bench.tell(ProductBought if what == "bought" else ProductEnded, product="room", at=T0 + at, fact_id=f"f{at}")
    assert bench.account("acme").limit("storage_gb", bench.core.rules.product) == 2002
    assert len(bench.account("acme").purchases("room")) == 2


# --- what goes with it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owns", "plan", "target"),
    [
        pytest.param(["photos"], "free", "sign", id="what goes best with what was bought last; the first of equals"),
        pytest.param(["photos", "sign"], "free", None, id="nothing goes with that"),
        pytest.param(["sign", "photos"], "free", "scan", id="not what is owned"),
        pytest.param(["sign", "scan", "photos"], "free", "cable", id="but the next best"),
        pytest.param([], "plus", "photos", id="a plan was bought"),
    ],
)
def test_what_goes_best_with_what_was_just_bought(owns: list[str], plan: str, target: str | None) -> None:
    """S38: frequently bought together."""
    if target is None:
        assert why("add: complement", owns, plan=plan) == ("nothing_fits", f"nothing new goes with {owns[-1]}")
    else:
        assert option("add: complement", owns, plan=plan).id == target


def test_to_who_bought_nothing_nothing_goes() -> None:
    assert why("add: complement") == ("nothing_fits", "nothing was bought")


def test_the_last_purchase_is_the_newest_by_its_own_time() -> None:
    bench = told("add: complement", ["photos"])
    bench.tell(ProductBought, product="cable", at=T0 - D)
    assert offer(bench.use("report.exported")).options[0].id == "sign"
    bench.tell(PlanChanged, plan="team", at=T0 + D)
    assert just_bought(Passed(MOMENT, T0), Situation(ACME, bench.account(ACME), SOLD, T0)) == "team"


def test_only_a_plan_and_products_are_bought() -> None:
    bench = told("add: complement", ["photos"])
    bench.tell(AccountCreated, at=T0 + D)
    bench.tell(ProductEnded, product="sign", at=T0 + D)
    assert just_bought(Passed(MOMENT, T0), Situation(ACME, bench.account(ACME), SOLD, T0)) == "photos"


def test_what_the_moment_is_about_goes_before_what_came_last() -> None:
    situation = Situation(ACME, told("add: complement", ["photos", "sign"]).account(ACME), SOLD, T0)
    assert just_bought(Passed(MOMENT, T0), situation) == "sign"
    assert just_bought(Passed(MOMENT, T0, about="photos"), situation) == "photos"
    of_photos = OnboardingMoment("m", ("report.exported",), OnboardingOf.ACCOUNT, None, D, product="photos")
    assert just_bought(Passed(of_photos, T0), situation) == "photos"
    of_an_offer = OutcomeMoment("m", Ending.ACCEPTED, "it", None, D)
    assert just_bought(Passed(of_an_offer, T0, about="id of an offer"), situation) == "sign"


# --- strength --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "owns", "plan", "strength"),
    [
        pytest.param("photos", [], "free", "1", id="goes with nothing that they have"),
        pytest.param("photos", [], "team", "1.2", id="goes with their plan"),
        pytest.param("sign", ["photos"], "plus", "2", id="the strongest counts"),
        pytest.param("room", ["photos"], "plus", "1", id="says nothing of it"),
    ],
)
def test_a_product_is_as_strong_as_it_goes_with_what_they_have(
    name: str, owns: list[str], plan: str, strength: str
) -> None:
    bench = told("add: photos", owns, plan=plan)
    found = add(Add(name), Situation(ACME, bench.account(ACME), SOLD, T0))
    assert isinstance(found, Item)
    assert (found.strength, found.sort) == (Decimal(strength), Sort.UPSELL if name == "room" else Sort.CROSS_SELL)


# --- bundles ---------------------------------------------------------------------------------------


def test_a_bundle_of_what_is_all_new_has_its_price_and_its_saving() -> None:
    """S32: what is saved is computed: 16 apart, 10 together."""
    found = option("bundle: creative")
    assert (found.id, found.kind, found.items) == ("creative", "bundle", ("photos", "sign", "scan"))
    assert (costs(found), saves(found)) == ("10 a month", "6 a month, 37%")


def test_three_for_the_price_of_two_save_a_third() -> None:
    """S32: 3 x 100 against 200 is a saving of 33 percent."""
    product = SHOP.replace(
        "products:", "products:\n" + "".join(f"  - {{id: x{n}, price: {{month: 100}}}}\n" for n in "abc")
    )
    product = product.replace("bundles:", "bundles:\n  - {id: three, items: [xa, xb, xc], price: {month: 200}}")
    assert saves(option("bundle: three", product=product)) == "100 a month, 33%"


@pytest.mark.parametrize(
    ("owns", "items", "price", "saved"),
    [
        pytest.param(["photos"], ("sign", "scan"), "7.50 a month", "4.50 a month, 37%", id="12 of 16: 3/4 of 10"),
        pytest.param(["sign"], ("photos", "scan"), "5.00 a month", "3.00 a month, 37%", id="8 of 16: half of it"),
    ],
)
def test_what_is_owned_is_left_out_and_the_rest_costs_its_share(
    owns: list[str], items: tuple[str, ...], price: str, saved: str
) -> None:
    """S37: without what they own, at a price computed anew."""
    found = option("bundle: creative", owns)
    assert (found.items, costs(found), saves(found)) == (items, price, saved)


@pytest.mark.parametrize(
    ("price", "currency", "left"), [("9.99", "EUR", "4.99"), ("9", "JPY", "4"), ("9.999", "KWD", "4.999")]
)
def test_the_share_is_rounded_down_to_what_is_paid_in_the_currency(price: str, currency: str, left: str) -> None:
    product = SHOP.replace("price: {month: 10, year: 100}", f"price: {{month: {price}}}").replace("EUR", currency)
    assert costs(option("bundle: creative", ["sign"], product=product)) == f"{left} a month"


@pytest.mark.parametrize(
    ("owns", "detail"),
    [(["photos", "sign"], "scan"), (["photos", "sign", "scan"], None)],
)
def test_fewer_than_two_new_things_are_no_bundle(owns: list[str], detail: str | None) -> None:
    """S37: dropped when fewer than two new items remain."""
    found = candidate("bundle: creative", owns)
    assert (found.reason, found.detail, found.target) == ("too_little_new", detail, "creative")


def test_a_bundle_is_priced_for_their_own_term() -> None:
    found = option("bundle: creative", ["photos"], plan="plus", term="year")
    assert (costs(found), saves(found)) == ("77.01 a year", "56.99 a year, 42%")


PRICES = st.decimals(min_value="0.01", max_value=1000, places=2)


@settings(max_examples=60)
@given(st.lists(PRICES, min_size=3, max_size=3), st.decimals(min_value=0, max_value=1, places=3), st.integers(0, 2))
def test_what_is_left_of_a_bundle_never_costs_more_than_by_itself(
    prices: list[Decimal], share: Decimal, owned: int
) -> None:
    total = sum(prices, Decimal(0))
    price = (total * share).quantize(Decimal("0.01"), ROUND_DOWN)
    names = ["p0", "p1", "p2"]
    sold = "".join(f"  - {{id: {name}, price: {{month: {cost}}}}}\n" for name, cost in zip(names, prices, strict=True))
    document = (
        f"product: x\nplans: [{{id: free, price: 0}}]\ndefault_plan: free\nplacements: [here]\nproducts:\n{sold}"
        f"bundles: [{{id: all, items: [p0, p1, p2], price: {{month: {price}}}}}]\n"
    )
    rules = compile_set([("product.yaml", document)], 7)
    account = AccountSlice()
    fold(account, fact(ProductBought, product=names[owned]))
    found = bundle_item(SellBundle("all"), Situation(ACME, account, rules, T0))
    assert isinstance(found, Item)
    assert found.price is not None
    left = [cost for name, cost in zip(names, prices, strict=True) if name != names[owned]]
    assert found.price.amount <= min(price, sum(left, Decimal(0)))
    told_saving = saving(found, rules.product)
    assert told_saving is None or 0 < told_saving.amount <= sum(left, Decimal(0))
    assert told_saving is None or 0 <= told_saving.percent <= 100
