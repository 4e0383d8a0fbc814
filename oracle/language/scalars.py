"""Shapes and scalars: what a word may look like, and the value that it stands for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.times import UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Node = dict[str, "Node"] | list["Node"] | str
"""A mapping, a list or text."""

NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
LENGTH: Final = re.compile(r"(\d{1,5})([smhdw])", re.ASCII)
SHARE: Final = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)%", re.ASCII)
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
EVENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})+")


class NotASet(Exception):
    """The files are no set that could take effect; the message says why, for people."""


def ensure(holds: object, fault: str) -> None:
    """Raise `NotASet` unless it holds."""
    if not holds:
        raise NotASet(fault)


# --- shapes -----------------------------------------------------------------------------------------


def mapping(node: Node, what: str) -> dict[str, Node]:
    """A mapping."""
    if not isinstance(node, dict):
        raise NotASet(f"{what} must be a mapping")
    return node


def keyed(node: Node, keys: Collection[str], what: str, required: Iterable[str] = ()) -> dict[str, Node]:
    """A mapping of no other keys than these."""
    found = mapping(node, what)
    ensure(found.keys() <= set(keys), f"{what} has no {sorted(found.keys() - set(keys))}")
    ensure(found.keys() >= set(required), f"{what} lacks one of {sorted(required)}")
    return found


def items(node: Node, what: str) -> list[Node]:
    """A list."""
    if not isinstance(node, list):
        raise NotASet(f"{what} must be a list")
    return node


def some(node: Node, what: str) -> list[Node]:
    """A list of something."""
    ensure(items(node, what), f"{what} is empty")
    return items(node, what)


# --- scalars ----------------------------------------------------------------------------------------


def text(node: Node, what: str) -> str:
    """Text that is not empty."""
    if not isinstance(node, str) or not node:
        raise NotASet(f"{what} must be text")
    return node


def an_id(node: Node, what: str) -> str:
    """An id of something."""
    word = text(node, what)
    ensure(ID.fullmatch(word), f"{word!r} is no id")
    return word


def a_name(word: str) -> str:
    """A key that names something."""
    ensure(NAME.fullmatch(word), f"{word!r} is no name")
    return word


def word_of(node: Node, known: Iterable[str], what: str) -> str:
    """A word that is one of those known."""
    word = text(node, what)
    ensure(word in list(known), f"{word!r} is not {what}")
    return word


def number(node: Node) -> Decimal:
    """An exact number."""
    if not isinstance(node, str) or not NUMBER.fullmatch(node):
        raise NotASet(f"{node!r} is no number")
    return Decimal(node)


def positive(node: Node) -> Decimal:
    """A number above 0."""
    made = number(node)
    ensure(made > 0, f"{node!r} must be above 0")
    return made


def not_negative(node: Node) -> Decimal:
    """A number from 0."""
    made = number(node)
    ensure(made >= 0, f"{node!r} is below 0")
    return made


def whole(node: Node, least: int = 0, most: int = 10**18) -> int:
    """A whole number."""
    made = number(node)
    ensure(made == int(made) and least <= made <= most, f"{node!r} is no whole number from {least} to {most}")
    return int(made)


def length(node: Node) -> int:
    """A length of time in microseconds."""
    found = LENGTH.fullmatch(node) if isinstance(node, str) else None
    if found is None or int(found[1]) == 0:
        raise NotASet(f"{node!r} is no length of time")
    return int(found[1]) * UNITS[found[2]]


def share(node: Node) -> Decimal:
    """A share as a fraction of 1."""
    found = SHARE.fullmatch(node) if isinstance(node, str) else None
    if found is None:
        raise NotASet(f"{node!r} is no share")
    return Decimal(found[1]) / 100


def flag(node: Node) -> bool:
    """True or false."""
    return word_of(node, ("true", "false"), "true or false") == "true"


def each_once(words: Collection[str], what: str) -> tuple[str, ...]:
    """The words; raises `NotASet` when one stands twice."""
    ensure(len(set(words)) == len(words), f"{what} has something twice")
    return tuple(words)
