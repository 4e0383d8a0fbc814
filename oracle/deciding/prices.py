"""What things cost an account: by the list, at prices of its own, and all together a month. Exact until it is told."""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from oracle.deciding.candidate import Price
from oracle.language.sold import ANY_TERM, ONCE
from oracle.numbers import ZERO

if TYPE_CHECKING:
    from oracle.language.reading_product import ProductDocument
    from oracle.language.sold import Prices
    from oracle.messages import Message
    from oracle.state import Account

DOWN: Final = Context(prec=96, rounding=ROUND_DOWN)
MILLION: Final = 10**6
DIGITS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits after the point of currencies that have not two (ISO 4217)."""

Cost = Fraction | None
"""What is paid a month; None when that is not known."""


def told(cost: Fraction) -> Decimal:
    """A cost a month as it is told: to a millionth, half to even."""
    return Decimal(round(cost * MILLION)).scaleb(-6, context=DOWN)


def unit(currency: str) -> Decimal:
    """The smallest amount that is paid."""
    return Decimal(1).scaleb(-DIGITS.get(currency, 2))


def listed(prices: Prices, term: str | None, product: ProductDocument) -> Price | None:
    """The list price for ``term``, else for the shortest there is."""
    if term is not None and term in prices:
        return Price(term, prices[term])
    if prices.get(ANY_TERM) == ZERO:
        return Price(shortest(product), ZERO)
    terms = sorted(prices, key=lambda name: (product.terms.get(name, 0), name))
    return Price(terms[0], prices[terms[0]]) if terms else None


def shortest(product: ProductDocument) -> str:
    """The shortest term there is."""
    return min(product.terms, key=lambda name: product.terms[name])


def cost(price: Price | None, product: ProductDocument, seats: int | None = 1) -> Cost:
    """What a price comes to a month for so many seats. What is paid once is nothing a month."""
    if price is None or seats is None:
        return None
    if price.term == ONCE:
        return Fraction(0)
    months = product.terms.get(price.term)
    return None if months is None else Fraction(price.amount) / months * seats


def more(after: Cost, before: Cost) -> Cost:
    """What one adds to another that it takes the place of."""
    return None if after is None or before is None else after - before


def rank(price: Price | None, account: Account, product: ProductDocument, *, per_seat: bool) -> tuple[bool, Fraction]:
    """Where something stands by its cost a month at present seats; what has no price comes after all."""
    costs = cost(price, product, (account.seats() or 1) if per_seat else 1)
    return costs is None, costs or Fraction(0)


# --- what the account pays now ----------------------------------------------------------------------


def own_plan(account: Account, product: ProductDocument) -> Price | None:
    """What it pays for its plan, for each seat where the plan is."""
    plan = product.plans.get(account.plan(product) or "")
    price = None if plan is None else listed(plan.prices, account.term(), product)
    own = account.told_with("plan", "price")
    if own is None or own.number is None:
        return price
    return Price(account.term() or (shortest(product) if price is None else price.term), own.number)


def for_plan(account: Account, product: ProductDocument) -> Cost:
    """The same, all seats, a month."""
    plan = product.plans.get(account.plan(product) or "")
    seats = account.seats() if plan is not None and plan.per_seat else 1
    return cost(own_plan(account, product), product, seats)


def whole(account: Account, product: ProductDocument) -> Cost:
    """All that it pays, for its plan and for what it has beside it."""
    total = for_plan(account, product)
    for name in account.owned():
        for slot in account.purchases(name):
            price = _purchase(name, slot, account, product)
            total = None if total is None or price is None else total + price
    return total


def once(fact: Message, account: Account, product: ProductDocument) -> Cost:
    """What somebody paid once: for a product that is sold so, or for which the fact says so."""
    if fact.type != "rung.product_bought":
        return None
    term, own, sold = fact.data["term"], fact.data["price"], product.products.get(fact.data["product"])
    by_list = None if sold is None else listed(sold.prices, term or account.term(), product)
    if own is None:
        return Fraction(by_list.amount) if by_list is not None and by_list.term == ONCE else None
    agreed = term or (account.term() if by_list is None else by_list.term)
    return Fraction(own) if agreed == ONCE else None


def _purchase(name: str, slot: str, account: Account, product: ProductDocument) -> Cost:
    told_term, own = account.told_with(slot, f"term:{slot}"), account.told_with(slot, f"price:{slot}")
    term = told_term.value if told_term is not None and isinstance(told_term.value, str) else account.term()
    sold = product.products.get(name)
    price = None if sold is None else listed(sold.prices, term, product)
    if own is not None and own.number is not None:
        at = term if told_term is not None or price is None else price.term
        price = Price(at or shortest(product), own.number)
    return cost(price, product)
