"""List prices, and what an offer would change a month."""

from decimal import Decimal

import pytest

from schemas.facts import PlanChanged, SeatsChanged
from schemas.offers import Price
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.deciding.pricing import difference, listed, monthly
from services.trigger_engine.domain.facts import MAX_SEATS, fold
from tests.trigger_engine.domain.building import PRODUCT, compiled, fact

SOLD = compiled(PRODUCT).product


def account(plan: str = "free", term: str | None = None, seats: int | None = None) -> AccountSlice:
    made = AccountSlice()
    fold(made, fact(PlanChanged, plan=plan, term=term))
    if seats is not None:
        fold(made, fact(SeatsChanged, seats=seats))
    return made


@pytest.mark.parametrize(
    ("plan", "term", "price"),
    [
        pytest.param("plus", None, Price(amount=Decimal(10), currency="USD", term="month"), id="the shortest term"),
        pytest.param("plus", "year", Price(amount=Decimal("96.10"), currency="USD", term="year"), id="their own term"),
        pytest.param(
            "enterprise", "month", Price(amount=Decimal(6000), currency="USD", term="year"), id="what there is"
        ),
        pytest.param(
            "free", "year", Price(amount=Decimal(0), currency="USD", term="month"), id="nothing, for any term"
        ),
    ],
)
def test_a_list_price_is_that_of_their_own_term(plan: str, term: str | None, price: Price) -> None:
    assert listed(SOLD.plans[plan].prices, account(term=term), SOLD, per_seat=False) == price


def test_what_has_no_price_has_none() -> None:
    assert listed({}, account(), SOLD, per_seat=False) is None
    assert monthly({}, account(), SOLD, per_seat=False) is None


@pytest.mark.parametrize(
    ("target", "of", "difference_a_month"),
    [
        pytest.param("plus", account(), "10", id="from nothing"),
        pytest.param("plus", account(term="year"), "8.008333", id="a year's price by the month, half to even"),
        pytest.param("team", account(seats=3), "54", id="per seat"),
        pytest.param("team", account(), None, id="per seat, and the seats are unknown"),
        pytest.param("enterprise", account("team", "year", 2), "470", id="from seats to a fixed price"),
        pytest.param("photos", account("plus"), "4", id="a product comes on top"),
        pytest.param("cable", account("plus"), "0", id="what is paid once costs nothing a month"),
        pytest.param("plus", account("gone"), None, id="from a plan that is no longer sold"),
        pytest.param("free", account("plus"), "-10", id="down"),
    ],
)
def test_the_difference_a_month(target: str, of: AccountSlice, difference_a_month: str | None) -> None:
    expected = None if difference_a_month is None else Decimal(difference_a_month)
    assert difference(target, of, SOLD) == expected


def test_the_largest_account_at_the_largest_price_is_still_reckoned() -> None:
    dear = {"month": Decimal("999999999999999999.999999999")}
    whole = monthly(dear, account(seats=MAX_SEATS), SOLD, per_seat=True)
    assert whole == Decimal("999999999999999999999999999.000000")
