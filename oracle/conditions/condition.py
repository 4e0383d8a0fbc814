"""A condition: what it reads, and what it says of values as the account has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from oracle.conditions.kinds import FLAG, LENGTH, NUMBER, TEXT, TEXTS, TIME, WHOLE
from oracle.conditions.parsing import Parser
from oracle.conditions.tree import WHOLE_END, Length, Node, Time, Value

AS_IT_IS: Final[Mapping[str, type]] = {FLAG: bool, TEXT: str, TEXTS: tuple}
MICROSECOND: Final = 1_000
"""Nanoseconds."""

LONGEST_US: Final = 8_000 * 366 * 86_400 * 1_000_000
"""A time of an account lies between 1970 and the year 9986, a length of time is no longer than that."""

Told = str | bool | int | Decimal | tuple[str, ...] | None
"""A value as the account has it: exact numbers, times and lengths of time in microseconds; None is not known."""


@dataclass(frozen=True)
class Verdict:
    """True, false, or None for unknown; then ``unknown`` names what it reads and has no value."""

    truth: bool | None
    unknown: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """The only yes."""
        return self.truth is True


@dataclass(frozen=True)
class Condition:
    """``text`` as it was written. ``kinds`` of the names that it reads; ``read`` are those read for their value."""

    text: str
    root: Node
    kinds: Mapping[str, str]
    read: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names that can change its answer."""
        return tuple(self.kinds)

    def judge(self, told: Mapping[str, Told]) -> Verdict:
        """What it says of ``told``, by name. A value of another kind than declared is not known."""
        values = {name: given(told.get(name), kind) for name, kind in self.kinds.items()}
        answer = self.root.ask(values)
        if isinstance(answer, bool):
            return Verdict(answer)
        return Verdict(None, tuple(name for name in self.read if values[name] is None))


def condition_of(text: str, names: Mapping[str, str]) -> Condition:
    """The condition ``text`` over ``names``, each with its kind. Raises `oracle.conditions.tokens.BadCondition`."""
    parser = Parser(text, names)
    root = parser.condition()
    kinds = {name: names[name] for name in (*parser.read, *parser.asked)}
    return Condition(text, root, kinds, tuple(parser.read))


def given(value: Told, kind: str) -> Value | None:
    """A value of the account as conditions compare it; None when it is not known, or of another kind."""
    if kind in AS_IT_IS or isinstance(value, str | tuple | bool | None):
        return value if isinstance(value, AS_IT_IS.get(kind, ())) else None  # type: ignore[return-value]  # no number
    return float(value) if kind == NUMBER else _whole(value, kind)


def _whole(value: int | Decimal, kind: str) -> Value | None:
    whole = int(value) if isinstance(value, int) or (value.is_finite() and value == value.to_integral_value()) else None
    if whole is None or abs(whole) >= WHOLE_END:
        return None
    if kind == WHOLE:
        return whole
    if not 0 <= whole <= LONGEST_US:
        return None
    return {TIME: Time, LENGTH: Length}[kind](whole * MICROSECOND)
