"""The product document, section by section."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from oracle.conditions.condition import Condition
from oracle.language.guarding import Guardrails, Holdout, Level, Weights
from oracle.language.meter import Meter
from oracle.language.names import Names, condition, names_of
from oracle.language.reading_events import Events, Fact, events_of, facts_of, meters_of
from oracle.language.reading_guardrails import flags_of, guardrails_of, holdout_of, levels_of, weights_of
from oracle.language.reading_sold import TERMS, bundles_of, features_of, ladders_of, plans_of, products_of, terms_of
from oracle.language.scalars import Node, an_id, each_once, ensure, keyed, mapping, some, word_of
from oracle.language.sold import Bundle, Plan, Product

if TYPE_CHECKING:
    from decimal import Decimal

KEYS: Final = (
    "product", "currency", "default_plan", "history", "terms", "events", "facts", "plans", "ladders", "products",
    "bundles", "meters", "in_use", "levels", "placements", "guardrails", "weights", "holdout",
)  # fmt: skip


@dataclass(frozen=True)
class ProductDocument:
    """All that it says. ``names`` are what conditions of playbooks can read beside their segments."""

    name: str
    currency: str
    default_plan: str | None
    starts_empty: bool
    terms: Mapping[str, int]
    events: Events
    facts: Mapping[str, Fact]
    plans: Mapping[str, Plan]
    ladders: Mapping[str, tuple[str, ...]]
    products: Mapping[str, Product]
    bundles: Mapping[str, Bundle]
    meters: Mapping[str, Meter]
    in_use: Mapping[str, Condition]
    levels: Mapping[str, Level]
    placements: tuple[str, ...]
    guardrails: Guardrails
    weights: Weights
    holdout: Holdout
    names: Names

    @cached_property
    def adding(self) -> dict[str, list[tuple[str, Decimal]]]:
        """By meter: the products that add to its limit, and how much."""
        added = {meter for product in self.products.values() for meter in product.adds}
        return {
            meter: [(name, product.adds[meter]) for name, product in self.products.items() if meter in product.adds]
            for meter in added
        }

    @cached_property
    def repeats(self) -> frozenset[str]:
        """Products that can be bought again."""
        return frozenset(name for name, product in self.products.items() if product.repeat)


def product_of(node: Node, segments: Collection[str]) -> ProductDocument:
    """The product document; ``segments`` are those of all playbooks of the set. Raises `NotASet`."""
    keys = keyed(node, KEYS, "the product document", required=("product", "plans", "placements"))
    name = an_id(keys["product"], "the product's name")
    terms = terms_of(keys.get("terms", TERMS))
    events, facts = events_of(keys.get("events", {})), facts_of(keys.get("facts", {}))
    meters = meters_of(keys.get("meters", {}), events)
    names = names_of({fact: kind for fact, (kind, _) in facts.items()}, meters.values())
    plans = plans_of(keys["plans"], terms, meters)
    products = products_of(keys.get("products", []), terms, meters, plans)
    features = features_of(plans.values())
    levels = levels_of(keys.get("levels", {}), names, segments)
    flags = flags_of(levels.values(), segments)
    names |= flags_of(levels.values(), ())
    in_use = mapping(keys.get("in_use", {}), "in_use")
    ensure(in_use.keys() <= {*products, *features}, "in_use names what is neither a product nor a feature")
    return ProductDocument(
        name=name,
        currency=an_id(keys.get("currency", "USD"), "the currency"),
        default_plan=word_of(keys["default_plan"], plans, "a plan") if "default_plan" in keys else None,
        starts_empty=word_of(keys.get("history", "starts_empty"), ("starts_empty", "unknown"), "history") != "unknown",
        terms=terms,
        events=events,
        facts=facts,
        plans=plans,
        ladders=ladders_of(keys.get("ladders", {}), plans, (products, features), in_use),
        products=products,
        bundles=bundles_of(keys.get("bundles", []), terms, products, plans),
        meters=meters,
        in_use={thing: condition(said, names, "in_use") for thing, said in in_use.items()},
        levels=levels,
        placements=each_once([an_id(place, "a placement") for place in some(keys["placements"], "placements")], "them"),
        guardrails=guardrails_of(keys.get("guardrails", {}), names | flags, flags),
        weights=weights_of(keys.get("weights", {})),
        holdout=holdout_of(keys["holdout"], name) if "holdout" in keys else Holdout(),
        names=names,
    )
