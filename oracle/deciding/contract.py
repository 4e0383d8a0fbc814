"""More of the plan that the account is on: seats, a longer term; and the plan that fits."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from oracle.deciding import prices
from oracle.deciding.candidate import UPSELL, Item, Price, Withheld
from oracle.deciding.standings import expected
from oracle.deciding.upgrades import NO_PLAN, above, cheapest, lifts, limited

if TYPE_CHECKING:
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.offer import Does
    from oracle.language.sold import Plan

NO_SEATS = Withheld("unknown", "account.seats")


# --- the plan that fits -----------------------------------------------------------------------------


def fitting(fired: Fired, scene: Scene) -> Item | Withheld:
    """The cheapest plan above that holds the account's use, and what is expected of it."""
    product = scene.rules.product
    plan = scene.account.plan(product)
    if plan is None:
        return NO_PLAN
    plans = above(plan, scene)
    if not plans:
        on_a_ladder = any(plan in rungs for rungs in product.ladders.values())
        return Withheld("top_rung" if on_a_ladder else "not_on_ladder", plan)
    if limited(fired.moment) is None and _holds_already([plan, *plans], fired, scene):
        return Withheld("nothing_fits", f"{plan} holds it")
    holding = [name for name in plans if _holds(name, fired, scene)]
    if not holding:
        return Withheld("nothing_fits", f"no plan above {plan} holds it")
    return cheapest(holding, fired, scene)


def _holds(plan: str, fired: Fired, scene: Scene) -> bool:
    for meter in scene.rules.product.plans[plan].limits:
        limit, needed = scene.account.limit_on(plan, meter, scene.rules.product), expected(meter, fired, scene)
        if needed is not None and (limit is None or (isinstance(limit, Decimal) and needed > limit)):
            return False
    return True


def _holds_already(plans: list[str], fired: Fired, scene: Scene) -> bool:
    """Whether the account's own limits are enough, of all that one of these plans limits; one unknown is not."""
    product = scene.rules.product
    for meter in {meter for name in plans for meter in (product.plans[name].limits if name in product.plans else ())}:
        limit, needed = scene.account.limit(meter, product), expected(meter, fired, scene)
        if needed is not None and (limit is None or (isinstance(limit, Decimal) and needed > limit)):
            return False
    return True


# --- seats ------------------------------------------------------------------------------------------


def seats(does: Does, fired: Fired, scene: Scene) -> Item | Withheld:
    """So many seats more, or as many as the members need; at a limit they must raise it."""
    account, product = scene.account, scene.rules.product
    plan = account.plan(product)
    if plan is None:
        return NO_PLAN
    sold, has = product.plans.get(plan), account.seats()
    if sold is None or not sold.per_seat:
        return Withheld("nothing_fits", f"{plan} is not sold by seat")
    if has is None:
        return NO_SEATS
    count = does.count if does.count is not None else _needed(sold, has, fired, scene)
    if isinstance(count, Withheld):
        return count
    if not lifts(plan, fired, scene, count):
        return Withheld("lifts_nothing", limited(fired.moment), plan)
    price = prices.own_plan(account, product)
    adds = prices.cost(price, product, count)
    return Item(id=plan, kind="seats", price=price, per_seat=True, increase=adds, quantity=count, sort=UPSELL)


def _needed(sold: Plan, has: int, fired: Fired, scene: Scene) -> int | Withheld:
    """Seats that are missing for the members; one at least where their limit was reached."""
    counting = [meter for meter, limit in sold.limits.items() if limit.fixed == 0 and limit.per_seat == 1]
    if not counting:
        return Withheld("nothing_fits", f"nothing counts the members of {sold.id}")
    members = {meter: expected(meter, fired, scene) for meter in counting}
    for meter, count in members.items():
        if count is None:
            return Withheld("unknown", f"meters.{meter}")
    most = max(count for count in members.values() if count is not None)
    missing = int(most.to_integral_value(ROUND_CEILING)) - has
    if limited(fired.moment) in counting:
        return max(missing, 1)
    return missing if missing > 0 else Withheld("nothing_fits", f"{has} seats are enough")


# --- terms ------------------------------------------------------------------------------------------


def longer_term(does: Does, scene: Scene) -> Item | Withheld:
    """The next longer term that the plan is sold for, and never a jump."""
    account, product = scene.account, scene.rules.product
    plan, term = account.plan(product), account.term()
    if plan is None:
        return NO_PLAN
    sold = product.plans.get(plan)
    rungs = (
        [] if sold is None else sorted(sold.prices.keys() & product.terms.keys(), key=lambda name: product.terms[name])
    )
    if sold is None or not rungs:
        return Withheld("not_on_ladder", plan)
    if term is None or term not in product.terms:
        return Withheld("unknown", "account.term")
    longer = [name for name in rungs if product.terms[name] > product.terms[term]]
    why_not = None if does.what == "next" else _named(does.what, term, longer, scene)
    if why_not is not None:
        return why_not
    if not longer:
        return Withheld("top_rung", term)
    price = Price(longer[0], sold.prices[longer[0]])
    after = prices.cost(price, product, account.seats() if sold.per_seat else 1)
    return Item(
        id=longer[0],
        kind="term",
        price=price,
        per_seat=sold.per_seat,
        instead=prices.own_plan(account, product),
        increase=prices.more(after, prices.for_plan(account, product)),
        sort=UPSELL,
    )


def _named(target: str, term: str, longer: list[str], scene: Scene) -> Withheld | None:
    terms = scene.rules.product.terms
    if terms[target] <= terms[term]:
        return Withheld("owned", target)
    if target not in longer:
        return Withheld("not_on_ladder", f"{term} to {target}")
    return None if target == longer[0] else Withheld("not_adjacent", f"{term} to {target}")
