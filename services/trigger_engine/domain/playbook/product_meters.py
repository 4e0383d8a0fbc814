"""Meters as declared: what each counts, over which time, for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import Names
from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.meter_definitions import (
    ANY_EVENT,
    QUANTITY,
    USER,
    Aggregate,
    MeterDefinition,
    Span,
)
from services.trigger_engine.domain.playbook.product_names import names_of_event
from services.trigger_engine.domain.playbook.reading import DURATION, Problems
from services.trigger_engine.domain.playbook.shapes import (
    A_CONDITION,
    A_DURATION,
    A_NAME,
    AN_EVENT,
    Shape,
    Shapes,
    any_of,
    keyed,
    list_of,
    mapping_of,
    one_of,
)

SPANS: Final = tuple(span for span in Span if span is not Span.ROLLING)
METER_KEYS: Final[Shapes] = {
    Aggregate.COUNT.value: AN_EVENT,
    Aggregate.SUM.value: A_NAME,
    Aggregate.MAX.value: A_NAME,
    Aggregate.LAST.value: A_NAME,
    Aggregate.DISTINCT.value: A_NAME,
    Aggregate.DAYS_WITH.value: any_of(one_of([ANY_EVENT]), AN_EVENT, list_of(AN_EVENT, least=1)),
    "of": AN_EVENT,
    "less": AN_EVENT,
    "over": any_of(one_of(SPANS), A_DURATION),
    "by": A_NAME,
    "where": A_CONDITION,
}
OF_A_PROPERTY: Final = (Aggregate.SUM, Aggregate.MAX, Aggregate.LAST, Aggregate.DISTINCT)
METERS: Final[Shape] = mapping_of(
    {
        **keyed(METER_KEYS),
        "oneOf": [{"required": [kind, "of"] if kind in OF_A_PROPERTY else [kind]} for kind in map(str, Aggregate)],
    }
)

Events = Mapping[str, Mapping[str, str]]


def read_meters(
    section: Entry | None, events: Events, elsewhere: Names, problems: Problems
) -> dict[str, MeterDefinition]:
    """Meters by name; ``elsewhere`` are the names that can be read, but not by ``where``.

    One that can not be read is replaced by something harmless, so that what refers to it is no fault.
    """
    meters: dict[str, MeterDefinition] = {}
    for entry in problems.mapping(section.node, "meters").values() if section else ():
        problems.name(entry, "a meter")
        keys = problems.keys(entry.node, f"meter {entry.key!r}", METER_KEYS)
        meter = _Meter(entry, keys, events, elsewhere, problems).read()
        meters[entry.key] = meter or MeterDefinition(entry.key, Aggregate.COUNT, of="")
    return meters


@dataclass(frozen=True, slots=True)
class _Meter:
    """One meter as written."""

    entry: Entry
    keys: Mapping[str, Entry]
    events: Events
    elsewhere: Names
    problems: Problems

    @property
    def what(self) -> str:
        return f"meter {self.entry.key!r}"

    def read(self) -> MeterDefinition | None:
        kind = self._aggregate()
        of = self._events(kind) if kind else ()
        if kind is None or not of:
            return None
        less = self._less(kind, of[0])
        moved_by = self._properties([*of, *([less] if less else [])])
        prop = self._prop(kind, self.keys[kind].node, of[0])
        span, rolling_us = self._span()
        by = self._by(moved_by)
        return MeterDefinition(
            name=self.entry.key,
            aggregate=kind,
            of=of[0],
            less=less,
            prop=prop,
            span=span,
            by_user=by == USER,
            may_lack=prop == USER or self._property_types(of[0]).get(prop or "", "").endswith("?"),
            also=of[1:],
            rolling_us=rolling_us,
            by=None if by == USER else by,
            where=self._where(moved_by),
            by_may_lack=moved_by.get(by or "", "").endswith("?"),
        )

    def _aggregate(self) -> Aggregate | None:
        kinds = [kind for kind in Aggregate if kind in self.keys]
        if len(kinds) == 1:
            return kinds[0]
        if isinstance(self.entry.node.value, dict):
            told = f"{self.what} needs exactly one of {', '.join(Aggregate)}"
            self.problems.add(self.entry.place, "meter", told, width=len(self.entry.key))
        return None

    # --- events ---------------------------------------------------------------------------------

    def _events(self, kind: Aggregate) -> tuple[str, ...]:
        """The events that add to it; none, and a problem, when they can not be told."""
        if kind in OF_A_PROPERTY:
            node = self.problems.required(self.keys, "of", self.entry.node, self.what)
            event = self._event(node) if node else None
            return (event,) if event else ()
        if "of" in self.keys:
            told = f"{self.what}: 'of' names the event of a property, and {kind.value!r} has none"
            self.problems.add(self.keys["of"].place, "meter", told, width=len("of"))
        node = self.keys[kind].node
        if kind is Aggregate.COUNT or isinstance(node.value, str):
            event = ANY_EVENT if kind is Aggregate.DAYS_WITH and node.value == ANY_EVENT else self._event(node)
            return (event,) if event else ()
        return self._list(node)

    def _list(self, node: Node) -> tuple[str, ...]:
        items = self.problems.items(node, "days_with")
        found = [event for item in items if (event := self._event(item))]
        if node.value == () or len(set(found)) != len(found):
            told = f"{self.what}: days_with needs events, each given once"
            self.problems.add(self.keys[Aggregate.DAYS_WITH].place, "meter", told, width=len(Aggregate.DAYS_WITH))
        return tuple(sorted(set(found))) if len(found) == len(items) else ()

    def _event(self, node: Node) -> str | None:
        return self.problems.one_of(node, "an event", self.events, "unknown-event")

    def _less(self, kind: Aggregate, of: str) -> str | None:
        if "less" not in self.keys:
            return None
        less = self.keys["less"]
        if kind is not Aggregate.COUNT:
            told = f"{self.what}: 'less' goes with 'count' only"
            self.problems.add(less.place, "meter", told, width=len("less"))
        event = self._event(less.node)
        if event == of:
            told = f"{self.what}: {event!r} can not add and take away"
            self.problems.add(less.node.place, "meter", told, width=len(of))
        return event

    # --- properties -----------------------------------------------------------------------------

    def _property_types(self, event: str) -> Mapping[str, str]:
        return self.events.get(event, {})

    def _properties(self, moved_by: Sequence[str]) -> dict[str, str]:
        """What all of these events have, of the same type; optional when it is so in one of them."""
        shared: dict[str, str] | None = None
        for event in moved_by:
            own = self._property_types(event)
            if shared is None:
                shared = dict(own)
            same = {name for name in shared if shared[name].removesuffix("?") == own.get(name, "").removesuffix("?")}
            shared = {name: max(shared[name], own[name]) for name in shared if name in same}
        return shared or {}

    def _prop(self, kind: Aggregate, node: Node, event: str) -> str | None:
        if kind not in OF_A_PROPERTY:
            return None
        properties = self._property_types(event)
        beside = USER if kind is Aggregate.DISTINCT else QUANTITY
        known = [*properties, beside]
        name = self.problems.one_of(node, f"a property of {event!r}", known, "unknown-property")
        needs_number = kind is not Aggregate.DISTINCT and name in properties
        if name and needs_number and properties[name].removesuffix("?") not in ("number", "whole"):
            told = f"{name!r} is {properties[name]}, and this needs a number"
            self.problems.add(node.place, "property-type", told, width=len(name))
        return name

    def _by(self, properties: Mapping[str, str]) -> str | None:
        if "by" not in self.keys:
            return None
        node = self.keys["by"].node
        known = [USER, *properties]
        return self.problems.one_of(node, "'user', or a property that each of its events has", known, "by")

    def _where(self, properties: Mapping[str, str]) -> Condition | None:
        if "where" not in self.keys:
            return None
        names = names_of_event(properties, self.elsewhere)
        return read_condition(self.keys["where"].node, "where", names, self.problems)

    # --- time -----------------------------------------------------------------------------------

    def _span(self) -> tuple[Span, int | None]:
        if "over" not in self.keys:
            return Span.EVER, None
        node = self.keys["over"].node
        word = self.problems.text(node, "over")
        if DURATION.fullmatch(word):
            length = self.problems.duration(node, "over")
            return (Span.ROLLING, length) if length else (Span.EVER, None)
        known = self.problems.one_of(node, "a length such as 7d, or a span of time", SPANS, "span") if word else None
        return (Span(known) if known else Span.EVER), None
