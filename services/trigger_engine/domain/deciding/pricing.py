"""List prices: what an option costs, and what it would change a month."""

from collections.abc import Mapping
from decimal import Decimal

from schemas.offers import Price
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.money import ROUNDED, per_month
from services.trigger_engine.domain.playbook.product import ANY_TERM, ONCE, Product


def listed(prices: Mapping[str, Decimal], account: AccountSlice, product: Product, *, per_seat: bool) -> Price | None:
    """The list price on the account's own term when there is one, else on the shortest."""
    found = _priced(prices, account, product)
    if found is None:
        return None
    term, amount = found
    return Price(amount=amount, currency=product.currency, term=term, per_seat=per_seat)


def monthly(
    prices: Mapping[str, Decimal], account: AccountSlice, product: Product, *, per_seat: bool
) -> Decimal | None:
    """Whole cost a month at list price; None when there is no price, or it depends on seats that are unknown.

    What is paid once costs nothing a month.
    """
    found = _priced(prices, account, product)
    if found is None:
        return None
    term, amount = found
    seats = account.seats() if per_seat else 1
    if seats is None:
        return None
    if term == ONCE:
        return ZERO
    return per_month(ROUNDED.multiply(amount, Decimal(seats)), product.terms.get(term, 1))


def difference(target: str, account: AccountSlice, product: Product) -> Decimal | None:
    """What going to ``target`` (a plan, or a product beside the plan) adds a month; None when a price is unknown."""
    if target in product.products:
        return monthly(product.products[target].prices, account, product, per_seat=False)
    plan = account.plan(product)
    before = _plan_monthly(plan, account, product) if plan is not None else None
    after = _plan_monthly(target, account, product)
    return None if before is None or after is None else ROUNDED.subtract(after, before)


def _plan_monthly(plan: str, account: AccountSlice, product: Product) -> Decimal | None:
    sold = product.plans.get(plan)
    return monthly(sold.prices, account, product, per_seat=sold.per_seat) if sold is not None else None


def _priced(prices: Mapping[str, Decimal], account: AccountSlice, product: Product) -> tuple[str, Decimal] | None:
    term = account.term()
    if term is not None and term in prices:
        return term, prices[term]
    if prices.get(ANY_TERM) == ZERO:  # nothing costs nothing, whatever the term
        return min(product.terms, key=lambda name: product.terms[name]), ZERO
    by_length = sorted((product.terms.get(name, 0), name) for name in prices)
    return (by_length[0][1], prices[by_length[0][1]]) if by_length else None
