"""Read what a scenario expects that can be chosen: ids, or mappings that say more of an option."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario import Choice
from services.trigger_engine.domain.playbook.shapes import (
    A_SHARE,
    AN_ID,
    NUMERIC,
    TEXT,
    Shape,
    Shapes,
    any_of,
    described,
    keyed,
    list_of,
    mapping_of,
)

CHOICE_KEYS: Final[Shapes] = {
    "id": described(AN_ID, "A plan, a product, a bundle, or what else is offered"),
    "items": described(list_of(AN_ID), "What is in a bundle, without what is owned already"),
    "quantity": described(NUMERIC, "How many seats more"),
    "price": described({**mapping_of(NUMERIC), "minProperties": 1, "maxProperties": 1}, "What it costs, by its term"),
    "saving": described(A_SHARE, "What it saves, as it is computed"),
    "gains": described(
        mapping_of(any_of(TEXT, NUMERIC), AN_ID), "What it gives beyond what there is, such as 3 to 50, or included"
    ),
}
CHOICE: Final[Shape] = any_of(AN_ID, keyed(CHOICE_KEYS, required=["id"]))


def read_choices(node: Node, problems: Problems) -> tuple[Choice, ...]:
    """The options in their order."""
    return tuple(_choice(item, problems) for item in problems.items(node, "options"))


def _choice(node: Node, problems: Problems) -> Choice:
    if not isinstance(node.value, dict):
        return Choice(problems.id(node, "an option"))
    keys = problems.keys(node, "an option", CHOICE_KEYS)
    named = problems.required(keys, "id", node, "an option")
    return Choice(
        problems.id(named, "an option") if named else "",
        items=_items(keys, problems),
        quantity=problems.decimal(keys["quantity"].node, "quantity") if "quantity" in keys else None,
        price=_price(keys["price"].node, problems) if "price" in keys else None,
        saving=problems.percent(keys["saving"].node, "saving") if "saving" in keys else None,
        gains=_gains(keys, problems),
    )


def _items(keys: Mapping[str, Entry], problems: Problems) -> tuple[str, ...] | None:
    if "items" not in keys:
        return None
    return tuple(problems.id(item, "an item") for item in problems.items(keys["items"].node, "items"))


def _price(node: Node, problems: Problems) -> dict[str, Decimal] | None:
    entries = problems.mapping(node, "a price")
    if isinstance(node.value, dict) and len(entries) != 1:
        problems.add(node.place, "price", "an option has one price, such as {month: 10}")
    found = {entry.key: problems.positive(entry.node, "a price", or_zero=True) for entry in entries.values()}
    return {term: amount for term, amount in found.items() if amount is not None}


def _gains(keys: Mapping[str, Entry], problems: Problems) -> dict[str, str] | None:
    if "gains" not in keys:
        return None
    gains = problems.mapping(keys["gains"].node, "gains")
    return {what: problems.text(entry.node, f"what is gained of {what!r}") for what, entry in gains.items()}
