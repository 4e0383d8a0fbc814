"""The words and signs of a condition."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MAX_LENGTH: Final = 1_000
"""Characters of a condition."""

FORM: Final = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<length>\d{1,5}[smhdw](?![\w.]))
      | (?P<number>\d{1,18}(?:\.\d{1,9})?(?![\w.]))
      | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
      | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!+*?:(),.\[\]-])
      | (?P<end>$))""",
    re.VERBOSE | re.ASCII,
)


class BadCondition(ValueError):
    """The text is no condition; the message says why, for people."""


class Token(NamedTuple):
    """``kind`` is text, length (of time), number, name, sign or end."""

    kind: str
    text: str


def tokens_of(text: str) -> list[Token]:
    """The tokens of ``text``, and its end. Raises `BadCondition`."""
    if len(text) > MAX_LENGTH:
        raise BadCondition(f"more than {MAX_LENGTH} characters")
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = FORM.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadCondition(f"no word of conditions: {text[at : at + 20]!r}")
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found
