"""Kinds of value that a condition reads."""

from decimal import Decimal
from enum import StrEnum

Value = str | bool | int | Decimal | tuple[str, ...]
"""As the domain has it: a time in microseconds since 1970 UTC, a length of time in microseconds, numbers exact."""


class Kind(StrEnum):
    """What a value is. A ``number`` has a fraction, and `Decimal` infinity for what is unlimited."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    FLAG = "flag"
    TEXTS = "texts"
    TIME = "time"
    DURATION = "duration"

    @property
    def shown(self) -> str:
        """In words, for a message."""
        return SHOWN[self]


SHOWN = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.WHOLE: "a whole number",
    Kind.FLAG: "true or false",
    Kind.TEXTS: "a list of texts",
    Kind.TIME: "a time",
    Kind.DURATION: "a length of time",
}
