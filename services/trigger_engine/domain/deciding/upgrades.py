"""To another plan: the next rung of a ladder, a plan that has a feature, or one that holds what is used."""

from collections.abc import Iterable
from decimal import Decimal

from schemas.decisions import Reason
from services.trigger_engine.domain import pricing
from services.trigger_engine.domain.deciding.candidate import Sort, Withheld
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import limited
from services.trigger_engine.domain.playbook.product import UNLIMITED, LimitValue, PlanSold
from services.trigger_engine.domain.playbook.verbs import UpgradeTo, UpgradeToUnlock
from services.trigger_engine.domain.situation import Situation


def next_rung(does: UpgradeTo, passed: Passed, situation: Situation) -> Item | Withheld:
    """The next rung above the account's plan, and never a jump; at a limit it must raise that limit."""
    plan = situation.account.plan(situation.rules.product)
    if plan is None:
        return Withheld(Reason.UNKNOWN, "account.plan")
    found = _named(does.plan, plan, situation) if does.plan is not None else _next(does.ladder, plan, situation)
    if isinstance(found, Withheld):
        return found
    return plan_item(found, situation) if lifts(found, passed, situation) else _lifts_nothing(found, passed)


def unlocking(does: UpgradeToUnlock, passed: Passed, situation: Situation) -> Item | Withheld:
    """The cheapest plan above that has the feature, for its own terms or for one of them."""
    product, account = situation.rules.product, situation.account
    plan = account.plan(product)
    if plan is None:
        return Withheld(Reason.UNKNOWN, "account.plan")
    present = product.plans.get(plan)
    if present is not None and does.feature in present.features_on(account.term()):
        return Withheld(Reason.OWNED, does.feature)
    having = [name for name in above(plan, situation) if does.feature in _all_features(product.plans[name])]
    if not having:
        return Withheld(Reason.NOTHING_FITS, f"no plan above {plan} has {does.feature}")
    return cheapest(having, passed, situation, does.feature)


def cheapest(plans: Iterable[str], passed: Passed, situation: Situation, feature: str | None = None) -> Item | Withheld:
    """The one of ``plans`` that costs least a month; at a limit, of those that raise it. Unpriced ones come last."""
    named = list(plans)
    lifting = [name for name in named if lifts(name, passed, situation)]
    if not lifting:
        return _lifts_nothing(named[0], passed)
    items = [plan_item(name, situation, feature) for name in lifting]
    return min(items, key=lambda item: pricing.rank(item.price, situation, per_seat=item.per_seat))


def plan_item(name: str, situation: Situation, feature: str | None = None) -> Item:
    """A plan for the account's own term when there is one, else for the shortest that has the ``feature`` asked for."""
    product, account = situation.rules.product, situation.account
    sold = product.plans[name]
    prices = sold.prices
    if feature is not None and feature not in sold.features:
        prices = {term: price for term, price in prices.items() if feature in sold.features_on(term)}
    price = pricing.listed(prices, account.term(), product)
    seats = account.seats() if sold.per_seat else 1
    return Item(
        id=name,
        kind=Kind.PLAN,
        price=price,
        per_seat=sold.per_seat,
        increase=pricing.more(pricing.cost(price, product, seats), pricing.paid(situation).plan),
        sort=Sort.UPSELL,
    )


def above(plan: str, situation: Situation) -> list[str]:
    """All plans above this one, on any ladder that it stands on, each once, the nearer ones of a ladder first."""
    ladders = situation.rules.product.ladders.values()
    rungs = (rung for ladder in ladders if plan in ladder for rung in ladder[ladder.index(plan) + 1 :])
    return list(dict.fromkeys(rungs))


def lifts(plan: str, passed: Passed, situation: Situation) -> bool:
    """Whether the plan raises the limit that the moment is about, if it is about one."""
    account, product, meter = situation.account, situation.rules.product, limited(passed.moment)
    if meter is None:
        return True
    reached = passed.limit if passed.limit is not None else account.limit(meter, product)
    return more(account.limit_on(plan, meter, product), reached)


def more(after: LimitValue | None, before: LimitValue | None) -> bool:
    """Whether one limit is above the other; nothing is above one that is not known."""
    if after == UNLIMITED:
        return before != UNLIMITED
    return isinstance(after, Decimal) and isinstance(before, Decimal) and after > before


def _next(ladder: str | None, plan: str, situation: Situation) -> str | Withheld:
    """The rung above on this ladder, or on all that the plan stands on, when they agree."""
    ladders = situation.rules.product.ladders
    standing = [rungs for name, rungs in ladders.items() if plan in rungs and ladder in (None, name)]
    if not standing:
        return Withheld(Reason.NOT_ON_LADDER, plan)
    nexts = {rungs[rungs.index(plan) + 1] for rungs in standing if plan != rungs[-1]}
    if len(nexts) > 1:
        return Withheld(Reason.NOT_ON_LADDER, f"{plan} stands on more than one ladder: name one")
    return nexts.pop() if nexts else Withheld(Reason.TOP_RUNG, plan)


def _named(target: str, plan: str, situation: Situation) -> str | Withheld:
    ladders = [rungs for rungs in situation.rules.product.ladders.values() if plan in rungs and target in rungs]
    if target == plan or any(rungs.index(target) < rungs.index(plan) for rungs in ladders):
        return Withheld(Reason.OWNED, target)
    if any(rungs.index(target) == rungs.index(plan) + 1 for rungs in ladders):
        return target
    return Withheld(Reason.NOT_ADJACENT if ladders else Reason.NOT_ON_LADDER, f"{plan} to {target}")


def _lifts_nothing(plan: str, passed: Passed) -> Withheld:
    return Withheld(Reason.LIFTS_NOTHING, limited(passed.moment), plan)


def _all_features(plan: PlanSold) -> set[str]:
    return {*plan.features, *(feature for some in plan.term_features.values() for feature in some)}
