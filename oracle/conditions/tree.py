"""A condition as a tree. Each node answers for itself: a value, or None for what is not known.

Values as they are compared: text, truth, a float for a number, an int for a whole one, a tuple for a list, and `Time`
and `Length` in nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

WHOLE_END: Final = 2**63
"""Beyond whole numbers, and beyond the nanoseconds of a length of time that was reckoned."""

SECOND: Final = 1_000_000_000
"""Nanoseconds."""

FIRST_TIME: Final = -62_135_596_800 * SECOND
LAST_TIME: Final = 253_402_300_800 * SECOND
"""The years 1 to 9999."""


class Time(NamedTuple):
    """A point in time, since 1970 UTC."""

    ns: int


class Length(NamedTuple):
    """A length of time."""

    ns: int


LONG_AGO: Final = Time(-(2**80))
"""Before the year 1; nothing that is added to it changes that."""

Value = str | bool | int | float | Time | Length | tuple[object, ...]
Values = Mapping[str, Value | None]


class Node(Protocol):
    """A part of a condition."""

    def ask(self, values: Values) -> Value | None:
        """What it says of ``values``, by name."""


@dataclass(frozen=True)
class Written:
    """A value that stands in the text."""

    value: Value

    def ask(self, _: Values) -> Value | None:
        """Itself."""
        return self.value


@dataclass(frozen=True)
class Name:
    """A name, for its value."""

    name: str

    def ask(self, values: Values) -> Value | None:
        """Its value."""
        return values.get(self.name)


@dataclass(frozen=True)
class Known:
    """Whether a name has a value."""

    name: str

    def ask(self, values: Values) -> Value | None:
        """Always known."""
        return values.get(self.name) is not None


@dataclass(frozen=True)
class Not:
    """The opposite."""

    of: Node

    def ask(self, values: Values) -> Value | None:
        """Unknown stays so."""
        held = self.of.ask(values)
        return None if held is None else not held


@dataclass(frozen=True)
class Both:
    """``left && right``."""

    left: Node
    right: Node

    def ask(self, values: Values) -> Value | None:
        """False as soon as one side is, whatever the other."""
        left = self.left.ask(values)
        if left is False:
            return False
        right = self.right.ask(values)
        return False if right is False else None if left is None or right is None else True


@dataclass(frozen=True)
class Either:
    """``left || right``."""

    left: Node
    right: Node

    def ask(self, values: Values) -> Value | None:
        """True as soon as one side is, whatever the other."""
        left = self.left.ask(values)
        if left is True:
            return True
        right = self.right.ask(values)
        return True if right is True else None if left is None or right is None else False


@dataclass(frozen=True)
class Choice:
    """``when ? then : otherwise``."""

    when: Node
    then: Node
    otherwise: Node

    def ask(self, values: Values) -> Value | None:
        """One of the two; unknown when nobody knows which."""
        when = self.when.ask(values)
        return None if when is None else (self.then if when else self.otherwise).ask(values)


@dataclass(frozen=True)
class Listing:
    """``[a, b]``."""

    items: tuple[Node, ...]

    def ask(self, values: Values) -> Value | None:
        """Known when all of them are."""
        found = tuple(item.ask(values) for item in self.items)
        return None if any(value is None for value in found) else found


@dataclass(frozen=True)
class Done:
    """``how`` is done to what ``parts`` say, when all of it is known."""

    how: Callable[..., Value | None]
    parts: tuple[Node, ...]

    def ask(self, values: Values) -> Value | None:
        """None also when what comes of it is nothing that can be."""
        found = [part.ask(values) for part in self.parts]
        return None if any(value is None for value in found) else self.how(*found)
