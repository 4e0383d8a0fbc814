"""The words and signs of a condition, each with its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.trigger_engine.domain.conditions.bad import BadCondition

MAX_LENGTH: Final = 1_000
"""Longest condition read, in characters. One that needs more is better split into segments."""


class TokenKind(StrEnum):
    """What a token is. A ``name`` is dotted; ``duration`` is a number with its unit, such as 3d."""

    TEXT = "text"
    DURATION = "duration"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` as written, at ``at`` (from 0)."""

    kind: TokenKind
    text: str
    at: int


FORM: Final = re.compile(
    r"""(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<duration>\d{1,5}[smhdw](?![\w.]))
      | (?P<number>\d{1,18}(?:\.\d{1,9})?(?![\w.]))
      | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
      | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!+*?:(),.\[\]-])""",
    re.VERBOSE | re.ASCII,
)
BLANK: Final = re.compile(r"\s*")
INSTEAD: Final[Mapping[str, str]] = {
    "=": "'=' is no comparison; say '=='",
    "&": "'&' is no sign of conditions; say '&&'",
    "|": "'|' is no sign of conditions; say '||'",
    "/": "there is no '/', as dividing by nothing has no answer; say a > 0.8 * b instead of a / b > 0.8",
    "%": "there is no '%'; a share is written as a number: 0.8 instead of 80%",
    "'": "a text begins here and does not end",
    '"': "a text begins here and does not end",
}
"""Signs that are often meant, and what to write."""


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of ``text``; raises `BadCondition` where there is none."""
    if len(text) > MAX_LENGTH:
        raise BadCondition("condition", f"a condition can have {MAX_LENGTH} characters, and this has {len(text)}", 0)
    found: list[Token] = []
    at = _blank(text, 0)
    while at < len(text):
        match = FORM.match(text, at)
        if match is None or match.lastgroup is None:
            raise _unreadable(text, at)
        found.append(Token(TokenKind(match.lastgroup), match.group(), at))
        at = _blank(text, match.end())
    if not found:
        raise BadCondition("condition", "a condition must say something", 0)
    return tuple(found)


def _blank(text: str, at: int) -> int:
    match = BLANK.match(text, at)
    return match.end() if match else at


def _unreadable(text: str, at: int) -> BadCondition:
    letter = text[at]
    if letter.isdigit():
        return BadCondition("condition", "a number such as 12.5, or a length of time such as 3d, was meant here?", at)
    told = INSTEAD.get(letter, f"{letter!r} is no sign of conditions")
    return BadCondition("condition", told, at)
