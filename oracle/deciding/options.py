"""What is told of a thing on offer: its price, what it saves, and what it gives beyond what the account has."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oracle.deciding import prices
from oracle.deciding.upgrades import higher
from oracle.numbers import ZERO, plus, spoken, times
from oracle.telling import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.deciding.candidate import Item
    from oracle.detecting.scene import Scene

Gains = list[dict[str, Any]]


def option(item: Item, scene: Scene, *, recommended: bool) -> dict[str, Any]:
    """One thing that can be chosen."""
    product, price = scene.rules.product, item.price
    told = None
    if price is not None:
        told = {
            "amount": str(price.amount),
            "currency": product.currency,
            "term": price.term,
            "per_seat": item.per_seat,
        }
    return known(
        id=item.id,
        kind=item.kind,
        items=list(item.items),
        quantity=None if item.quantity is None else str(item.quantity),
        sort=product.products[item.id].sort if item.kind == "product" else None,
        price=told,
        saving=saving(item, scene),
        gains=_gains(item, scene),
        recommended=recommended,
    )


def saving(item: Item, scene: Scene) -> dict[str, Any] | None:
    """What it costs less than without the offer: of a bundle for its term, of a longer term a month, rounded down."""
    price, instead, product = item.price, item.instead, scene.rules.product
    if price is None or instead is None:
        return None
    if price.term == instead.term:
        had, has, term = instead.amount, price.amount, price.term
        amount = plus(had, has.copy_negate())
    else:
        months, before = product.terms[price.term], product.terms[instead.term]
        had, has = times(instead.amount, Decimal(months)), times(price.amount, Decimal(before))
        less = prices.DOWN.divide(plus(had, has.copy_negate()), Decimal(months * before))
        amount = less.quantize(prices.unit(product.currency), context=prices.DOWN)
        term = next((name for name, length in product.terms.items() if length == 1), "month")
    if amount <= ZERO:
        return None
    percent = 0
    if had > 0:
        percent = int(prices.DOWN.divide(times(plus(had, has.copy_negate()), Decimal(100)), had))
    return {"amount": str(amount), "currency": product.currency, "term": term, "percent": str(percent)}


# --- gains ------------------------------------------------------------------------------------------


def _gains(item: Item, scene: Scene) -> Gains:
    match item.kind:
        case "plan":
            return _limits(item, scene) + _features(item, scene)
        case "product":
            return _capacity([item.id], scene)
        case "bundle":
            return _capacity(item.items, scene) + [{"what": name, "after": "included"} for name in item.items]
        case "seats":
            has, more = scene.account.seats() or 0, item.quantity or 0
            return [{"what": "seats", "before": str(has), "after": str(has + more)}, *_limits(item, scene)]
        case "term":
            return _features(item, scene)
        case _:
            return []


def _limits(item: Item, scene: Scene) -> Gains:
    account, product, found = scene.account, scene.rules.product, []
    for meter in product.plans[item.id].limits:
        before, after = account.limit(meter, product), account.limit_on(item.id, meter, product, item.quantity or 0)
        if after is not None and (before is None or higher(after, before)):
            told = None if before is None else limit_shown(before)
            found.append(known(what=meter, before=told, after=limit_shown(after)))
    return found


def _features(item: Item, scene: Scene) -> Gains:
    """What the plan gives for the term it is offered for, and the account has not."""
    account, product = scene.account, scene.rules.product
    present = product.plans.get(account.plan(product) or "")
    plan = present if item.kind == "term" else product.plans[item.id]
    had = () if present is None else present.features_on(account.term())
    given = () if plan is None else plan.features_on(None if item.price is None else item.price.term)
    return [{"what": name, "after": "included"} for name in given if name not in had]


def _capacity(products: Iterable[str], scene: Scene) -> Gains:
    adds: dict[str, Decimal] = {}
    for name in products:
        for meter, amount in scene.rules.product.products[name].adds.items():
            adds[meter] = plus(adds.get(meter, ZERO), amount)
    return [{"what": meter, "after": f"+{spoken(amount)}"} for meter, amount in adds.items()]


def limit_shown(limit: Decimal | str) -> str:
    """A limit in words."""
    return limit if isinstance(limit, str) else spoken(limit)
