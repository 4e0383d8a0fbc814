"""What fits: the cheapest plan that holds what is used and what is forecast, and as many seats as there are members."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from schemas.decisions import Reason
from services.trigger_engine.domain import pricing
from services.trigger_engine.domain.deciding.candidate import Sort, Withheld
from services.trigger_engine.domain.deciding.expected import expected
from services.trigger_engine.domain.deciding.item import Item, Kind
from services.trigger_engine.domain.deciding.upgrades import above, cheapest, more
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import limited
from services.trigger_engine.domain.playbook.product import LimitValue, PlanSold
from services.trigger_engine.domain.playbook.verbs import AddSeats
from services.trigger_engine.domain.situation import Situation


def fitting_plan(passed: Passed, situation: Situation) -> Item | Withheld:
    """The cheapest plan above that holds the account's use.

    Each limit of the plan must be enough for what its meter stands at, and is expected to come to where a forecast
    watches it; a limit by seat is not when nobody knows how many there are. A meter that is not known asks for nothing.
    A moment that is about no limit is no reason to leave a plan that fits.
    """
    plan = situation.account.plan(situation.rules.product)
    if plan is None:
        return Withheld(Reason.UNKNOWN, "account.plan")
    plans = above(plan, situation)
    if not plans:
        ladders = situation.rules.product.ladders_of(plan)
        return Withheld(Reason.TOP_RUNG if ladders else Reason.NOT_ON_LADDER, plan)
    if limited(passed.moment) is None and _fits_already(plans, passed, situation):
        return Withheld(Reason.NOTHING_FITS, f"{plan} holds it")
    holding = [name for name in plans if _holds(name, passed, situation)]
    if not holding:
        return Withheld(Reason.NOTHING_FITS, f"no plan above {plan} holds it")
    return cheapest(holding, passed, situation)


def _holds(plan: str, passed: Passed, situation: Situation) -> bool:
    account, product = situation.account, situation.rules.product
    limits = product.plans[plan].limits
    return all(_is_enough(account.limit_on(plan, meter, product), meter, passed, situation) for meter in limits)


def _fits_already(plans: Sequence[str], passed: Passed, situation: Situation) -> bool:
    """Whether what the account has is enough of all that its plan, or one of the ``plans`` above, has a limit of."""
    account, product = situation.account, situation.rules.product
    sold = [product.plans[name] for name in (account.plan(product) or "", *plans) if name in product.plans]
    meters = dict.fromkeys(meter for plan in sold for meter in plan.limits)
    return all(_is_enough(account.limit(meter, product), meter, passed, situation) for meter in meters)


def _is_enough(limit: LimitValue | None, meter: str, passed: Passed, situation: Situation) -> bool:
    needed = expected(meter, passed, situation)
    if needed is None:
        return True
    return limit is not None and (not isinstance(limit, Decimal) or needed <= limit)


# --- seats -----------------------------------------------------------------------------------------


def seats(does: AddSeats, passed: Passed, situation: Situation) -> Item | Withheld:
    """More seats of the plan, as many as are asked for or as the members need; at a limit they must raise it."""
    account, product = situation.account, situation.rules.product
    plan = account.plan(product)
    if plan is None:
        return Withheld(Reason.UNKNOWN, "account.plan")
    sold, has = product.plans.get(plan), account.seats()
    if sold is None or not sold.per_seat:
        return Withheld(Reason.NOTHING_FITS, f"{plan} is not sold by seat")
    if has is None:
        return Withheld(Reason.UNKNOWN, "account.seats")
    count = does.count if does.count is not None else _needed(sold, has, passed, situation)
    if isinstance(count, Withheld):
        return count
    meter = limited(passed.moment)
    if meter is not None:
        reached = passed.limit if passed.limit is not None else account.limit(meter, product)
        if not more(account.limit_on(plan, meter, product, count), reached):
            return Withheld(Reason.LIFTS_NOTHING, meter, plan)
    price = pricing.own_plan_price(account, product)
    return Item(
        id=plan,
        kind=Kind.SEATS,
        price=price,
        per_seat=True,
        increase=pricing.cost(price, product, count),
        quantity=count,
        sort=Sort.UPSELL,
    )


def _needed(sold: PlanSold, has: int, passed: Passed, situation: Situation) -> int | Withheld:
    """Seats that are missing for the members, and for those expected; one at least where their limit was reached."""
    counting = [meter for meter, rule in sold.limits.items() if rule.fixed == 0 and rule.per_seat == 1]
    if not counting:
        return Withheld(Reason.NOTHING_FITS, f"nothing counts the members of {sold.id}")
    members = {meter: expected(meter, passed, situation) for meter in counting}
    unknown = [meter for meter, count in members.items() if count is None]
    if unknown:
        return Withheld(Reason.UNKNOWN, f"meters.{unknown[0]}")
    most = max(count for count in members.values() if count is not None)
    missing = int(most.to_integral_value(ROUND_CEILING)) - has
    if limited(passed.moment) in counting:
        return max(missing, 1)
    return missing if missing > 0 else Withheld(Reason.NOTHING_FITS, f"{has} seats are enough")
