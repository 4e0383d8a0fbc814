"""CEL, behind this one module: text that was checked against declared names becomes a program that can be asked.

A name without a value is an error of CEL's, and ``&&`` and ``||`` pass over an error where the other side settles the
matter: that is the logic of true, false and unknown.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from cel_expr_python import cel

from services.trigger_engine.domain.conditions.kinds import Kind, Value

TYPES: Final[Mapping[Kind, cel.Type]] = {
    Kind.TEXT: cel.Type.STRING,
    Kind.NUMBER: cel.Type.DOUBLE,
    Kind.WHOLE: cel.Type.INT,
    Kind.FLAG: cel.Type.BOOL,
    Kind.TEXTS: cel.Type.List(cel.Type.STRING),
    Kind.TIME: cel.Type.TIMESTAMP,
    Kind.DURATION: cel.Type.DURATION,
}
SHOWN: Final[Mapping[str, str]] = {
    "string": Kind.TEXT.shown,
    "double": Kind.NUMBER.shown,
    "int": Kind.WHOLE.shown,
    "bool": Kind.FLAG.shown,
    "list(string)": Kind.TEXTS.shown,
    "timestamp": Kind.TIME.shown,
    "duration": Kind.DURATION.shown,
    "google.protobuf.timestamp": Kind.TIME.shown,
    "google.protobuf.duration": Kind.DURATION.shown,
}
TOLD: Final = re.compile(r"ERROR: [^\n]*?:(\d+):(\d+): ([^\n]*)")
NO_OVERLOAD: Final = re.compile(r"found no matching overload for '@?_?([^']+?)_?' applied to '(?:[^']*\.)?\((.*)\)'")
SYNTAX: Final = "Syntax error"
MAX_WHOLE: Final = 2**63 - 1
"""The largest whole number of CEL."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_US: Final = 8_000 * 366 * 86_400 * 1_000_000
"""What a time of CEL's can be from 1970: into the year 9986."""


class NotAccepted(Exception):
    """CEL does not accept a text.

    Attributes:
        column: Where, counted from 0; the length of the text at its end.
        reads: Whether it reads as a condition at all, so that only its kinds do not fit.
        kinds: What does not go together, in CEL's words, when that is the matter.
    """

    def __init__(self, column: int, message: str, *, reads: bool, kinds: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.column = column
        self.message = message
        self.reads = reads
        self.kinds = kinds

    @property
    def of_numbers(self) -> bool:
        """Whether a whole number stands where a number with a fraction is, or the other way round."""
        return any("double" in kind for kind in self.kinds) and any("int" in kind for kind in self.kinds)


class Program:
    """A condition that was checked."""

    def __init__(self, checked: cel.Expression) -> None:
        self._checked = checked

    def ask(self, values: Mapping[str, object]) -> bool | str:
        """True, false, or why it can not be told; ``values`` by CEL's name, as `GIVEN` makes them."""
        answer = self._checked.eval(data=values).value()
        return answer if isinstance(answer, bool) else str(answer).partition(": ")[2]


class Checker:
    """Checks texts against the kinds of the names in them. Costs nothing until the first."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._made: cel.Env | None = None

    @property
    def _env(self) -> cel.Env:
        if self._made is None:
            self._made = cel.NewEnv(variables={name: TYPES[kind] for name, kind in self._kinds.items()})
        return self._made

    def check(self, text: str) -> Program:
        """The program of ``text``, one line; raises `NotAccepted`."""
        try:
            checked = self._env.compile(text)
        except RuntimeError as error:
            raise _not_accepted(text, str(error)) from None
        found = checked.return_type()
        if found != cel.Type.BOOL:
            raise NotAccepted(0, f"a condition must be true or false, and this is {_shown(found.name())}", reads=True)
        return Program(checked)


def _not_accepted(text: str, told: str) -> NotAccepted:
    first = TOLD.search(told)
    if first is None:
        return NotAccepted(0, "this is nested too deeply to be read as a condition", reads=False)
    column, message = int(first.group(2)) - 1, first.group(3)
    mismatch = NO_OVERLOAD.search(message)
    if mismatch is not None:
        kinds = tuple(mismatch.group(2).split(", "))
        shown = " and ".join(_shown(kind) for kind in kinds)
        return NotAccepted(column, f"{mismatch.group(1)!r} does not go with {shown}", reads=True, kinds=kinds)
    if SYNTAX in message and column >= len(text):
        return NotAccepted(column, "the condition ends too early", reads=False)
    return NotAccepted(column, "this does not read as a condition from here on", reads=False)


def _shown(kind: str) -> str:
    return SHOWN.get(kind.lower(), kind)


def _text(value: Value | None) -> object:
    return value if isinstance(value, str) else None


def _flag(value: Value | None) -> object:
    return value if isinstance(value, bool) else None


def _texts(value: Value | None) -> object:
    return list(value) if isinstance(value, tuple) else None


def _number(value: Value | None) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _whole(value: Value | None) -> int | None:
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= MAX_WHOLE else None


def _duration(value: Value | None) -> timedelta | None:
    length = _whole(value)
    return timedelta(microseconds=length) if length is not None and 0 <= length <= LONGEST_US else None


def _time(value: Value | None) -> object:
    length = _duration(value)
    return None if length is None else EPOCH + length


GIVEN: Final[Mapping[Kind, Callable[[Value | None], object]]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.WHOLE: _whole,
    Kind.FLAG: _flag,
    Kind.TEXTS: _texts,
    Kind.TIME: _time,
    Kind.DURATION: _duration,
}
"""A value as CEL takes it, by its kind; None when there is none, or it is of another kind: that is not known either."""
