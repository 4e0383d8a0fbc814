"""What signs and functions of conditions do to values that are known."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Final

from oracle.conditions.tree import FIRST_TIME, LAST_TIME, LONG_AGO, WHOLE_END, Length, Time

if TYPE_CHECKING:
    from collections.abc import Callable

    from oracle.conditions.tree import Value

DOUBLE: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def same(left: object, right: object) -> bool:
    """Whether two values are equal: numbers by what they say, everything else by its kind, too."""
    if isinstance(left, tuple) and isinstance(right, tuple) and type(left) is type(right) is tuple:
        return len(left) == len(right) and all(map(same, left, right))
    numbers = (int, float)
    if type(left) in numbers and type(right) in numbers:
        return left == right
    return type(left) is type(right) and left == right


def differ(left: object, right: object) -> bool:
    """Whether they are not."""
    return not same(left, right)


def among(one: object, items: tuple[object, ...]) -> bool:
    """Whether it is in a list."""
    return any(same(one, item) for item in items)


def plus(left: Value, right: Value) -> Value | None:
    """A sum; texts and lists follow each other."""
    match left, right:
        case (Time(ns=at), Length(ns=length)) | (Length(ns=length), Time(ns=at)):
            return _time(at + length)
        case Length(ns=one), Length(ns=other):
            return _length(one + other)
        case (str(), str()) | (tuple(), tuple()):
            return left + right  # type: ignore[operator]  # kinds were checked
        case _:
            return _number(left + right)  # type: ignore[operator]  # kinds were checked


def minus(left: Value, right: Value) -> Value | None:
    """A difference."""
    match left, right:
        case Time(ns=one), Time(ns=other):
            return _length(one - other)
        case Time(ns=at), Length(ns=length):
            return _time(at - length)
        case Length(ns=one), Length(ns=other):
            return _length(one - other)
        case _:
            return _number(left - right)  # type: ignore[operator]  # kinds were checked


def multiplied(left: Value, right: Value) -> Value | None:
    """A product."""
    return _number(left * right)  # type: ignore[operator]  # kinds were checked


def negative(value: Value) -> Value | None:
    """A number below zero, or above."""
    return _number(-value)  # type: ignore[operator]  # kinds were checked


def double(value: Value) -> Value | None:
    """A whole number, or a text that reads as one, as a number."""
    if isinstance(value, str):
        return float(value) if DOUBLE.fullmatch(value) else None
    return float(value)  # type: ignore[arg-type]  # kinds were checked


def found(text: str, pattern: str) -> bool:
    """Whether a regular expression is found somewhere in a text. Of an end of the text, only the very end counts."""
    return re.search(_as_here(pattern), text, re.ASCII) is not None


def readable(pattern: str) -> bool:
    """Whether it is a regular expression."""
    try:
        re.compile(_as_here(pattern), re.ASCII)
    except re.error:
        return False
    return True


def _as_here(pattern: str) -> str:
    r"""An RE2 pattern as Python reads it, as far as the two differ in what operators write: ``$``, ``\z``, classes."""
    escaped, in_class, out = False, False, []
    for letter in pattern:
        if escaped:
            out.append("\\Z" if letter == "z" and not in_class else f"\\{letter}")
        elif letter != "\\":
            out.append("\\Z" if letter == "$" and not in_class else letter)
            in_class = letter == "[" or (in_class and letter != "]")
        escaped = letter == "\\" and not escaped
    return "".join(out)


def _number(value: Value) -> Value | None:
    return None if isinstance(value, int) and not -WHOLE_END <= value < WHOLE_END else value


def _time(ns: int) -> Time | None:
    return None if ns >= LAST_TIME else LONG_AGO if ns < FIRST_TIME else Time(ns)


def _length(ns: int) -> Length | None:
    return Length(ns) if -WHOLE_END <= ns < WHOLE_END else None


COMPARED: Final[dict[str, Callable[..., bool]]] = {
    "==": same,
    "!=": differ,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
