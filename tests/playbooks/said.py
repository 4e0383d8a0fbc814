"""All that documents of the language say, flat: each key and each value with the path to it, names left out.

``offers.more_storage.placements: [banner]`` is ``offers.*.placements`` and ``offers.*.placements.[]=banner``.
"""

from collections.abc import Iterator
from typing import Final

from services.trigger_engine.domain.conditions.tokens import tokens
from services.trigger_engine.domain.playbook.document import Node, read

NAMING: Final = frozenset({
    "events", "events.*", "facts", "terms", "meters", "ladders", "levels", "levels.*.[]", "in_use", "moments",
    "segments", "offers", "plans.[].limits", "plans.[].price", "plans.[].term_features", "products.[].price",
    "products.[].adds", "products.[].goes_with", "bundles.[].price", "offers.*.variants",
    "offers.*.not_before", "guardrails.not_before", "tests",
})  # fmt: skip
"""Mappings whose keys are names of the writer's own."""

CONDITIONS: Final = (
    "meters.*.where", "in_use.*", "levels.*.[].*", "guardrails.caps.[].for", "moments.*.becomes", "segments.*",
    "offers.*.for",
)  # fmt: skip
NOT_BEFORE: Final = ("guardrails.not_before", "offers.*.not_before")


def said_in(text: str) -> set[str]:
    """Every path of a document, and every value behind its path."""
    return set(_said(read("document", text), ""))


def conditions_in(text: str) -> set[str]:
    """Every name, call and sign of all conditions of a document, and the names that ``not_before`` asks for."""
    return set(_conditions(read("document", text), ""))


def _said(node: Node, path: str) -> Iterator[str]:
    if isinstance(node.value, str):
        yield f"{path}={node.value}"
        return
    for inner, part in _parts(node, path):
        yield inner
        yield from _said(part, inner)


def _conditions(node: Node, path: str) -> Iterator[str]:
    if isinstance(node.value, str):
        if path in CONDITIONS:
            yield from (token.text for token in tokens(node.value))
        return
    if path in NOT_BEFORE:
        yield from (entry.key for entry in node.entries())
    for inner, part in _parts(node, path):
        yield from _conditions(part, inner)


def _parts(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node.value, tuple):
        yield from ((f"{path}.[]", item) for item in node.value)
    for entry in node.entries():
        key = "*" if path in NAMING else entry.key
        yield (f"{path}.{key}" if path else key), entry.node
