"""List prices, and what a change adds to the bill of a month."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oracle.numbers import MILLIONTH, MONEY, ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oracle.rules import Rules
    from oracle.state import Account


def listed(prices: Mapping[str, Decimal], account: Account, rules: Rules) -> tuple[str, Decimal] | None:
    """Term and price: on the account's own term when there is one, else on the shortest."""
    term = account.term()
    if term is not None and term in prices:
        return term, prices[term]
    if prices.get("any") == ZERO:
        return min(rules.terms, key=lambda name: rules.terms[name]), ZERO
    shortest = sorted(prices, key=lambda name: (rules.terms.get(name, 0), name))
    return (shortest[0], prices[shortest[0]]) if shortest else None


def monthly(prices: Mapping[str, Decimal], account: Account, rules: Rules, *, per_seat: bool) -> Decimal | None:
    """Whole cost a month, not rounded; None when there is no price or nobody knows how many seats."""
    return _of(listed(prices, account, rules), account.seats() if per_seat else 1, rules)


def _of(price: tuple[str, Decimal] | None, seats: int | None, rules: Rules) -> Decimal | None:
    if price is None or seats is None:
        return None
    term, amount = price
    if term == "once":
        return ZERO
    months = rules.terms.get(term)
    return None if months is None else MONEY.divide(MONEY.multiply(amount, Decimal(seats)), Decimal(months))


def _paid(account: Account, rules: Rules) -> Decimal | None:
    """What the plan costs a month now: at a price of their own, told with the plan, or by the list."""
    told, plan = account.facts.get("price"), account.facts.get("plan")
    name = account.plan(rules)
    if told is None or plan is None or (told.at, told.id) != (plan.at, plan.id) or told.number is None:
        return _plan(name, account, rules)
    sold = rules.plans.get(name or "")
    price = listed(sold.prices, account, rules) if sold is not None else None
    shortest = min(rules.terms, key=lambda term: rules.terms[term])
    term = account.term() or (price[0] if price is not None else shortest)
    return _of((term, told.number), account.seats() if sold is not None and sold.per_seat else 1, rules)


def difference(target: str, account: Account, rules: Rules) -> Decimal | None:
    """What going to ``target`` adds a month; None when a price is unknown."""
    if target in rules.products:
        more = monthly(rules.products[target].prices, account, rules, per_seat=False)
        return None if more is None else more.quantize(MILLIONTH, context=MONEY)
    before, after = _paid(account, rules), _plan(target, account, rules)
    return None if before is None or after is None else MONEY.subtract(after, before).quantize(MILLIONTH, context=MONEY)


def _plan(plan: str | None, account: Account, rules: Rules) -> Decimal | None:
    if plan is None or plan not in rules.plans:
        return None
    return monthly(rules.plans[plan].prices, account, rules, per_seat=rules.plans[plan].per_seat)
