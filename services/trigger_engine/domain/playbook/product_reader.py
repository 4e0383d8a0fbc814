"""Read the product document, section by section, each from its own file."""

from collections.abc import Collection
from typing import Final

from services.trigger_engine.domain.playbook.catalogue import features_of
from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.product import History, Product
from services.trigger_engine.domain.playbook.product_events import EVENTS, FACTS, read_events, read_facts
from services.trigger_engine.domain.playbook.product_guardrails import GUARDRAILS, read_guardrails
from services.trigger_engine.domain.playbook.product_ladders import LADDERS, Rungs, read_ladders
from services.trigger_engine.domain.playbook.product_levels import (
    IN_USE,
    LEVELS,
    declared_levels,
    read_in_use,
    read_levels,
)
from services.trigger_engine.domain.playbook.product_meters import METERS, read_meters
from services.trigger_engine.domain.playbook.product_names import flags_of, names_of, with_levels
from services.trigger_engine.domain.playbook.product_plans import PLANS, Sold, read_plans
from services.trigger_engine.domain.playbook.product_prices import TERMS, read_terms
from services.trigger_engine.domain.playbook.product_sold import BUNDLES, PRODUCTS, read_bundles, read_products
from services.trigger_engine.domain.playbook.product_weights import HOLDOUT, WEIGHTS, read_holdout, read_weights
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import AN_ID, Shapes, list_of, one_of

KEYS: Final[Shapes] = {
    "product": AN_ID,
    "currency": AN_ID,
    "default_plan": AN_ID,
    "history": one_of(History),
    "terms": TERMS,
    "events": EVENTS,
    "facts": FACTS,
    "plans": PLANS,
    "ladders": LADDERS,
    "products": PRODUCTS,
    "bundles": BUNDLES,
    "meters": METERS,
    "in_use": IN_USE,
    "levels": LEVELS,
    "placements": list_of(AN_ID, least=1),
    "guardrails": GUARDRAILS,
    "weights": WEIGHTS,
    "holdout": HOLDOUT,
}
REQUIRED: Final = ("product", "plans", "placements")


def read_product(root: Node, problems: Problems, segments: Collection[str] = ()) -> Product:
    """The product document at ``root``; with anything in ``problems.found`` the value is not to be used.

    ``segments`` are those of all playbooks of the set: guardrails may name them. What can not be read is replaced by
    something harmless, so that one fault is told once.
    """
    return _ProductReader(root, problems, segments).read()


class _ProductReader:
    def __init__(self, root: Node, problems: Problems, segments: Collection[str]) -> None:
        self._root = root
        self._problems = problems
        self._segments = segments
        self._entries = problems.keys(root, "the product document", KEYS)

    def read(self) -> Product:
        problems, entries = self._problems, self._entries
        name = self._id("product", "the product's name")
        problems.required(entries, "product", self._root, "the product document")
        events = read_events(entries.get("events"), problems)
        facts = read_facts(entries.get("facts"), problems)
        meters = read_meters(entries.get("meters"), events, names_of(facts, {}, {}), problems)
        names = names_of(facts, meters, events)
        sold = Sold(read_terms(entries.get("terms"), problems), meters, problems)
        plans = read_plans(problems.required(entries, "plans", self._root, "the product document"), sold)
        products = read_products(entries.get("products"), plans, sold)
        features = features_of(plans.values())
        levels = read_levels(entries.get("levels"), names, self._segments, problems)
        declared = declared_levels(entries.get("levels"))
        names = with_levels(names, declared)
        flags = flags_of(declared, self._segments)
        guardrails = read_guardrails(entries.get("guardrails"), names.plus(flags.kinds), flags, problems)
        used = [entry.key for entry in entries["in_use"].node.entries()] if "in_use" in entries else []
        return Product(
            name=name,
            currency=self._id("currency", "currency") or "USD",
            default_plan=self._default_plan(plans),
            history=self._history(),
            terms=sold.terms,
            events=events,
            facts=facts,
            plans=plans,
            ladders=read_ladders(entries.get("ladders"), Rungs(plans, products, features, used), problems),
            products=products,
            bundles=read_bundles(entries.get("bundles"), plans, products, sold),
            meters=meters,
            in_use=read_in_use(entries.get("in_use"), [*products, *features], names, problems),
            levels=levels,
            placements=self._placements(sold),
            quiet=guardrails.quiet,
            quiet_segments=guardrails.quiet_segments,
            not_before=guardrails.not_before,
            caps=guardrails.caps,
            back_off=guardrails.back_off,
            price_step=guardrails.price_step,
            weights=read_weights(entries.get("weights"), problems),
            holdout=read_holdout(entries.get("holdout"), name, problems),
            names=names,
        )

    def _id(self, key: str, what: str) -> str:
        return self._problems.id(self._entries[key].node, what) if key in self._entries else ""

    def _default_plan(self, plans: Collection[str]) -> str | None:
        if "default_plan" not in self._entries or not plans:
            return None
        return self._problems.one_of(self._entries["default_plan"].node, "a plan", plans, "unknown-plan")

    def _history(self) -> History:
        if "history" not in self._entries:
            return History.STARTS_EMPTY
        node = self._entries["history"].node
        word = self._problems.one_of(node, "'starts_empty' or 'unknown'", list(History), "history")
        return History(word) if word else History.STARTS_EMPTY

    def _placements(self, sold: Sold) -> tuple[str, ...]:
        node = self._problems.required(self._entries, "placements", self._root, "the product document")
        if node and node.value == ():
            self._problems.add(node.place, "missing", "at least one placement is needed, or no offer could be shown")
        return sold.words(self._entries.get("placements"), "placements")
