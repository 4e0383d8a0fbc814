"""What is told of a thing on offer: its price, what it saves, and what it gives beyond what the account has."""

from decimal import Decimal
from functools import lru_cache

from schemas.envelope import unchecked
from schemas.offers import Gain, Option, Price, Saving
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.deciding.upgrades import more
from services.trigger_engine.domain.numbers import ZERO, added, times
from services.trigger_engine.domain.playbook.money import DOWN, percent_saved, unit
from services.trigger_engine.domain.playbook.product import LimitValue, Product
from services.trigger_engine.domain.playbook.words import spoken
from services.trigger_engine.domain.pricing import Listed
from services.trigger_engine.domain.situation import Situation

MONTH = "month"
"""What a saving is told by when no term of the product is a month long."""


def option(item: Item, situation: Situation, *, recommended: bool = False) -> Option:
    """The item as it is put before the account; ``recommended`` is a mark, nothing is ever preselected."""
    product, price = situation.rules.product, item.price
    return unchecked(
        Option,
        {
            "id": item.id,
            "kind": item.kind.value,
            "items": item.items,
            "quantity": None if item.quantity is None else Decimal(item.quantity),
            "sort": product.products[item.id].sort if item.kind is Kind.PRODUCT else None,
            "price": None if price is None else _price(price, item, product),
            "saving": saving(item, product),
            "gains": gains(item, situation),
            "recommended": recommended,
        },
    )


def _price(price: Listed, item: Item, product: Product) -> Price:
    told = {"amount": price.amount, "currency": product.currency, "term": price.term, "per_seat": item.per_seat}
    return unchecked(Price, told)


# --- savings ---------------------------------------------------------------------------------------


def saving(item: Item, product: Product) -> Saving | None:
    """What it costs less than without the offer; None when that is nothing, or not known.

    Of a bundle, for its own term. Of a longer term, a month: rounded down to what is paid in the currency, so that it
    is never told larger than it is. The percent is that of the unrounded prices, rounded down.
    """
    price, instead = item.price, item.instead
    if price is None or instead is None:
        return None
    if price.term == instead.term:
        amount, term = added(instead.amount, price.amount.copy_negate()), price.term
        percent = percent_saved(instead.amount, price.amount)
    else:
        months, before = product.terms[price.term], product.terms[instead.term]
        had, has = times(instead.amount, Decimal(months)), times(price.amount, Decimal(before))
        less = DOWN.divide(added(had, has.copy_negate()), Decimal(months * before))
        amount, term = less.quantize(unit(product.currency), context=DOWN), _month(product)
        percent = percent_saved(had, has)
    if amount <= ZERO:
        return None
    return Saving(amount=amount, currency=product.currency, term=term, percent=Decimal(percent))


def _month(product: Product) -> str:
    return next((name for name, months in product.terms.items() if months == 1), MONTH)


# --- gains -----------------------------------------------------------------------------------------


def gains(item: Item, situation: Situation) -> tuple[Gain, ...]:
    """All that it gives beyond what the account has, limits first."""
    match item.kind:
        case Kind.PLAN:
            return (*_higher_limits(item, situation), *_new_features(item, situation))
        case Kind.PRODUCT:
            return _capacity((item.id,), situation)
        case Kind.BUNDLE:
            return (*_capacity(item.items, situation), *map(_included, item.items))
        case Kind.SEATS:
            return (_seats(item, situation), *_higher_limits(item, situation))
        case Kind.TERM:
            return _new_features(item, situation)
        case Kind.FEATURE | Kind.TOPIC | Kind.TASK:
            return ()


def _higher_limits(item: Item, situation: Situation) -> tuple[Gain, ...]:
    account, product = situation.account, situation.rules.product
    found = []
    for meter in product.plans[item.id].limits:
        before, after = account.limit(meter, product), account.limit_on(item.id, meter, product, item.quantity or 0)
        if after is not None and (before is None or more(after, before)):
            told = None if before is None else limit_shown(before)
            found.append(_gain(meter, told, limit_shown(after)))
    return tuple(found)


def _new_features(item: Item, situation: Situation) -> tuple[Gain, ...]:
    """Features of the plan for the term it is offered for that the account has not."""
    account, product = situation.account, situation.rules.product
    present = product.plans.get(account.plan(product) or "")
    plan = present if item.kind is Kind.TERM else product.plans[item.id]
    had = present.features_on(account.term()) if present is not None else ()
    given = plan.features_on(item.price.term if item.price is not None else None) if plan is not None else ()
    return tuple(_included(name) for name in given if name not in had)


def _capacity(products: tuple[str, ...], situation: Situation) -> tuple[Gain, ...]:
    adds: dict[str, Decimal] = {}
    for name in products:
        for meter, amount in situation.rules.product.products[name].adds.items():
            adds[meter] = added(adds.get(meter, ZERO), amount)
    return tuple(_gain(meter, None, f"+{spoken(amount)}") for meter, amount in adds.items())


def _seats(item: Item, situation: Situation) -> Gain:
    has, more_seats = situation.account.seats() or 0, item.quantity or 0
    return _gain("seats", str(has), str(has + more_seats))


def _included(name: str) -> Gain:
    return _gain(name, None, "included")


def _gain(what: str, before: str | None, after: str) -> Gain:
    return unchecked(Gain, {"what": what, "before": before, "after": after})


@lru_cache(4_096)
def limit_shown(limit: LimitValue) -> str:
    """A limit in words; most are those of plans, the same for many accounts."""
    return spoken(limit) if isinstance(limit, Decimal) else limit
