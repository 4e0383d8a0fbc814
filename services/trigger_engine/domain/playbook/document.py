"""YAML as a tree that remembers where everything stood, with every scalar as the text that was written.

Text, so that ``on`` stays ``on`` and ``96.10`` stays exact: each reader decides what a scalar means. The C parser is
a must, not a matter of speed: the one in Python refuses ``{format: text?}``, which is plain YAML 1.2.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from services.trigger_engine.domain.playbook.problems import Place, SetRefused

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_DEPTH: Final = 16
"""Deepest nesting read. The language goes five deep; the parser ends the whole process at some ten thousand."""


QUOTES: Final = "a value with ': ' or ' #' in it, or that begins with one of ! & * [ { % @ `, must stand in quotes"


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar (text), a mapping (entries by key, in order) or a list."""

    value: "str | dict[str, Entry] | tuple[Node, ...]"
    place: Place
    as_written: bool = True
    """Whether a scalar stands in the document letter for letter in one line, so that a place inside it can be told."""

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
        _refuse_deep(path, text)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path, 1, 1)
        raise SetRefused.one(place, "not-yaml", error.problem or "this is not YAML", QUOTES) from None
    except yaml.YAMLError as error:
        raise SetRefused.one(Place(path, 1, 1), "not-yaml", str(error).splitlines()[0]) from None
    except UnicodeEncodeError:
        raise SetRefused.one(Place(path, 1, 1), "not-yaml", "half a character, which is no text") from None
    if root is None:
        raise SetRefused.one(Place(path, 1, 1), "empty", "the document is empty")
    return _Tree(path).node(root, frozenset())


def _refuse_deep(path: str, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path, 1, 1)
                raise SetRefused.one(place, "too-deep", f"nested deeper than {MAX_DEPTH}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Tree:
    """Makes nodes of what the parser gave; each once, so that aliases of aliases do not multiply."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._made: dict[int, Node] = {}

    def node(self, raw: yaml.Node, above: frozenset[int]) -> Node:
        if id(raw) in above:
            raise SetRefused.one(self._place(raw), "circular", "an alias refers to a node that it is part of")
        if id(raw) not in self._made:
            value = self._value(raw, above | {id(raw)})
            self._made[id(raw)] = Node(value, self._place(raw), _as_written(raw))
        return self._made[id(raw)]

    def _value(self, raw: yaml.Node, inside: frozenset[int]) -> "str | dict[str, Entry] | tuple[Node, ...]":
        if raw.tag.startswith("!"):
            told = f"to YAML what begins with '!' is a tag: put it in quotes, or say 'not {raw.tag[1:]}'"
            raise SetRefused.one(self._place(raw), "quotes", told)
        if isinstance(raw, yaml.MappingNode):
            return self._mapping(raw, inside)
        if isinstance(raw, yaml.SequenceNode):
            return tuple(self.node(child, inside) for child in raw.value)
        return str(raw.value)

    def _mapping(self, raw: yaml.MappingNode, inside: frozenset[int]) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for raw_key, raw_value in raw.value:
            place = self._place(raw_key)
            if not isinstance(raw_key, yaml.ScalarNode):
                raise SetRefused.one(place, "key", "a key must be a word")
            key = str(raw_key.value)
            if key in entries:
                raise SetRefused.one(place, "twice", f"{key!r} stands twice, first in line {entries[key].place.line}")
            entries[key] = Entry(key, place, self.node(raw_value, inside))
        return entries

    def _place(self, raw: yaml.Node) -> Place:
        """Where the text begins: behind the quote of a quoted word, so that what is underlined is the word."""
        return Place(self._path, raw.start_mark.line + 1, raw.start_mark.column + 1 + _quoted(raw))


def _quoted(raw: yaml.Node) -> bool:
    return isinstance(raw, yaml.ScalarNode) and raw.style in ("'", '"')


def _as_written(raw: yaml.Node) -> bool:
    if not isinstance(raw, yaml.ScalarNode) or raw.start_mark.line != raw.end_mark.line:
        return False
    return len(raw.value) == raw.end_mark.column - raw.start_mark.column - 2 * _quoted(raw)
