"""To another plan: the next rung, one that has a feature, one that holds what is used."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oracle.deciding import prices
from oracle.deciding.candidate import UPSELL, Item, Withheld
from oracle.language import moment as kinds
from oracle.language.sold import UNLIMITED

if TYPE_CHECKING:
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.moment import Moment
    from oracle.language.offer import Does
    from oracle.language.sold import Plan

NO_PLAN = Withheld("unknown", "account.plan")


def next_rung(does: Does, fired: Fired, scene: Scene) -> Item | Withheld:
    """The next rung above the account's plan, and never a jump; at a limit it must raise that limit."""
    plan = scene.account.plan(scene.rules.product)
    if plan is None:
        return NO_PLAN
    found = _next(does.ladder, plan, scene) if does.what == "next" else _named(does.what, plan, scene)
    if isinstance(found, Withheld):
        return found
    return plan_item(found, scene) if lifts(found, fired, scene) else _lifts_nothing(found, fired)


def unlocking(feature: str, fired: Fired, scene: Scene) -> Item | Withheld:
    """The cheapest plan above that has the feature, always or for one of its terms."""
    product, account = scene.rules.product, scene.account
    plan = account.plan(product)
    if plan is None:
        return NO_PLAN
    if plan in product.plans and feature in product.plans[plan].features_on(account.term()):
        return Withheld("owned", feature)
    having = [name for name in above(plan, scene) if _may_have(product.plans[name], feature)]
    if not having:
        return Withheld("nothing_fits", f"no plan above {plan} has {feature}")
    return cheapest(having, fired, scene, feature)


def _may_have(plan: Plan, feature: str) -> bool:
    return any(feature in features for features in (plan.features, *plan.term_features.values()))


def cheapest(plans: list[str], fired: Fired, scene: Scene, feature: str | None = None) -> Item | Withheld:
    """The one that costs least a month; at a limit, of those that raise it."""
    items = [plan_item(name, scene, feature) for name in plans if lifts(name, fired, scene)]
    if not items:
        return _lifts_nothing(plans[0], fired)
    return min(items, key=lambda one: prices.rank(one.price, scene.account, scene.rules.product, per_seat=one.per_seat))


def plan_item(name: str, scene: Scene, feature: str | None = None) -> Item:
    """A plan, for the account's term when there is a price for it, else for the shortest that has the ``feature``."""
    product, account = scene.rules.product, scene.account
    sold = product.plans[name]
    asked = sold.prices
    if feature is not None and feature not in sold.features:
        asked = {term: amount for term, amount in asked.items() if feature in sold.features_on(term)}
    price = prices.listed(asked, account.term(), product)
    after = prices.cost(price, product, account.seats() if sold.per_seat else 1)
    increase = prices.more(after, prices.for_plan(account, product))
    return Item(id=name, kind="plan", price=price, per_seat=sold.per_seat, increase=increase, sort=UPSELL)


def above(plan: str, scene: Scene) -> list[str]:
    """All plans above this one, on any ladder that it stands on."""
    ladders = [rungs for rungs in scene.rules.product.ladders.values() if plan in rungs]
    return list(dict.fromkeys(rung for rungs in ladders for rung in rungs[rungs.index(plan) + 1 :]))


def limited(moment: Moment) -> str | None:
    """The meter whose limit a moment is about."""
    return moment.meter if isinstance(moment, kinds.Limit | kinds.Forecast | kinds.Attempt) else None


def lifts(plan: str, fired: Fired, scene: Scene, more_seats: int = 0) -> bool:
    """Whether the plan raises the limit that the moment is about, if it is about one."""
    meter, account, product = limited(fired.moment), scene.account, scene.rules.product
    if meter is None:
        return True
    reached = account.limit(meter, product) if fired.limit is None else fired.limit
    return higher(account.limit_on(plan, meter, product, more_seats), reached)


def higher(after: Decimal | str | None, before: Decimal | str | None) -> bool:
    """Whether one limit is above the other; nothing is above one that is unknown."""
    if after == UNLIMITED:
        return before != UNLIMITED
    return isinstance(after, Decimal) and isinstance(before, Decimal) and after > before


def _lifts_nothing(plan: str, fired: Fired) -> Withheld:
    return Withheld("lifts_nothing", limited(fired.moment), plan)


def _next(ladder: str | None, plan: str, scene: Scene) -> str | Withheld:
    ladders = scene.rules.product.ladders
    standing = [rungs for name, rungs in ladders.items() if plan in rungs and ladder in (None, name)]
    nexts = {rungs[rungs.index(plan) + 1] for rungs in standing if plan != rungs[-1]}
    if not standing:
        return Withheld("not_on_ladder", plan)
    if len(nexts) > 1:
        return Withheld("not_on_ladder", f"{plan} stands on more than one ladder: name one")
    return nexts.pop() if nexts else Withheld("top_rung", plan)


def _named(target: str, plan: str, scene: Scene) -> str | Withheld:
    both = [rungs for rungs in scene.rules.product.ladders.values() if {plan, target} <= set(rungs)]
    apart = [rungs.index(target) - rungs.index(plan) for rungs in both]
    if target == plan or any(steps < 0 for steps in apart):
        return Withheld("owned", target)
    if 1 in apart:
        return target
    return Withheld("not_adjacent" if both else "not_on_ladder", f"{plan} to {target}")
