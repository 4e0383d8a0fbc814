"""YAML as mappings, lists and text. Every scalar stays the text that was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from oracle.language.scalars import NotASet

if TYPE_CHECKING:
    from oracle.language.scalars import Node

MAX_DEPTH: Final = 16


def tree_of(text: str) -> Node:
    """The document in ``text``. Raises `NotASet` when it is none, or uses what the language has not."""
    try:
        _not_too_deep(text)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise NotASet(str(error)) from None
    if root is None:
        raise NotASet("the document is empty")
    return _node(root, ())


def _not_too_deep(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise NotASet(f"nested deeper than {MAX_DEPTH}")


def _node(raw: yaml.Node, above: tuple[yaml.Node, ...]) -> Node:
    if any(raw is node for node in above):
        raise NotASet("an alias refers to a node that it is part of")
    if raw.tag.startswith("!"):
        raise NotASet(f"{raw.tag} is a tag")
    inside = (*above, raw)
    if isinstance(raw, yaml.MappingNode):
        return _mapping(raw, inside)
    if isinstance(raw, yaml.SequenceNode):
        return [_node(child, inside) for child in raw.value]
    return str(raw.value)


def _mapping(raw: yaml.MappingNode, inside: tuple[yaml.Node, ...]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for key, value in raw.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            raise NotASet(f"{key.value!r} is no key, or stands twice")
        found[str(key.value)] = _node(value, inside)
    return found
