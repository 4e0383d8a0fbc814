"""The score of an offer: six factors, each told in the decision, in decimals of six digits, half to even."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from schemas.offers import MomentKind
from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.deciding.candidate import Candidate, Sort, Worth
from services.trigger_engine.domain.playbook.moments import HabitMoment
from services.trigger_engine.domain.playbook.product import Product, Weights
from services.trigger_engine.domain.playbook.verbs import AddComplement
from services.trigger_engine.domain.situation import Situation

ONE: Final = Decimal(1)
MILLIONTH: Final = Decimal("0.000001")
WIDE: Final = Context(prec=96, rounding=ROUND_HALF_EVEN)

SUCCESS: Final = (MomentKind.MILESTONE, MomentKind.ONBOARDING)
"""What a customer has just achieved; with limits, what they are ready to talk about."""

ASKS_FOR_MORE: Final = (MomentKind.LIMIT, MomentKind.GROWTH, MomentKind.ATTEMPT)
"""Moments that call for more of the same; onboardings, and habits of another product, call for something beside it."""


def scored(candidate: Candidate, situation: Situation) -> Worth:
    """What the candidate competes with."""
    offer, weights = candidate.offer, situation.rules.product.weights
    factors = {
        "propensity": offer.propensity,
        "context": _context(candidate.passed.moment.kind, weights),
        "value": _value(candidate, weights),
        "match": weights.match if _matches(candidate, situation.rules.product) else ONE,
        "boost": offer.boost,
        "strength": candidate.about.strength,
    }
    product = ONE
    for factor in factors.values():
        product = WIDE.multiply(product, factor)
    return Worth(product.quantize(MILLIONTH, context=WIDE), factors)


def _context(kind: MomentKind, weights: Weights) -> Decimal:
    if kind in SUCCESS:
        return weights.success
    return weights.limit if kind is MomentKind.LIMIT else weights.other


def _value(candidate: Candidate, weights: Weights) -> Decimal:
    """What it adds a month against what is paid now, between the bounds; one whose price nobody knows counts as 1."""
    increase, present = candidate.about.increase, candidate.about.present
    if increase is None or present is None:
        return ONE
    if increase <= 0 or present <= 0:
        return weights.value_to if increase > 0 else weights.value_from
    ratio = WIDE.divide(increase, present).quantize(MILLIONTH, context=WIDE)
    return max(weights.value_from, min(ratio, weights.value_to))


def _matches(candidate: Candidate, product: Product) -> bool:
    """Whether the offer is of the sort that the moment calls for."""
    moment = candidate.passed.moment
    if candidate.about.sort is Sort.UPSELL:
        return moment.kind in ASKS_FOR_MORE
    if candidate.about.sort is not Sort.CROSS_SELL:
        return False
    if moment.kind is MomentKind.ONBOARDING or isinstance(candidate.offer.does, AddComplement):
        return True
    return isinstance(moment, HabitMoment) and not _is_use_of(candidate.target, moment.meter, product)


def _is_use_of(target: str | None, meter: str, product: Product) -> bool:
    """Whether the meter tells that the very thing that is offered is in use."""
    asks = product.in_use.get(target or "")
    return asks is not None and f"{Scope.METERS}.{meter}" in asks.reads
