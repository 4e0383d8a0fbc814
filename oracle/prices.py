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
    """Whole cost a month; None when there is no price or nobody knows how many seats."""
    found = listed(prices, account, rules)
    seats = account.seats() if per_seat else 1
    if found is None or seats is None:
        return None
    term, amount = found
    if term == "once":
        return ZERO
    whole = MONEY.divide(MONEY.multiply(amount, Decimal(seats)), Decimal(rules.terms.get(term, 1)))
    return whole.quantize(MILLIONTH, context=MONEY)


def difference(target: str, account: Account, rules: Rules) -> Decimal | None:
    """What going to ``target`` adds a month; None when a price is unknown."""
    if target in rules.products:
        return monthly(rules.products[target].prices, account, rules, per_seat=False)
    before, after = (_plan(plan, account, rules) for plan in (account.plan(rules), target))
    return None if before is None or after is None else MONEY.subtract(after, before)


def _plan(plan: str | None, account: Account, rules: Rules) -> Decimal | None:
    if plan is None or plan not in rules.plans:
        return None
    return monthly(rules.plans[plan].prices, account, rules, per_seat=rules.plans[plan].per_seat)
