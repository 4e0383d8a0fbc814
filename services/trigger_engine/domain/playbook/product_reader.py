"""Read the product document."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.product import (
    UNLIMITED,
    Aggregate,
    Cap,
    Each,
    LimitRule,
    MeterDefinition,
    PlanSold,
    Product,
    ProductSold,
    Quiet,
    Span,
)
from services.trigger_engine.domain.playbook.reading import EVENT_NAME, Problems

KEYS: Final = (
    "product", "currency", "default_plan", "history", "terms", "events", "plans", "ladders", "products", "meters",
    "placements", "guardrails",
)  # fmt: skip
LATER: Final = ("facts", "bundles", "in_use", "levels", "weights", "holdout")
PLAN_KEYS: Final = ("id", "price", "per", "limits", "features")
SOLD_KEYS: Final = ("id", "price", "adds")
METER_KEYS: Final = ("count", "sum", "max", "of", "less", "over", "by")
METER_LATER: Final = ("last", "distinct", "days_with", "where")
GUARDRAIL_KEYS: Final = ("quiet_when", "caps")
GUARDRAIL_LATER: Final = ("not_before", "back_off", "price_step", "first_price")
PROPERTY_TYPES: Final = ("text", "number", "whole", "flag")
DEFAULT_TERMS: Final[Mapping[str, int]] = {"month": 1, "year": 12}
ANY_TERM: Final = "any"
"""Term of a price written without one, such as ``price: 0``."""


def read_product(root: Node, problems: Problems) -> Product:
    """The product document at ``root``; with anything in ``problems`` the value is not to be used."""
    return _ProductReader(root, problems).read()


class _ProductReader:
    def __init__(self, root: Node, problems: Problems) -> None:
        self._root = root
        self._problems = problems
        self._entries = problems.keys(root, "the product document", KEYS, LATER)
        self._events: dict[str, dict[str, str]] = {}
        self._meters: dict[str, MeterDefinition] = {}
        self._terms: Mapping[str, int] = DEFAULT_TERMS
        guardrails = self._section("guardrails")
        self._guardrails: Mapping[str, Entry] = (
            problems.keys(guardrails, "guardrails", GUARDRAIL_KEYS, GUARDRAIL_LATER) if guardrails else {}
        )

    def read(self) -> Product:
        name = self._problems.required(self._entries, "product", self._root, "the product document")
        self._history()
        self._terms = self._read_terms()
        self._read_events()
        self._read_meters()
        plans = self._plans()
        products = self._products()
        default = self._entries.get("default_plan")
        currency = self._entries.get("currency")
        return Product(
            name=self._problems.text(name, "the product's name") if name else "",
            currency=self._problems.text(currency.node, "currency") if currency else "USD",
            default_plan=self._problems.one_of(default.node, "a plan", plans, "unknown-plan") if default else None,
            terms=self._terms,
            events=self._events,
            plans=plans,
            ladders=self._ladders(plans, products),
            products=products,
            meters=self._meters,
            placements=self._placements(),
            quiet=self._quiet(),
            caps=self._caps(),
        )

    def _section(self, key: str) -> Node | None:
        return self._entries[key].node if key in self._entries else None

    def _history(self) -> None:
        node = self._section("history")
        if node is not None and self._problems.text(node, "history") != "starts_empty":
            self._problems.add(node.place, "not-yet", "this version carries out 'history: starts_empty' only")

    def _read_terms(self) -> Mapping[str, int]:
        node = self._section("terms")
        if node is None:
            return DEFAULT_TERMS
        months = {
            self._problems.name(entry, "a term"): self._problems.whole(entry.node, "a term's months", least=1)
            for entry in self._problems.mapping(node, "terms").values()
        }
        return {term: count for term, count in months.items() if count is not None}

    # --- events and meters ----------------------------------------------------------------------

    def _read_events(self) -> None:
        node = self._section("events")
        for entry in self._problems.mapping(node, "events").values() if node else ():
            if not EVENT_NAME.fullmatch(entry.key) or entry.key.startswith("rung."):
                self._problems.add(
                    entry.place, "event-name", f"{entry.key!r} must read object.action, and not begin with rung."
                )
            self._events[entry.key] = {
                self._problems.name(prop, "a property"): self._property_type(prop.node)
                for prop in self._problems.mapping(entry.node, f"event {entry.key!r}").values()
            }

    def _property_type(self, node: Node) -> str:
        written = self._problems.text(node, "a property's type")
        if written.removesuffix("?") not in PROPERTY_TYPES:
            self._problems.add(
                node.place,
                "property-type",
                f"{written!r} is no type; there are {', '.join(PROPERTY_TYPES)}, and 'text?'",
            )
        return written

    def _read_meters(self) -> None:
        node = self._section("meters")
        for entry in self._problems.mapping(node, "meters").values() if node else ():
            meter = self._meter(entry)
            if meter is not None:
                self._meters[meter.name] = meter

    def _meter(self, entry: Entry) -> MeterDefinition | None:
        what = f"meter {entry.key!r}"
        keys = self._problems.keys(entry.node, what, METER_KEYS, METER_LATER)
        kinds = [kind for kind in Aggregate if kind in keys]
        if len(kinds) != 1:
            if not any(key in METER_LATER for key in keys):
                self._problems.add(entry.place, "meter", f"{what} needs one of {', '.join(Aggregate)}")
            return None
        kind = kinds[0]
        counted = keys[kind].node if kind is Aggregate.COUNT else self._problems.required(keys, "of", entry.node, what)
        if counted is None:
            return None
        of = self._event(counted)
        if of is None:
            return None
        less = keys.get("less")
        if less and kind is not Aggregate.COUNT:
            self._problems.add(less.place, "meter", f"{what}: 'less' goes with 'count' only")
        return MeterDefinition(
            name=self._problems.name(entry, "a meter"),
            aggregate=kind,
            of=of,
            less=self._event(less.node) if less else None,
            prop=None if kind is Aggregate.COUNT else self._number_property(keys[kind].node, of),
            span=self._span(keys),
            by_user=self._by_user(keys),
        )

    def _event(self, node: Node) -> str | None:
        return self._problems.one_of(node, "an event", self._events, "unknown-event")

    def _number_property(self, node: Node, event: str) -> str | None:
        properties = self._events[event]
        name = self._problems.one_of(node, f"a property of {event!r}", [*properties, "quantity"], "unknown-property")
        if name and name != "quantity" and properties[name].removesuffix("?") not in ("number", "whole"):
            self._problems.add(node.place, "property-type", f"{name!r} is {properties[name]}, and this needs a number")
        return name

    def _span(self, keys: Mapping[str, Entry]) -> Span:
        if "over" not in keys:
            return Span.EVER
        node = keys["over"].node
        if self._problems.text(node, "over") != Span.BILLING_PERIOD:
            self._problems.add(node.place, "not-yet", "this version carries out 'over: billing_period' only")
        return Span.BILLING_PERIOD

    def _by_user(self, keys: Mapping[str, Entry]) -> bool:
        if "by" not in keys:
            return False
        node = keys["by"].node
        if self._problems.text(node, "by") != "user":
            self._problems.add(node.place, "not-yet", "this version carries out 'by: user' only")
        return True

    # --- the catalogue --------------------------------------------------------------------------

    def _plans(self) -> dict[str, PlanSold]:
        node = self._problems.required(self._entries, "plans", self._root, "the product document")
        plans: dict[str, PlanSold] = {}
        for item in self._problems.items(node, "plans") if node else ():
            keys = self._problems.keys(item, "a plan", PLAN_KEYS, ("term_features",))
            plan_id = self._id(keys, item, "a plan", plans)
            if plan_id:
                plans[plan_id] = PlanSold(
                    id=plan_id,
                    prices=self._prices(keys),
                    per_seat=self._per_seat(keys),
                    limits=self._limits(keys),
                    features=self._words(keys.get("features"), "features"),
                )
        return plans

    def _id(self, keys: Mapping[str, Entry], item: Node, what: str, taken: Mapping[str, object]) -> str:
        node = self._problems.required(keys, "id", item, what)
        name = self._problems.text(node, f"{what}'s id") if node else ""
        if node and name in taken:
            self._problems.add(node.place, "twice", f"{name!r} stands twice")
        return name

    def _prices(self, keys: Mapping[str, Entry]) -> dict[str, Decimal]:
        if "price" not in keys:
            return {}
        node = keys["price"].node
        if isinstance(node.value, str):
            amount = self._problems.decimal(node, "a price")
            return {} if amount is None else {ANY_TERM: amount}
        prices: dict[str, Decimal] = {}
        for entry in self._problems.keys(node, "a price", [*self._terms, "once"]).values():
            amount = self._problems.decimal(entry.node, "a price")
            if amount is not None and amount < 0:
                self._problems.add(entry.node.place, "range", "a price can not be below 0")
            if amount is not None:
                prices[entry.key] = amount
        return prices

    def _per_seat(self, keys: Mapping[str, Entry]) -> bool:
        if "per" not in keys:
            return False
        return self._problems.one_of(keys["per"].node, "'seat'", ("seat",), "per") == "seat"

    def _limits(self, keys: Mapping[str, Entry]) -> dict[str, LimitRule]:
        limits: dict[str, LimitRule] = {}
        for entry in self._problems.mapping(keys["limits"].node, "limits").values() if "limits" in keys else ():
            meter = self._limited_meter(entry)
            rule = self._limit(entry.node)
            if meter and rule is not None:
                limits[meter] = rule
        return limits

    def _limited_meter(self, entry: Entry) -> str | None:
        word = self._problems.one_of(Node(entry.key, entry.place), "a meter", self._meters, "unknown-meter")
        if word and self._meters[word].by_user:
            self._problems.add(
                entry.place, "limit-by-user", f"plan limits apply to meters of accounts; {word!r} is by user"
            )
        return word

    def _limit(self, node: Node) -> LimitRule | None:
        if node.value == UNLIMITED:
            return LimitRule(fixed=None)
        if node.value == "seats":
            return LimitRule(per_seat=Decimal(1))
        if isinstance(node.value, dict):
            each = self._problems.required(
                self._problems.keys(node, "a limit", ("per_seat",)), "per_seat", node, "a limit"
            )
            amount = self._problems.decimal(each, "a limit") if each else None
            return None if amount is None else LimitRule(per_seat=amount)
        amount = self._problems.decimal(node, "a limit")
        return None if amount is None else LimitRule(fixed=amount)

    def _products(self) -> dict[str, ProductSold]:
        node = self._section("products")
        products: dict[str, ProductSold] = {}
        for item in self._problems.items(node, "products") if node else ():
            keys = self._problems.keys(item, "a product", SOLD_KEYS, ("goes_with", "sort", "repeat"))
            product_id = self._id(keys, item, "a product", products)
            if product_id:
                products[product_id] = ProductSold(product_id, self._prices(keys), self._adds(keys))
        return products

    def _adds(self, keys: Mapping[str, Entry]) -> dict[str, Decimal]:
        adds: dict[str, Decimal] = {}
        for entry in self._problems.mapping(keys["adds"].node, "adds").values() if "adds" in keys else ():
            meter = self._limited_meter(entry)
            amount = self._problems.decimal(entry.node, "added capacity")
            if meter and amount is not None:
                adds[meter] = amount
        return adds

    def _ladders(self, plans: Mapping[str, object], products: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        node = self._section("ladders")
        rungs = [*plans, *products]
        return {
            self._problems.name(entry, "a ladder"): tuple(
                word
                for item in self._problems.items(entry.node, f"ladder {entry.key!r}")
                if (word := self._problems.one_of(item, "a plan or product", rungs, "unknown-rung"))
            )
            for entry in (self._problems.mapping(node, "ladders").values() if node else ())
        }

    # --- placements and guardrails --------------------------------------------------------------

    def _words(self, entry: Entry | None, what: str) -> tuple[str, ...]:
        if entry is None:
            return ()
        return tuple(self._problems.text(item, what) for item in self._problems.items(entry.node, what))

    def _placements(self) -> tuple[str, ...]:
        node = self._problems.required(self._entries, "placements", self._root, "the product document")
        words = self._words(self._entries.get("placements"), "placements")
        if node and not words:
            self._problems.add(node.place, "missing", "at least one placement is needed, or no offer could be shown")
        return words

    def _quiet(self) -> dict[Quiet, int]:
        entry = self._guardrails.get("quiet_when")
        quiet: dict[Quiet, int] = {}
        for item in self._problems.items(entry.node, "quiet_when") if entry else ():
            if isinstance(item.value, str):
                name, cool_down = self._quiet_name(item), 0
            else:
                inner = next(iter(self._problems.mapping(item, "a quiet state with its cool-down").values()), None)
                if inner is None:
                    continue
                name = self._quiet_name(Node(inner.key, inner.place))
                cool_down = self._problems.duration(inner.node, "a cool-down") or 0
            if name is not None:
                quiet[name] = cool_down
        return quiet

    def _quiet_name(self, node: Node) -> Quiet | None:
        word = self._problems.one_of(node, "a state to be quiet in", list(Quiet), "unknown-state")
        return Quiet(word) if word else None

    def _caps(self) -> tuple[Cap, ...]:
        entry = self._guardrails.get("caps")
        caps = []
        for item in self._problems.items(entry.node, "caps") if entry else ():
            keys = self._problems.keys(item, "a cap", ("at_most", "per", "each"), ("for", "of"))
            at_most = self._problems.required(keys, "at_most", item, "a cap")
            per = self._problems.required(keys, "per", item, "a cap")
            count = self._problems.whole(at_most, "at_most") if at_most else None
            length = self._problems.duration(per, "per") if per else None
            each = (
                self._problems.one_of(keys["each"].node, "what a cap counts by", list(Each), "each")
                if "each" in keys
                else Each.ACCOUNT
            )
            if count is not None and length is not None and each is not None:
                caps.append(Cap(count, length, Each(each)))
        return tuple(caps)
