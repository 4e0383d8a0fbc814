"""What is known of an account, read from its facts."""

from decimal import Decimal

import pytest

from schemas.facts import AttributeSet, LimitSet, PlanChanged, ProductBought, ProductEnded
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.facts import MAX_SEATS, fold
from services.trigger_engine.domain.playbook.product import LimitValue
from tests.trigger_engine.domain.building import PRODUCT, T0, compiled, fact

SOLD = compiled(PRODUCT).product


def test_an_account_of_which_nothing_was_told_is_on_the_default_plan() -> None:
    account = AccountSlice()
    assert account.plan(SOLD) == "free"
    assert (account.term(), account.seats(), account.owned(), account.period()) == (None, None, [], None)


def test_what_is_owned_is_sorted_and_without_what_ended() -> None:
    account = AccountSlice()
    for product in ("room", "photos", "cable"):
        fold(account, fact(ProductBought, product=product))
    fold(account, fact(ProductEnded, product="room", at=T0 + 1))
    assert account.owned() == ["cable", "photos"]


@pytest.mark.parametrize(
    ("plan", "seats", "meter", "limit"),
    [
        pytest.param("free", None, "storage_gb", Decimal(10), id="a number"),
        pytest.param("team", 3, "storage_gb", Decimal(3000), id="by seat"),
        pytest.param("team", 0, "storage_gb", Decimal(0), id="by seat, of none"),
        pytest.param("team", None, "storage_gb", None, id="by seat, and the seats are unknown"),
        pytest.param("team", MAX_SEATS, "storage_gb", Decimal(1000) * MAX_SEATS, id="by very many seats, exactly"),
        pytest.param("enterprise", None, "storage_gb", "unlimited", id="without end"),
        pytest.param("team", 3, "projects", None, id="a limit that the plan does not name"),
        pytest.param("gone", 3, "storage_gb", None, id="a plan that is no longer sold"),
    ],
)
def test_a_limit_is_that_of_the_plan(plan: str, seats: int | None, meter: str, limit: LimitValue | None) -> None:
    account = AccountSlice()
    fold(account, fact(PlanChanged, plan=plan, seats=seats))
    assert account.limit(meter, SOLD) == limit


@pytest.mark.parametrize(
    ("value", "limit"), [(Decimal("0.5"), Decimal("0.5")), (Decimal(0), 0), ("unlimited", "unlimited")]
)
def test_a_limit_of_their_own_goes_first(value: LimitValue, limit: LimitValue) -> None:
    account = AccountSlice()
    fold(account, fact(ProductBought, product="room"))
    fold(account, fact(LimitSet, meter="storage_gb", value=value))
    assert account.limit("storage_gb", SOLD) == limit


@pytest.mark.parametrize(
    ("declared", "told", "number"),
    [
        pytest.param("{type: number, default: 0.5}", None, Decimal("0.5"), id="the default"),
        pytest.param("{type: whole, default: 3}", None, Decimal(3), id="a whole default"),
        pytest.param("{type: number, default: 0.5}", Decimal("0.75"), Decimal("0.75"), id="what was told goes first"),
        pytest.param("{type: number}", None, None, id="unknown without a default"),
        pytest.param("{type: flag, default: true}", None, None, id="yes is no number"),
        pytest.param("{type: text, default: '7'}", None, None, id="text is no number"),
        pytest.param("{type: text, default: a}", "7", None, id="nor is text that was told"),
    ],
)
def test_a_declared_fact_is_a_number_where_it_says_one(
    declared: str, told: Decimal | str | None, number: Decimal | None
) -> None:
    sold, account = compiled(f"{PRODUCT}facts: {{health: {declared}}}\n").product, AccountSlice()
    if told is not None:
        fold(account, fact(AttributeSet, name="health", value=told))
    assert account.number("health", sold) == number
    assert account.number("wealth", sold) is None


def test_capacity_bought_adds_to_what_the_plan_gives() -> None:
    account = AccountSlice()
    fold(account, fact(ProductBought, product="room"))
    assert account.limit("storage_gb", SOLD) == 1010
    assert account.limit_on("plus", "storage_gb", SOLD) == 3000
    assert account.limit_on("enterprise", "storage_gb", SOLD) == "unlimited"
