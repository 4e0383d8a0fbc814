"""What an upgrade can lead to, from which plan, as far as the documents tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

from services.trigger_engine.domain.playbook.money import a_month, told, unit
from services.trigger_engine.domain.playbook.product import ONCE, LimitRule, PlanSold, PriceStep, Product
from services.trigger_engine.domain.playbook.verbs import Does, UpgradeTo, UpgradeToFitting, UpgradeToUnlock

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Move:
    """From one plan to another."""

    before: str
    after: str


def moves_of(does: Does, product: Product) -> tuple[Move, ...] | None:
    """Every move between plans that an offer can propose; None when it is about something else."""
    plans = {name: rungs for name, rungs in product.ladders.items() if all(rung in product.plans for rung in rungs)}
    match does:
        case UpgradeTo(plan=str(plan)):
            return _distinct(move for move in _next(plans.values()) if move.after == plan)
        case UpgradeTo(ladder=str(ladder)):
            return _distinct(_next([plans[ladder]])) if ladder in plans else None
        case UpgradeTo():
            return _distinct(_next(plans.values()))
        case UpgradeToFitting():
            return _distinct(_any_above(plans.values()))
        case UpgradeToUnlock(feature=feature):
            having = {name for name, plan in product.plans.items() if feature in _features(plan)}
            return _distinct(
                move for move in _any_above(plans.values()) if move.after in having and move.before not in having
            )
        case _:
            return None


def _next(ladders: Iterable[tuple[str, ...]]) -> Iterable[Move]:
    return (Move(lower, upper) for rungs in ladders for lower, upper in pairwise(rungs))


def _any_above(ladders: Iterable[tuple[str, ...]]) -> Iterable[Move]:
    return (Move(lower, upper) for rungs in ladders for lower, upper in combinations(rungs, 2))


def _distinct(moves: Iterable[Move]) -> tuple[Move, ...]:
    return tuple(dict.fromkeys(moves))


def _features(plan: PlanSold) -> set[str]:
    return {*plan.features, *(feature for some in plan.term_features.values() for feature in some)}


def may_lift(move: Move, meter: str, product: Product) -> bool:
    """Whether the move can raise the limit of a meter, whatever the seats."""
    before, after = (product.plans[plan].limits.get(meter) for plan in (move.before, move.after))
    if after is None or (before is not None and before.fixed is None):
        return False
    if before is None or after.fixed is None:
        return after.fixed is None
    return _grows(before, after)


def _grows(before: LimitRule, after: LimitRule) -> bool:
    fixed_before, fixed_after = before.fixed or ZERO, after.fixed or ZERO
    return after.per_seat > before.per_seat or fixed_after > fixed_before


def steepness(move: Move, product: Product, bound: PriceStep) -> str | None:
    """How the move is too steep for every account that could make it, in words; None when it is not for all."""
    before, after = product.plans[move.before], product.plans[move.after]
    had, has = monthly(before.prices, product), monthly(after.prices, product)
    if not had or not has:
        return None
    least, most = min(has), max(had)
    if not most:
        return _too_much_at_first(least, after, product.currency, bound)
    return _too_many_times(least, most, before, after, bound)


def _too_much_at_first(least: Fraction, after: PlanSold, currency: str, step: PriceStep) -> str | None:
    if step.first is None or least <= step.first:
        return None
    each = " a seat" if after.per_seat else ""
    shown = told(least).quantize(unit(currency))
    return f"{after.id} is {shown:f} {currency} a month{each}, and first_price is {step.first:f}"


def _too_many_times(least: Fraction, most: Fraction, before: PlanSold, after: PlanSold, step: PriceStep) -> str | None:
    """From a price per seat to one for all a step gets less steep with each seat: nothing holds for all accounts."""
    if step.times is None or least <= most * Fraction(step.times) or (before.per_seat and not after.per_seat):
        return None
    return f"{before.id} to {after.id} is more than {step.times:f} times the price a month"


def monthly(prices: Mapping[str, Decimal], product: Product) -> list[Fraction]:
    """What each price comes to a month, exactly; what is paid once is none of them."""
    return [a_month(amount, product.terms.get(term, 1)) for term, amount in prices.items() if term != ONCE]
