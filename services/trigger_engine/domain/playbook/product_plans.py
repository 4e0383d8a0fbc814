"""Plans as declared: prices, limits, features."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.catalogue import ONCE, UNLIMITED, LimitRule, PlanSold
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition
from services.trigger_engine.domain.playbook.product_prices import PRICE, read_prices
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import (
    AN_ID,
    NUMERIC,
    Shape,
    Shapes,
    any_of,
    keyed,
    list_of,
    mapping_of,
    one_of,
)

SEATS: Final = "seats"
SEAT: Final = "seat"
LIMIT_KEYS: Final[Shapes] = {"per_seat": NUMERIC}
LIMIT: Final[Shape] = any_of(NUMERIC, one_of([UNLIMITED, SEATS]), keyed(LIMIT_KEYS, LIMIT_KEYS))
PLAN_KEYS: Final[Shapes] = {
    "id": AN_ID,
    "price": PRICE,
    "per": one_of([SEAT]),
    "limits": mapping_of(LIMIT),
    "features": list_of(AN_ID),
    "term_features": mapping_of(list_of(AN_ID)),
}
PLANS: Final[Shape] = list_of(keyed(PLAN_KEYS, ("id",)))


@dataclass(frozen=True, slots=True)
class Sold:
    """What readers of the catalogue share."""

    terms: Mapping[str, int]
    meters: Mapping[str, MeterDefinition]
    problems: Problems

    def prices(self, keys: Mapping[str, Entry]) -> dict[str, Decimal]:
        """The price under ``price``, by term."""
        return read_prices(keys, self.terms, self.problems)

    def id(self, keys: Mapping[str, Entry], item: Node, what: str, taken: Mapping[str, object]) -> str:
        """The id of something sold; empty, and a problem, when there is none, or something else has it."""
        node = self.problems.required(keys, "id", item, what)
        name = self.problems.id(node, f"{what}'s id") if node else ""
        if node and name in taken:
            self.problems.add(node.place, "twice", f"{name!r} stands twice", width=len(name))
            return ""
        return name

    def meter(self, entry: Entry) -> str | None:
        """The meter of an account that a limit, or capacity, is of."""
        word = self.problems.one_of(Node(entry.key, entry.place), "a meter", self.meters, "unknown-meter")
        if word and not self.meters[word].of_account:
            by = "user" if self.meters[word].by_user else self.meters[word].by
            told = f"plan limits apply to meters of accounts; {word!r} is by {by}"
            self.problems.add(entry.place, "limit-by-user", told, width=len(word))
        return word

    def words(self, entry: Entry | None, what: str) -> tuple[str, ...]:
        """Ids in a list, each once."""
        found: list[str] = []
        for item in self.problems.items(entry.node, what) if entry is not None else ():
            word = self.problems.id(item, what)
            if word and word in found:
                self.problems.add(item.place, "twice", f"{word!r} stands twice", width=len(word))
            found.append(word)
        return tuple(word for word in found if word)


def read_plans(node: Node | None, sold: Sold) -> dict[str, PlanSold]:
    """Plans by id, in the order written."""
    plans: dict[str, PlanSold] = {}
    for item in sold.problems.items(node, "plans") if node else ():
        keys = sold.problems.keys(item, "a plan", PLAN_KEYS)
        plan_id = sold.id(keys, item, "a plan", plans)
        if plan_id:
            prices = sold.prices(keys)
            _not_once(keys, prices, sold)
            plans[plan_id] = PlanSold(
                id=plan_id,
                prices=prices,
                per_seat=_per_seat(keys, sold),
                limits=_limits(keys, sold),
                features=sold.words(keys.get("features"), "features"),
                term_features=_term_features(plan_id, keys, prices, sold),
            )
    return plans


def _not_once(keys: Mapping[str, Entry], prices: Mapping[str, Decimal], sold: Sold) -> None:
    if ONCE in prices:
        place = next(entry.place for entry in keys["price"].node.entries() if entry.key == ONCE)
        told = "a plan is paid by term; what is paid once is a product"
        sold.problems.add(place, "price", told, width=len(ONCE))


def _per_seat(keys: Mapping[str, Entry], sold: Sold) -> bool:
    if "per" not in keys:
        return False
    return sold.problems.one_of(keys["per"].node, "'seat'", (SEAT,), "per") == SEAT


def _limits(keys: Mapping[str, Entry], sold: Sold) -> dict[str, LimitRule]:
    limits: dict[str, LimitRule] = {}
    for entry in sold.problems.mapping(keys["limits"].node, "limits").values() if "limits" in keys else ():
        meter = sold.meter(entry)
        rule = _limit(entry.node, sold.problems)
        if meter:
            limits[meter] = rule
    return limits


def _limit(node: Node, problems: Problems) -> LimitRule:
    if node.value == UNLIMITED:
        return LimitRule(fixed=None)
    if node.value == SEATS:
        return LimitRule(per_seat=Decimal(1))
    if isinstance(node.value, dict):
        each = problems.required(problems.keys(node, "a limit", LIMIT_KEYS), "per_seat", node, "a limit")
        amount = problems.positive(each, "a limit", or_zero=True) if each else None
        return LimitRule(per_seat=amount or Decimal(0))
    amount = problems.positive(node, "a limit", or_zero=True)
    return LimitRule(fixed=amount or Decimal(0))


def _term_features(
    plan: str, keys: Mapping[str, Entry], prices: Mapping[str, Decimal], sold: Sold
) -> dict[str, tuple[str, ...]]:
    if "term_features" not in keys:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for entry in sold.problems.mapping(keys["term_features"].node, "term_features").values():
        name = Node(entry.key, entry.place)
        term = sold.problems.one_of(name, f"a term that {plan!r} is sold for", prices, "unknown-term")
        features = sold.words(entry, "features")
        if term:
            found[term] = features
    return found
