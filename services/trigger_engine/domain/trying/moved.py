"""What differs between two sets, and bears on who gets which offer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from services.trigger_engine.domain.playbook.moments import AnyMoment, meter_of
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.sets import CompiledSet


class Moved(StrEnum):
    """What may have changed since a decision, and bears on who gets an offer."""

    OFFER = "offer"
    GUARDRAILS = "guardrails"
    CATALOGUE = "catalogue"
    LEVELS = "levels"
    WEIGHTS = "weights"
    HOLDOUT = "holdout"
    METERS = "meters"
    SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Before:
    """A set of before, beside the one asked about.

    ``same_moments`` mean what they mean now; ``moved`` says of each offer of both what differs, empty when nothing.
    """

    same_moments: frozenset[str]
    moved: Mapping[str, frozenset[Moved]]
    company_moved: bool

    @classmethod
    def of(cls, now: CompiledSet, before: CompiledSet) -> "Before":
        """What differs between ``before`` and ``now``."""
        theirs = before.by_name
        same = [name for name, moment in now.moments.items() if _same_moment(moment, now, before)]
        all_moved = _moved(now, before)
        moved = {
            name: all_moved | _own(offer, theirs[name], now, before)
            for name, offer in now.by_name.items()
            if name in theirs
        }
        company = now.by_name.keys() != theirs.keys() or any(Moved.OFFER in some for some in moved.values())
        return cls(frozenset(same), moved, company)


def _own(offer: OfferDefinition, theirs: OfferDefinition, now: CompiledSet, before: CompiledSet) -> frozenset[Moved]:
    """What differs for this offer alone: its text, and the guardrails of its playbook."""
    found = set()
    if _gates(offer) != _gates(theirs):
        found.add(Moved.OFFER)
    if now.bounds[offer.playbook] != before.bounds[theirs.playbook]:
        found.add(Moved.GUARDRAILS)
    return frozenset(found)


def _gates(offer: OfferDefinition) -> OfferDefinition:
    """The offer without its words, which change nothing about who gets it."""
    return replace(offer, words=None, words_at={}, words_of={}, report_by=())


def _moved(now: CompiledSet, before: CompiledSet) -> frozenset[Moved]:
    """What differs for every offer of the set."""
    ours, theirs = _parts(now), _parts(before)
    moved = {part for part in ours if ours[part] != theirs[part]}
    meters = now.product.meters.keys() & before.product.meters.keys()
    if any(now.product.meters[name].key != before.product.meters[name].key for name in meters):
        moved.add(Moved.METERS)
    if any(now.segments[name] != before.segments[name] for name in now.segments.keys() & before.segments.keys()):
        moved.add(Moved.SEGMENTS)
    return frozenset(moved)


def _parts(rules: CompiledSet) -> dict[Moved, object]:
    product = rules.product
    return {
        Moved.CATALOGUE: (
            product.currency,
            product.default_plan,
            product.terms,
            product.plans,
            product.ladders,
            product.products,
            product.bundles,
            product.in_use,
        ),
        Moved.LEVELS: (product.levels, product.facts),
        Moved.WEIGHTS: product.weights,
        Moved.HOLDOUT: product.holdout,
    }


def _same_moment(moment: AnyMoment, now: CompiledSet, before: CompiledSet) -> bool:
    """Whether it fires for the same reason: its own words, what its meter counts, and how much there is of it."""
    if before.moments.get(moment.name) != moment:
        return False
    meter = meter_of(moment)
    return meter is None or _watched(meter, now.product) == _watched(meter, before.product)


def _watched(meter: str, product: Product) -> object:
    limits = [(plan.id, plan.limits.get(meter)) for plan in product.plans.values() if meter in plan.limits]
    adds = [(sold.id, sold.adds[meter]) for sold in product.products.values() if meter in sold.adds]
    found = product.meters.get(meter)
    return found.key if found is not None else None, limits, adds, product.default_plan
