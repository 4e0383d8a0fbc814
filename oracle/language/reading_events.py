"""Events, facts and meters of the product document."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.language.meter import ANY_EVENT, BILLING_PERIOD, CALENDAR, EVER, QUANTITY, ROLLING, USER, Meter
from oracle.language.names import ACCOUNT, condition, names_of_event
from oracle.language.scalars import (
    EVENT,
    LENGTH,
    a_name,
    ensure,
    flag,
    keyed,
    length,
    mapping,
    number,
    some,
    text,
    word_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle.language.scalars import Node

TYPES: Final = ("text", "number", "whole", "flag")
OF_A_PROPERTY: Final = ("sum", "max", "last", "distinct")
KINDS: Final = ("count", *OF_A_PROPERTY, "days_with")
METER_KEYS: Final = (*KINDS, "of", "less", "over", "by", "where")

Fact = tuple[str, str | bool | int | Decimal | None]
"""Its type, and what it is until it is told."""

Events = dict[str, dict[str, str]]
"""The type of each property by event type; ``?`` marks one that may lack."""


def events_of(node: Node) -> Events:
    """The events that there are."""
    events: Events = {}
    for name, properties in mapping(node, "events").items():
        ensure(EVENT.fullmatch(name) and not name.startswith("rung."), f"{name} is no event")
        events[name] = {a_name(prop): text(kind, prop) for prop, kind in mapping(properties, name).items()}
        ensure(not events[name].keys() & {USER, QUANTITY}, f"{name}: every event has a user and a quantity")
        ensure(all(kind.removesuffix("?") in TYPES for kind in events[name].values()), f"{name}: no type")
    return events


def facts_of(node: Node) -> dict[str, Fact]:
    """The facts that are told of accounts beside what is built in."""
    facts: dict[str, Fact] = {}
    for name, body in mapping(node, "facts").items():
        ensure(a_name(name) not in ACCOUNT, f"{name} is built in")
        if isinstance(body, str):
            facts[name] = word_of(body, TYPES, "a type"), None
            continue
        keys = keyed(body, ("type", "default"), name, required=("type",))
        kind = word_of(keys["type"], TYPES, "a type")
        facts[name] = kind, _default(kind, keys["default"]) if "default" in keys else None
    return facts


def _default(kind: str, node: Node) -> str | bool | int | Decimal:
    if kind == "flag":
        return flag(node)
    if kind == "text":
        return text(node, "a default")
    made = number(node)
    ensure(kind == "number" or made == int(made), "the default of a whole number must be one")
    return made if kind == "number" else int(made)


# --- meters -----------------------------------------------------------------------------------------


def meters_of(node: Node, events: Events) -> dict[str, Meter]:
    """The meters, by name."""
    return {a_name(name): _meter(name, body, events) for name, body in mapping(node, "meters").items()}


def _meter(name: str, body: Node, events: Events) -> Meter:
    keys = keyed(body, METER_KEYS, name)
    kinds = [kind for kind in KINDS if kind in keys]
    ensure(len(kinds) == 1, f"meter {name} needs exactly one of {KINDS}")
    kind = kinds[0]
    ensure(("of" in keys) == (kind in OF_A_PROPERTY), f"meter {name}: 'of'")
    moved_by = _events(kind, keys, events)
    less = word_of(keys["less"], events, "an event") if "less" in keys else None
    ensure(less is None or (kind == "count" and less not in moved_by), f"meter {name}: 'less'")
    shared = _shared([events.get(event, {}) for event in (*moved_by, *([less] if less else ()))])
    prop = _prop(kind, keys, events[moved_by[0]]) if kind in OF_A_PROPERTY else None
    span, rolling = _span(keys.get("over", EVER))
    return Meter(
        name=name,
        kind=kind,
        events=moved_by,
        less=less,
        prop=prop,
        may_lack=prop == USER or events.get(moved_by[0], {}).get(prop or "", "").endswith("?"),
        span=span,
        rolling=rolling,
        by=word_of(keys["by"], (USER, *shared), "user or a property") if "by" in keys else None,
        by_may_lack=shared.get(str(keys.get("by", "")), "").endswith("?"),
        where=condition(keys["where"], names_of_event(shared), f"meter {name}") if "where" in keys else None,
    )


def _events(kind: str, keys: dict[str, Node], events: Events) -> tuple[str, ...]:
    """The events that add to it; several of them in the order of the alphabet."""
    written = keys["of" if kind in OF_A_PROPERTY else kind]
    if kind == "days_with" and written == ANY_EVENT:
        return (ANY_EVENT,)
    if kind != "days_with" or isinstance(written, str):
        return (word_of(written, events, "an event"),)
    found = [word_of(item, events, "an event") for item in some(written, "days_with")]
    ensure(len(set(found)) == len(found), "days_with has an event twice")
    return tuple(sorted(found))


def _shared(each: Sequence[dict[str, str]]) -> dict[str, str]:
    """The properties that all of these events have, of the same type."""
    first, *others = each
    shared = {}
    for name, kind in first.items():
        kinds = [kind, *(own.get(name, "") for own in others)]
        if len({of.removesuffix("?") for of in kinds}) == 1:
            shared[name] = max(kinds)
    return shared


def _prop(kind: str, keys: dict[str, Node], properties: dict[str, str]) -> str:
    prop = word_of(keys[kind], (*properties, USER if kind == "distinct" else QUANTITY), "a property of the event")
    numeric = prop == QUANTITY or properties.get(prop, "").removesuffix("?") in ("number", "whole")
    ensure(kind == "distinct" or numeric, f"{prop} is no number")
    return prop


def _span(node: Node) -> tuple[str, int | None]:
    if isinstance(node, str) and LENGTH.fullmatch(node):
        return ROLLING, length(node)
    return word_of(node, (EVER, BILLING_PERIOD, *CALENDAR), "a span of time"), None
