"""YAML as a tree that remembers where everything stood, with every scalar as the text that was written.

Text, so that ``on`` stays ``on`` and ``96.10`` stays exact: each reader decides what a scalar means. The C parser is
a must, not a matter of speed: the one in Python refuses ``{format: text?}``, which is plain YAML 1.2.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from services.trigger_engine.domain.playbook.problems import Place, SetRefused

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar (text), a mapping (entries by key, in order) or a list."""

    value: "str | dict[str, Entry] | tuple[Node, ...]"
    place: Place

    @property
    def kind(self) -> str:
        """What it is, in words for a message."""
        if isinstance(self.value, str):
            return f"{self.value!r}" if self.value else "nothing"
        return "a mapping" if isinstance(self.value, dict) else "a list"

    def entries(self) -> "Iterator[Entry]":
        """The entries of a mapping; none of anything else."""
        if isinstance(self.value, dict):
            yield from self.value.values()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping; ``place`` is that of the key."""

    key: str
    place: Place
    node: Node


def read(path: str, text: str) -> Node:
    """The tree of one document; raises `SetRefused` when it is not YAML, is empty, or uses what we do not read."""
    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path, 1, 1)
        raise SetRefused.one(place, "not-yaml", error.problem or "this is not YAML") from None
    except yaml.YAMLError as error:
        raise SetRefused.one(Place(path, 1, 1), "not-yaml", str(error).splitlines()[0]) from None
    if root is None:
        raise SetRefused.one(Place(path, 1, 1), "empty", "the document is empty")
    return _node(path, root, frozenset())


def _node(path: str, raw: yaml.Node, above: frozenset[int]) -> Node:
    place = Place(path, raw.start_mark.line + 1, raw.start_mark.column + 1)
    if id(raw) in above:
        raise SetRefused.one(place, "circular", "an alias refers to a node that it is part of")
    inside = above | {id(raw)}
    if isinstance(raw, yaml.MappingNode):
        return Node(_mapping(path, raw, inside), place)
    if isinstance(raw, yaml.SequenceNode):
        return Node(tuple(_node(path, child, inside) for child in raw.value), place)
    return Node(str(raw.value), place)


def _mapping(path: str, raw: yaml.MappingNode, inside: frozenset[int]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for raw_key, raw_value in raw.value:
        place = Place(path, raw_key.start_mark.line + 1, raw_key.start_mark.column + 1)
        if not isinstance(raw_key, yaml.ScalarNode):
            raise SetRefused.one(place, "key", "a key must be a word")
        key = str(raw_key.value)
        if key in entries:
            raise SetRefused.one(place, "twice", f"{key!r} stands twice, first in line {entries[key].place.line}")
        entries[key] = Entry(key, place, _node(path, raw_value, inside))
    return entries
