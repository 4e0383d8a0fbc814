"""What things cost an account: by the list, by prices of its own, and all of it together a month."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from schemas.facts import Fact, PlanChanged, ProductBought, ProductEnded, SeatsChanged
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.facts import MAX_SEATS, fold
from services.trigger_engine.domain.playbook import money
from services.trigger_engine.domain.pricing import Listed, cost, listed, paid, paid_once
from services.trigger_engine.domain.situation import Situation
from tests.trigger_engine.domain.building import ACME, T0, compiled, fact
from tests.trigger_engine.domain.deciding.selling import SHOP

SOLD = compiled(SHOP).product


def account(*facts: Fact) -> AccountSlice:
    made = AccountSlice()
    for one in facts:
        fold(made, one, repeats=["room"])
    return made


def pays_now(*facts: Fact) -> Fraction | None:
    return paid(Situation(ACME, account(*facts), compiled(SHOP), T0)).whole


def on(plan: str, **data: Any) -> Fact:
    told: Fact = fact(PlanChanged, plan=plan, **data)
    return told


def bought(product: str, number: int = 1, **data: Any) -> Fact:
    told: Fact = fact(ProductBought, product=product, fact_id=f"b-{number}", at=T0 + number, **data)
    return told


@pytest.mark.parametrize(
    ("plan", "term", "price"),
    [
        pytest.param("plus", None, ("month", "10"), id="the shortest term"),
        pytest.param("plus", "year", ("year", "96.10"), id="their own term"),
        pytest.param("enterprise", "month", ("year", "6000"), id="what there is"),
        pytest.param("free", "year", ("month", "0"), id="nothing, for any term"),
    ],
)
def test_a_list_price_is_that_of_their_own_term(plan: str, term: str | None, price: tuple[str, str]) -> None:
    assert listed(SOLD.plans[plan].prices, term, SOLD) == Listed(price[0], Decimal(price[1]))


def test_what_has_no_price_has_none() -> None:
    assert listed({}, None, SOLD) is None
    assert cost(None, SOLD) is None


@pytest.mark.parametrize(
    ("facts", "whole"),
    [
        pytest.param([], "0", id="nothing"),
        pytest.param([on("plus")], "10", id="a plan"),
        pytest.param([on("plus", term="year")], "8.008333", id="a year's price by the month, half to even"),
        pytest.param([on("team", term="year", seats=3)], "45", id="by seat"),
        pytest.param([on("team")], None, id="by seat, and the seats are unknown"),
        pytest.param([on("talks")], None, id="a plan whose price is talked about"),
        pytest.param([on("gone")], None, id="a plan that is no longer sold"),
        pytest.param([on("plus"), bought("photos")], "14", id="products too"),
        pytest.param([on("plus", term="year"), bought("photos")], "11.341667", id="added up first, and rounded then"),
        pytest.param([on("plus"), bought("cable")], "10", id="what is paid once costs nothing a month"),
        pytest.param([on("plus"), bought("photos", term="year")], "13.333333", id="a product for a term of its own"),
        pytest.param([on("plus", price=Decimal("7.5"))], "7.5", id="a price of their own"),
        pytest.param([on("plus", price=90, term="year")], "7.5", id="for their own term"),
        pytest.param([on("team", price=12, seats=3)], "36", id="for each seat where the plan is"),
        pytest.param([on("talks", price=500)], "500", id="which can be talked about"),
        pytest.param([on("gone", price=5)], "5", id="or of a plan that is no longer sold"),
        pytest.param([on("plus", price=8), on("team", at=T0 + 1, seats=2)], "36", id="over with the plan it was for"),
        pytest.param([on("plus"), bought("photos", price=3)], "13", id="of a product, too"),
        pytest.param([on("plus"), bought("photos", price=36, term="year")], "13", id="for its own term"),
        pytest.param([on("plus", term="year"), bought("sign", price=84)], "15.008333", id="for the term of their plan"),
        pytest.param([on("plus"), bought("gone", price=3)], "13", id="also when it is no longer sold"),
        pytest.param([on("plus"), bought("gone", price=36, term="year")], "13", id="for the term it was told with"),
        pytest.param([on("plus"), bought("cable", price=9)], "10", id="which may be paid once"),
        pytest.param([on("plus"), bought("cable", price=9, term="month")], "19", id="or not"),
        pytest.param([on("plus"), bought("gone")], None, id="a product that is no longer sold"),
        pytest.param(
            [bought("room"), bought("room", 2), bought("room", 3, price=1)], "7", id="each time it was bought"
        ),
        pytest.param(
            [bought("room"), fact(ProductEnded, product="room", at=T0 + 5), bought("room", 6)],
            "3",
            id="since it ended last",
        ),
    ],
)
def test_what_an_account_pays_a_month(facts: list[Fact], whole: str | None) -> None:
    pays = pays_now(*facts)
    assert (None if pays is None else money.told(pays)) == (None if whole is None else Decimal(whole))


@pytest.mark.parametrize(
    ("purchase", "once"),
    [
        pytest.param(bought("cable"), "12", id="the list price"),
        pytest.param(bought("cable", price=Decimal("9.50")), "9.50", id="a price of their own"),
        pytest.param(bought("cable", term="month"), "12", id="also for a term that it is not sold for"),
        pytest.param(bought("gone", term="once", price=40), "40", id="what is no longer sold, as the fact says"),
        pytest.param(bought("photos", term="once", price=40), "40", id="or is sold otherwise"),
        pytest.param(bought("cable", price=0), "0", id="a gift"),
        pytest.param(bought("cable", price=Decimal("0.0000005")), "0", id="to a millionth, half to even"),
        pytest.param(bought("cable", price=9, term="month"), None, id="not what is paid by term this time"),
        pytest.param(bought("photos"), None, id="not what is paid by term"),
        pytest.param(bought("photos", term="once"), None, id="not at a list price that is by term"),
        pytest.param(bought("gone"), None, id="not what has no price"),
        pytest.param(bought("gone", term="once"), None, id="not what has no price, for all that it is paid once"),
        pytest.param(bought("gone", price=40), None, id="not what nobody says is paid once"),
        pytest.param(on("plus", term="once", price=400), None, id="not a plan, which is paid by term"),
        pytest.param(fact(ProductEnded, product="cable"), None, id="not what ends: nothing says it is given back"),
    ],
)
def test_what_was_paid_once(purchase: Fact, once: str | None) -> None:
    now = Situation(ACME, account(on("plus", term="year"), purchase), compiled(SHOP), T0)
    assert paid_once(now, purchase) == (None if once is None else Decimal(once))


def test_each_purchase_says_what_was_paid_by_itself() -> None:
    """Also of what can not be bought again, by a purchase that is older than the newest known: it stays paid."""
    first, second = bought("cable", 1, price=9), bought("cable", 2, price=10)
    now = Situation(ACME, account(second, first), compiled(SHOP), T0)
    assert [paid_once(now, one) for one in (first, second)] == [9, 10]


def test_costs_are_added_up_unrounded() -> None:
    pays = pays_now(on("plus", term="year"), bought("photos"))
    assert pays == Fraction("96.10") / 12 + Fraction(40, 12)


def test_the_largest_account_at_the_largest_price_is_still_reckoned() -> None:
    dear = Listed("month", Decimal("999999999999999999.999999999"))
    pays = cost(dear, SOLD, account(fact(SeatsChanged, seats=MAX_SEATS)).seats())
    assert pays is not None
    assert money.told(pays) == Decimal("999999999999999999999999999.000000")
