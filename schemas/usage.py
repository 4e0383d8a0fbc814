"""Usage events: something that happened in the product."""

import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr

from schemas.envelope import MAX_PROPERTIES, Envelope, Id, Intake

RESERVED_PREFIX: Final = "rung."
"""Types that begin so are account facts or our own messages, never usage."""

MAX_DIGITS: Final = 38
"""Digits of a number on the wire: what PostgreSQL, Java and Go decimals all hold without loss."""


def _not_reserved(event_type: str) -> str:
    if event_type.startswith(RESERVED_PREFIX):
        raise ValueError(f"begins with {RESERVED_PREFIX!r}, which is reserved, and is not a known fact")
    return event_type


JSON_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
"""A number in a string; Python alone would also take ``1_000``, spaces and the digits of every script."""


def _plain(value: object) -> object:
    if isinstance(value, str) and not JSON_NUMBER.fullmatch(value):
        raise ValueError("is not a decimal number")
    return value


Number = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=MAX_DIGITS), BeforeValidator(_plain)]
"""A finite decimal number; on the wire a JSON number or a string of digits, read without passing through a float."""

NotNegative = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=MAX_DIGITS, ge=0), BeforeValidator(_plain)]
"""As `Number`, from 0."""

Whole = Annotated[int, Field(strict=True, ge=0)]
"""A whole number from 0; ``true`` and ``"5"`` are not numbers."""

Property = StrictStr | StrictBool | Number | None


class UsageData(Intake):
    """What happened, to whom, how much."""

    user: Id | None = None
    quantity: Number = Decimal(1)
    properties: Annotated[dict[Id, Property], Field(max_length=MAX_PROPERTIES)] = {}


class UsageEvent(Envelope):
    """Something that happened in the product; ``subject`` is the account, ``type`` an ``object.action``."""

    type: Annotated[Id, AfterValidator(_not_reserved)]
    data: UsageData = UsageData()
