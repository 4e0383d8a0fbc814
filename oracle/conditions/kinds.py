"""Of which kind each part of a condition is, and what goes with what.

A whole number that stands in the text is of either kind of number, until something beside it tells which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle.conditions import doing
from oracle.conditions.tokens import BadCondition
from oracle.conditions.tree import Choice, Done, Listing, Node, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oracle.conditions.tree import Value

TEXT: Final = "text"
NUMBER: Final = "number"
WHOLE: Final = "whole"
EITHER: Final = "either"
FLAG: Final = "flag"
TIME: Final = "time"
LENGTH: Final = "duration"
ANY: Final = "any"
LIST: Final = "list of "
TEXTS: Final = LIST + TEXT

NUMBERS: Final = (NUMBER, WHOLE, EITHER)
ORDERED: Final = (*NUMBERS, TEXT, FLAG, TIME, LENGTH)


class Part(NamedTuple):
    """A part of a condition, and its kind."""

    node: Node
    kind: str


def alike(left: Part, right: Part) -> tuple[Part, Part]:
    """Two parts of one kind; raises `BadCondition` when they are of two."""
    if NUMBER in (left.kind, right.kind):
        left, right = widened(left), widened(right)
    first, second = left.kind.replace(EITHER, WHOLE), right.kind.replace(EITHER, WHOLE)
    of_any = LIST + ANY in (first, second) and first.startswith(LIST) and second.startswith(LIST)
    if first != second and not of_any:
        raise BadCondition(f"{first} does not go with {second}")
    return left, right


def widened(part: Part) -> Part:
    """A whole number of the text as a number, and what is made of such alone."""
    return Part(_wider(part.node), NUMBER) if part.kind == EITHER else part


def _wider(node: Node) -> Node:
    match node:
        case Written(value=int(value)) if not isinstance(value, bool):
            return Written(float(value))
        case Done(how=how, parts=parts):
            return Done(how, tuple(map(_wider, parts)))
        case Choice(when=when, then=then, otherwise=otherwise):
            return Choice(when, _wider(then), _wider(otherwise))
        case _:
            return node


def compared(sign: str, left: Part, right: Part) -> Part:
    """``left < right`` and the like."""
    left, right = alike(left, right)
    if sign not in ("==", "!=") and left.kind not in ORDERED:
        raise BadCondition(f"{sign} does not go with {left.kind}")
    return Part(Done(doing.COMPARED[sign], (left.node, right.node)), FLAG)


def listed(parts: Sequence[Part]) -> Part:
    """``[a, b]``: of one kind, or of any."""
    kinds = {part.kind for part in parts}
    if kinds == {EITHER, WHOLE}:
        kinds = {WHOLE}
    kind = kinds.pop() if len(kinds) == 1 else ANY
    return Part(Listing(tuple(part.node for part in parts)), LIST + kind)


def among(one: Part, items: Part) -> Part:
    """``one in items``."""
    if not items.kind.startswith(LIST):
        raise BadCondition(f"'in' needs a list, and not {items.kind}")
    of = items.kind.removeprefix(LIST)
    if one.kind == NUMBER and of == EITHER and isinstance(items.node, Listing):
        items, of = Part(Listing(tuple(map(_wider, items.node.items))), LIST + NUMBER), NUMBER
    if one.kind == EITHER and of == NUMBER:
        one = widened(one)
    if ANY not in of and one.kind.replace(EITHER, WHOLE) != of.replace(EITHER, WHOLE):
        raise BadCondition(f"{one.kind} is in no {items.kind}")
    return Part(Done(doing.among, (one.node, items.node)), FLAG)


def reckoned(sign: str, left: Part, right: Part) -> Part:
    """``left + right``, ``left - right``, ``left * right``."""
    how: Callable[..., Value | None] = {"+": doing.plus, "-": doing.minus, "*": doing.multiplied}[sign]
    kind = OF_TIMES.get((left.kind, sign, right.kind))
    if kind is None:
        left, right = alike(left, right)
        kind = WHOLE if EITHER in (left.kind, right.kind) and WHOLE in (left.kind, right.kind) else left.kind
        follows = sign == "+" and (kind == TEXT or kind.startswith(LIST))
        if kind not in NUMBERS and not follows:
            raise BadCondition(f"{sign} does not go with {left.kind} and {right.kind}")
    return Part(Done(how, (left.node, right.node)), kind)


OF_TIMES: Final = {
    (TIME, "+", LENGTH): TIME,
    (LENGTH, "+", TIME): TIME,
    (LENGTH, "+", LENGTH): LENGTH,
    (TIME, "-", LENGTH): TIME,
    (TIME, "-", TIME): LENGTH,
    (LENGTH, "-", LENGTH): LENGTH,
}
"""What comes of times and lengths of time."""


def chosen(when: Part, then: Part, otherwise: Part) -> Part:
    """``when ? then : otherwise``."""
    then, otherwise = alike(then, otherwise)
    kind = WHOLE if {then.kind, otherwise.kind} == {EITHER, WHOLE} else then.kind
    return Part(Choice(of_flag(when).node, then.node, otherwise.node), kind)


def of_flag(part: Part) -> Part:
    """A part that is true or false; raises `BadCondition` when it is anything else."""
    if part.kind != FLAG:
        raise BadCondition(f"{part.kind} is neither true nor false")
    return part
