"""Read the product document."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.product import (
    ANY_TERM,
    MAX_COUNTED,
    ONCE,
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
from services.trigger_engine.domain.playbook.reading import DURATION, EVENT_NAME, Problems

KEYS: Final = (
    "product", "currency", "default_plan", "history", "terms", "events", "plans", "ladders", "products", "meters",
    "placements", "guardrails",
)  # fmt: skip
LATER: Final = ("facts", "bundles", "in_use", "levels", "weights", "holdout")
PLAN_KEYS: Final = ("id", "price", "per", "limits", "features")
SOLD_KEYS: Final = ("id", "price", "adds")
AGGREGATES: Final = (Aggregate.COUNT, Aggregate.SUM, Aggregate.MAX)
METER_KEYS: Final = (*AGGREGATES, "of", "less", "over", "by")
METER_LATER: Final = ("last", "distinct", "days_with", "where")
GUARDRAIL_KEYS: Final = ("quiet_when", "caps")
GUARDRAIL_LATER: Final = ("not_before", "back_off", "price_step", "first_price")
PROPERTY_TYPES: Final = ("text", "number", "whole", "flag")
DEFAULT_TERMS: Final[Mapping[str, int]] = {"month": 1, "year": 12}
CALENDAR: Final = ("day", "week", "month")
"""Spans of the calendar in the account's zone: words of the language that this version does not carry out."""


def read_product(root: Node, problems: Problems) -> Product:
    """The product document at ``root``; with anything in ``problems`` the value is not to be used."""
    return _ProductReader(root, problems).read()


