"""What happens in the product, and what is true of its accounts: events and facts as declared."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import ACCOUNT
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.meter_definitions import QUANTITY, USER
from services.trigger_engine.domain.playbook.product import FactDefinition
from services.trigger_engine.domain.playbook.reading import EVENT_NAME, Problems
from services.trigger_engine.domain.playbook.shapes import (
    AN_EVENT,
    FLAG,
    NUMERIC,
    TEXT,
    Shape,
    Shapes,
    any_of,
    keyed,
    mapping_of,
    matching,
    one_of,
)

TYPES: Final = (Kind.TEXT, Kind.NUMBER, Kind.WHOLE, Kind.FLAG)
OPTIONAL: Final = "?"
OF_EVERY_EVENT: Final = (USER, QUANTITY)
"""What an event has beside its properties, so that none of them can be called so."""

DEFAULTS: Final[Shapes] = {
    Kind.TEXT: any_of(TEXT, {"type": ["number", "boolean"]}),
    Kind.NUMBER: NUMERIC,
    Kind.WHOLE: any_of({"type": "integer"}, matching(r"-?\d{1,18}")),
    Kind.FLAG: FLAG,
}
FACT_KEYS: Final = ("type", "default")
EVENTS: Final[Shape] = mapping_of(mapping_of(one_of([*TYPES, *(kind + OPTIONAL for kind in TYPES)])), AN_EVENT)
FACTS: Final[Shape] = mapping_of(
    any_of(
        one_of(TYPES),
        *(
            keyed(dict(zip(FACT_KEYS, (one_of([kind]), default), strict=True)), ("type",))
            for kind, default in DEFAULTS.items()
        ),
    )
)


def read_events(section: Entry | None, problems: Problems) -> dict[str, dict[str, str]]:
    """The type of each property, by event type; ``?`` marks one that may be absent."""
    events: dict[str, dict[str, str]] = {}
    for entry in problems.mapping(section.node, "events").values() if section else ():
        if not EVENT_NAME.fullmatch(entry.key) or entry.key.startswith("rung."):
            told = f"{entry.key!r} must read object.action, and not begin with rung."
            problems.add(entry.place, "event-name", told, width=len(entry.key))
        events[entry.key] = {
            _property(prop, problems): _property_type(prop.node, problems)
            for prop in problems.mapping(entry.node, f"event {entry.key!r}").values()
        }
    return events


def _property(prop: Entry, problems: Problems) -> str:
    if prop.key in OF_EVERY_EVENT:
        told = f"every event has {prop.key!r} beside its properties: no property can be called so"
        problems.add(prop.place, "built-in", told, width=len(prop.key))
    return problems.name(prop, "a property")


def _property_type(node: Node, problems: Problems) -> str:
    written = problems.text(node, "a property's type")
    if written.removesuffix(OPTIONAL) in TYPES:
        return written
    if written:
        told = f"{written!r} is no type; there are {', '.join(TYPES)}, and 'text?' if it may be absent"
        problems.add(node.place, "property-type", told, width=len(written))
    return Kind.NUMBER


def read_facts(section: Entry | None, problems: Problems) -> dict[str, FactDefinition]:
    """What is told of accounts beyond the built-in names, by name."""
    facts: dict[str, FactDefinition] = {}
    for entry in problems.mapping(section.node, "facts").values() if section else ():
        name = problems.name(entry, "a fact")
        if name in ACCOUNT:
            told = (
                f"account.{name} is built in ({ACCOUNT[name].meaning}): it needs no declaring, and no fact changes it"
            )
            problems.add(entry.place, "built-in", told, width=len(name))
        facts[name] = _fact(name, entry.node, problems)
    return facts


def _fact(name: str, node: Node, problems: Problems) -> FactDefinition:
    if isinstance(node.value, str):
        return FactDefinition(name, _fact_type(node, problems))
    keys = problems.keys(node, f"fact {name!r}", FACT_KEYS)
    written = problems.required(keys, "type", node, f"fact {name!r}")
    kind = _fact_type(written, problems) if written else Kind.TEXT
    return FactDefinition(name, kind, _default(keys, kind, problems) if written else None)


def _fact_type(node: Node, problems: Problems) -> Kind:
    word = problems.text(node, "a fact's type")
    if word in TYPES:
        return Kind(word)
    if word.removesuffix(OPTIONAL) in TYPES:
        told = "a fact needs no '?': until it is told it is unknown, or its default"
        problems.add(node.place, "fact-type", told, width=len(word))
    elif word:
        told = f"{word!r} is no type; there are {', '.join(TYPES)}"
        problems.add(node.place, "fact-type", told, width=len(word))
    return Kind.TEXT


def _default(keys: Mapping[str, Entry], kind: Kind, problems: Problems) -> str | Decimal | int | bool | None:
    if "default" not in keys:
        return None
    node, what = keys["default"].node, "a default"
    match kind:
        case Kind.NUMBER:
            return problems.decimal(node, what)
        case Kind.WHOLE:
            number = problems.decimal(node, what)
            if number is not None and number != int(number):
                problems.add(node.place, "range", f"a default of a whole number must be one, and this is {node.kind}")
            return None if number is None else int(number)
        case Kind.FLAG:
            word = problems.one_of(node, "true or false", ("true", "false"), "flag")
            return None if word is None else word == "true"
        case _:
            return problems.text(node, what) or None
