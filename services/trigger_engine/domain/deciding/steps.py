"""The price step: a sale may not be too steep for what the account pays now."""

from fractions import Fraction

from schemas.decisions import Reason
from services.trigger_engine.domain.deciding.candidate import Withheld
from services.trigger_engine.domain.deciding.item import Item
from services.trigger_engine.domain.playbook.money import told
from services.trigger_engine.domain.playbook.product import PriceStep, Product
from services.trigger_engine.domain.playbook.words import shown
from services.trigger_engine.domain.pricing import Paid, cost
from services.trigger_engine.domain.situation import Situation


def too_steep(item: Item, now: Paid, bound: PriceStep, situation: Situation) -> Withheld | None:
    """Why ``item`` is too much at once for an account that pays ``now``; None when it is not.

    All that it pays a month after, against all that it pays now, both at its present seats and with any term as months.
    From nothing, the price itself is bounded, for each seat where it is by seat. Compared exactly. A price that is not
    known bounds nothing; seats that are not known do, as nobody could tell.
    """
    product = situation.rules.product
    if now.whole == 0:
        return _at_first(item, bound, product)
    if bound.times is None:
        return None
    if now.whole is None or item.increase is None:
        return _seats_unknown(item, situation)
    after = now.whole + item.increase
    if after <= now.whole * Fraction(bound.times):
        return None
    step = f"{_amount(now.whole)} to {_amount(after)} {product.currency} a month, {shown(bound.times)}x at most"
    return Withheld(Reason.TOO_STEEP, step, item.id)


def _at_first(item: Item, bound: PriceStep, product: Product) -> Withheld | None:
    price = cost(item.price, product)
    if bound.first is None or price is None or price <= Fraction(bound.first):
        return None
    each = " a seat" if item.per_seat else ""
    told_price = f"{_amount(price)} {product.currency}{each} a month at first, {shown(bound.first)} at most"
    return Withheld(Reason.TOO_STEEP, told_price, item.id)


def _seats_unknown(item: Item, situation: Situation) -> Withheld | None:
    account, product = situation.account, situation.rules.product
    plan = product.plans.get(account.plan(product) or "")
    by_seat = item.per_seat or (plan is not None and plan.per_seat)
    if item.price is None or not by_seat or account.seats() is not None:
        return None
    return Withheld(Reason.UNKNOWN, "account.seats", item.id)


def _amount(cost: Fraction) -> str:
    return shown(told(cost))