class _ProductReader:
    """What can not be read is replaced by something harmless, so that one fault is told once."""

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
        products = self._products(plans)
        default = self._entries.get("default_plan") if plans else None
        currency = self._entries.get("currency")
        return Product(
            name=self._problems.id(name, "the product's name") if name else "",
            currency=self._problems.id(currency.node, "currency") if currency else "USD",
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
        word = self._problems.text(node, "history") if node is not None else ""
        if node is not None and word not in ("", "starts_empty"):
            self._problems.later(node, f"'history: {word}'")

    def _read_terms(self) -> Mapping[str, int]:
        node = self._section("terms")
        if node is None:
            return DEFAULT_TERMS
        months = {
            self._problems.name(entry, "a term"): self._problems.whole(entry.node, "a term's months", least=1) or 1
            for entry in self._problems.mapping(node, "terms").values()
        }
        if node.value == {}:
            self._problems.add(node.place, "missing", "at least one term is needed, or nothing has a price")
        return months or DEFAULT_TERMS

    # --- events and meters ----------------------------------------------------------------------

    def _read_events(self) -> None:
        node = self._section("events")
        for entry in self._problems.mapping(node, "events").values() if node else ():
            if not EVENT_NAME.fullmatch(entry.key) or entry.key.startswith("rung."):
                self._problems.add(
                    entry.place,
                    "event-name",
                    f"{entry.key!r} must read object.action, and not begin with rung.",
                    width=len(entry.key),
                )
            self._events[entry.key] = {
                self._problems.name(prop, "a property"): self._property_type(prop.node)
                for prop in self._problems.mapping(entry.node, f"event {entry.key!r}").values()
            }

    def _property_type(self, node: Node) -> str:
        written = self._problems.text(node, "a property's type")
        if written and written.removesuffix("?") not in PROPERTY_TYPES:
            self._problems.add(
                node.place,
                "property-type",
                f"{written!r} is no type; there are {', '.join(PROPERTY_TYPES)}, and 'text?' if it may be absent",
                width=len(written),
            )
            return "number"
        return written

    def _read_meters(self) -> None:
        node = self._section("meters")
        for entry in self._problems.mapping(node, "meters").values() if node else ():
            self._meters[entry.key] = self._meter(entry) or MeterDefinition(entry.key, Aggregate.COUNT, of="")

    def _meter(self, entry: Entry) -> MeterDefinition | None:
        what = f"meter {entry.key!r}"
        keys = self._problems.keys(entry.node, what, METER_KEYS, METER_LATER)
        kinds = [kind for kind in AGGREGATES if kind in keys]
        if len(kinds) != 1:
            if isinstance(entry.node.value, dict) and not any(key in METER_LATER for key in keys):
                self._problems.add(
                    entry.place, "meter", f"{what} needs exactly one of {', '.join(AGGREGATES)}", width=len(entry.key)
                )
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
            self._problems.add(less.place, "meter", f"{what}: 'less' goes with 'count' only", width=len("less"))
        prop = None if kind is Aggregate.COUNT else self._number_property(keys[kind].node, of)
        return MeterDefinition(
            name=self._problems.name(entry, "a meter"),
            aggregate=kind,
            of=of,
            less=self._event(less.node) if less else None,
            prop=prop,
            span=self._span(keys),
            by_user=self._by_user(keys),
            may_lack=self._events[of].get(prop or "", "").endswith("?"),
        )

    def _event(self, node: Node) -> str | None:
        return self._problems.one_of(node, "an event", self._events, "unknown-event")

    def _number_property(self, node: Node, event: str) -> str | None:
        properties = self._events[event]
        name = self._problems.one_of(node, f"a property of {event!r}", [*properties, "quantity"], "unknown-property")
        if name and name != "quantity" and properties[name].removesuffix("?") not in ("number", "whole"):
            told = f"{name!r} is {properties[name]}, and this needs a number"
            self._problems.add(node.place, "property-type", told, width=len(name))
        return name

    def _span(self, keys: Mapping[str, Entry]) -> Span:
        if "over" not in keys:
            return Span.EVER
        node = keys["over"].node
        word = self._problems.text(node, "over")
        if word in CALENDAR or DURATION.fullmatch(word):
            self._problems.later(node, f"'over: {word}'")
            return Span.EVER
        known = (
            self._problems.one_of(node, "a span of time", [Span.EVER, Span.BILLING_PERIOD], "span") if word else None
        )
        return Span(known) if known else Span.EVER

    def _by_user(self, keys: Mapping[str, Entry]) -> bool:
        if "by" not in keys:
            return False
        node = keys["by"].node
        word = self._problems.text(node, "by")
        if word not in ("", "user"):
            self._problems.later(node, f"'by: {word}'")
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
        name = self._problems.id(node, f"{what}'s id") if node else ""
        if node and name in taken:
            self._problems.add(node.place, "twice", f"{name!r} stands twice", width=len(name))
        return name

    def _prices(self, keys: Mapping[str, Entry]) -> dict[str, Decimal]:
        if "price" not in keys:
            return {}
        node = keys["price"].node
        if isinstance(node.value, str):
            amount = self._problems.positive(node, "a price", or_zero=True)
            if amount:
                told = f"a price must say for which term, such as {{{next(iter(self._terms))}: {node.value}}}"
                self._problems.add(node.place, "price", told, width=len(node.value))
            return {} if amount is None else {ANY_TERM: amount}
        prices: dict[str, Decimal] = {}
        for entry in self._problems.keys(node, "a price", [*self._terms, ONCE]).values():
            amount = self._problems.positive(entry.node, "a price", or_zero=True)
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
            if meter:
                limits[meter] = rule
        return limits

    def _limited_meter(self, entry: Entry) -> str | None:
        word = self._problems.one_of(Node(entry.key, entry.place), "a meter", self._meters, "unknown-meter")
        if word and self._meters[word].by_user:
            self._problems.add(
                entry.place,
                "limit-by-user",
                f"plan limits apply to meters of accounts; {word!r} is by user",
                width=len(word),
            )
        return word

    def _limit(self, node: Node) -> LimitRule:
        if node.value == UNLIMITED:
            return LimitRule(fixed=None)
        if node.value == "seats":
            return LimitRule(per_seat=Decimal(1))
        if isinstance(node.value, dict):
            each = self._problems.required(
                self._problems.keys(node, "a limit", ("per_seat",)), "per_seat", node, "a limit"
            )
            amount = self._problems.positive(each, "a limit", or_zero=True) if each else None
            return LimitRule(per_seat=amount or Decimal(0))
        amount = self._problems.positive(node, "a limit", or_zero=True)
        return LimitRule(fixed=amount or Decimal(0))

    def _products(self, plans: Mapping[str, object]) -> dict[str, ProductSold]:
        node = self._section("products")
        products: dict[str, ProductSold] = {}
        for item in self._problems.items(node, "products") if node else ():
            keys = self._problems.keys(item, "a product", SOLD_KEYS, ("goes_with", "sort", "repeat"))
            product_id = self._id(keys, item, "a product", {**plans, **products})
            if product_id:
                products[product_id] = ProductSold(product_id, self._prices(keys), self._adds(keys))
        return products

    def _adds(self, keys: Mapping[str, Entry]) -> dict[str, Decimal]:
        adds: dict[str, Decimal] = {}
        for entry in self._problems.mapping(keys["adds"].node, "adds").values() if "adds" in keys else ():
            meter = self._limited_meter(entry)
            amount = self._problems.positive(entry.node, "added capacity")
            if meter and amount is not None:
                adds[meter] = amount
        return adds

    def _ladders(self, plans: Mapping[str, object], products: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        node = self._section("ladders")
        ladders: dict[str, tuple[str, ...]] = {}
        for entry in self._problems.mapping(node, "ladders").values() if node and plans else ():
            rungs: list[str] = []
            for item in self._problems.items(entry.node, f"ladder {entry.key!r}"):
                word = self._problems.one_of(item, "a plan or product", [*plans, *products], "unknown-rung")
                if word in products and word not in plans:
                    self._problems.later(item, "ladders of products")
                if word in rungs:
                    self._problems.add(item.place, "twice", f"{word!r} stands twice", width=len(word or ""))
                rungs.extend([word] if word else [])
            ladders[self._problems.name(entry, "a ladder")] = tuple(rungs)
        return ladders

    # --- placements and guardrails --------------------------------------------------------------

    def _words(self, entry: Entry | None, what: str) -> tuple[str, ...]:
        if entry is None:
            return ()
        return tuple(self._problems.id(item, what) for item in self._problems.items(entry.node, what))

    def _placements(self) -> tuple[str, ...]:
        node = self._problems.required(self._entries, "placements", self._root, "the product document")
        words = self._words(self._entries.get("placements"), "placements")
        if node and node.value == ():
            self._problems.add(node.place, "missing", "at least one placement is needed, or no offer could be shown")
        return words

    def _quiet(self) -> dict[Quiet, int]:
        entry = self._guardrails.get("quiet_when")
        quiet: dict[Quiet, int] = {}
        for item in self._problems.items(entry.node, "quiet_when") if entry else ():
            if isinstance(item.value, str):
                self._be_quiet(quiet, item, None)
                continue
            for inner in self._problems.mapping(item, "a quiet state with its cool-down").values():
                self._be_quiet(quiet, Node(inner.key, inner.place), inner.node)
        return quiet

    def _be_quiet(self, quiet: dict[Quiet, int], state: Node, cool_down: Node | None) -> None:
        word = self._problems.one_of(state, "a state to be quiet in", list(Quiet), "unknown-state")
        length = self._problems.duration(cool_down, "a cool-down") if cool_down else None
        if word is None:
            return
        name = Quiet(word)
        if name in quiet:
            self._problems.add(state.place, "twice", f"{word!r} stands twice", width=len(word))
        if name is Quiet.ONBOARDING and cool_down:
            self._problems.later(state, "a cool-down after onboarding")
        quiet[name] = length or 0

    def _caps(self) -> tuple[Cap, ...]:
        entry = self._guardrails.get("caps")
        caps = []
        for item in self._problems.items(entry.node, "caps") if entry else ():
            keys = self._problems.keys(item, "a cap", ("at_most", "per", "each"), ("for", "of"))
            at_most = self._problems.required(keys, "at_most", item, "a cap")
            per = self._problems.required(keys, "per", item, "a cap")
            count = self._problems.whole(at_most, "at_most") if at_most else None
            if at_most and count is not None and count > MAX_COUNTED:
                self._problems.add(at_most.place, "range", f"at_most must be {MAX_COUNTED} or less")
            length = self._cap_span(per) if per else None
            each = self._each(keys["each"].node) if "each" in keys else Each.ACCOUNT
            if count is not None and length is not None:
                caps.append(Cap(count, length, each))
        return tuple(caps)

    def _cap_span(self, node: Node) -> int | None:
        if node.value in CALENDAR:
            self._problems.later(node, f"'per: {node.value}'")
            return None
        return self._problems.duration(node, "per")

    def _each(self, node: Node) -> Each:
        if node.value == "user":
            self._problems.later(node, "'each: user'")
            return Each.ACCOUNT
        word = self._problems.one_of(node, "what a cap counts by", list(Each), "each")
        return Each(word) if word else Each.ACCOUNT
