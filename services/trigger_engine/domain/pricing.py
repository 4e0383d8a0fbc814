"""What things cost an account: by the list, by prices of its own, and all of it together a month.

Costs a month are exact, and rounded only where they are told (`money.told`).
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from schemas.facts import Fact, ProductBought
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.facts import PRICE_OF, TERM_OF
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.money import a_month, told
from services.trigger_engine.domain.playbook.product import ANY_TERM, ONCE, PlanSold, Product
from services.trigger_engine.domain.situation import Situation

NOTHING: Final = Fraction(0)


class Listed(Struct, frozen=True):
    """A list price: ``amount`` for ``term``."""

    term: str
    amount: Decimal


class Paid(Struct, frozen=True):
    """What an account pays a month, for its plan and in all; None where a price is not known.

    ``told`` is the whole as it is told.
    """

    plan: Fraction | None
    whole: Fraction | None
    told: Decimal | None


def listed(prices: Mapping[str, Decimal], term: str | None, product: Product) -> Listed | None:
    """The list price for ``term``, else for the shortest there is; None when there is no price."""
    if term is not None and term in prices:
        return Listed(term, prices[term])
    if prices.get(ANY_TERM) == ZERO:  # nothing costs nothing, whatever the term
        return Listed(min(product.terms, key=lambda name: product.terms[name]), ZERO)
    shortest = min(((product.terms.get(name, 0), name) for name in prices), default=None)
    return None if shortest is None else Listed(shortest[1], prices[shortest[1]])


def more(after: Fraction | None, before: Fraction | None) -> Fraction | None:
    """What one cost adds to another that it takes the place of; None when either is not known."""
    return None if after is None or before is None else after - before


def cost(price: Listed | None, product: Product, seats: int | None = 1) -> Fraction | None:
    """What a price comes to a month for so many seats; None when either is not known. What is paid once is nothing."""
    if price is None or seats is None:
        return None
    if price.term == ONCE:
        return NOTHING
    months = product.terms.get(price.term)
    if months is None:
        return None
    each = a_month(price.amount, months)
    return each if seats == 1 else each * seats


def paid(situation: Situation) -> Paid:
    """What the account pays now: its own prices where it has some, the list prices of its terms else."""
    kept: dict[None, Paid] = situation.kept("paid")
    found = kept.get(None)
    if found is None:
        account, product = situation.account, situation.rules.product
        plan, beside = _for_plan(account, product), _beside(account, product)
        whole = None if plan is None or beside is None else _together(plan, beside)
        found = kept[None] = Paid(plan, whole, None if whole is None else told(whole))
    return found


def _together(plan: Fraction, beside: Fraction) -> Fraction:
    """Most accounts have nothing beside their plan, and adding nothing to a fraction takes its time."""
    return plan + beside if beside else plan


def paid_once(situation: Situation, fact: Fact) -> Decimal | None:
    """What was paid once by a purchase, as it is told; None for any other fact, for what is paid by term, and unknown.

    Each purchase by itself, whatever else is known: money that was paid stays paid.
    """
    if not isinstance(fact, ProductBought):
        return None
    bought = fact.data
    price = _price(bought.product, bought.term, bought.price, situation.account, situation.rules.product)
    return told(Fraction(price.amount)) if price is not None and price.term == ONCE else None


def rank(price: Listed | None, situation: Situation, *, per_seat: bool) -> tuple[bool, Fraction]:
    """Where something stands among others by what it costs a month, at present seats; without a price after all."""
    seats = (situation.account.seats() or 1) if per_seat else 1
    costs = cost(price, situation.rules.product, seats)
    return costs is None, costs or NOTHING


def own_plan_price(account: AccountSlice, product: Product) -> Listed | None:
    """What the account pays for its plan and term, for each seat where the plan is; None when that is not known."""
    plan = product.plans.get(account.plan(product) or "")
    price = listed(plan.prices, account.term(), product) if plan is not None else None
    own = account.price()
    if own is None:
        return price
    term = account.term() or (price.term if price is not None else _shortest(product))
    return Listed(term, own)


def _for_plan(account: AccountSlice, product: Product) -> Fraction | None:
    plan = product.plans.get(account.plan(product) or "")
    seats = _seats(plan, account) if plan is not None else 1
    return cost(own_plan_price(account, product), product, seats)


def _beside(account: AccountSlice, product: Product) -> Fraction | None:
    total = NOTHING
    for name in account.owned():
        for slot in account.purchases(name):
            price = _purchase(name, slot, account, product)
            if price is None:
                return None
            total += price
    return total


def _purchase(name: str, slot: str, account: AccountSlice, product: Product) -> Fraction | None:
    """What one purchase costs a month."""
    told, own = account.told_with(slot, TERM_OF + slot), account.told_with(slot, PRICE_OF + slot)
    term = told.value if told is not None and isinstance(told.value, str) else None
    return cost(_price(name, term, None if own is None else own.number, account, product), product)


def _price(name: str, told: str | None, own: Decimal | None, account: AccountSlice, product: Product) -> Listed | None:
    """What a purchase costs by the term and the price that were ``told`` with it, where they were."""
    term = account.term() if told is None else told
    sold = product.products.get(name)
    price = listed(sold.prices, term, product) if sold is not None else None
    if own is None:
        return price
    at = term if told is not None or price is None else price.term
    return Listed(at or _shortest(product), own)


def _seats(plan: PlanSold, account: AccountSlice) -> int | None:
    return account.seats() if plan.per_seat else 1


def _shortest(product: Product) -> str:
    return min(product.terms, key=lambda name: product.terms[name])
