"""Usage in the form that nearly all of it has, read in one step.

`oracle.messages` says what a message means, and of one that can not be read why not. Here is said only what can be
seen at once: that a message is in order. Of every other one nothing is said, and it is read the long way.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, json

from oracle.contract import MAX_ID_BYTES, MAX_PROPERTIES, Broken, number, prop
from oracle.times import instant

Text = Annotated[str, Meta(min_length=1, max_length=MAX_ID_BYTES)]
Read = tuple[str, str, str, str, int, str, dict[str, Any]]
"""Id, source, type, account, time in microseconds, time as written, data."""

OWN: Final = "rung."
"""What begins so is no usage."""


class _Data(Struct, forbid_unknown_fields=True):
    user: Text | UnsetType | None = UNSET
    quantity: Any = UNSET
    properties: dict[Text, Any] | UnsetType = UNSET

    def checked(self) -> dict[str, Any]:
        """With its defaults and exact numbers; raises `Broken`."""
        given = {} if self.properties is UNSET else self.properties
        if len(given) > MAX_PROPERTIES:
            raise Broken
        return {
            "user": None if self.user is UNSET else self.user,
            "quantity": Decimal(1) if self.quantity is UNSET else number(self.quantity),
            "properties": {name: prop(held) for name, held in given.items()},
        }


class _Usage(Struct, forbid_unknown_fields=True):
    specversion: Literal["1.0"]
    id: Text
    source: Text
    type: Text
    subject: Text
    time: str
    datacontenttype: Literal["application/json"] | UnsetType = UNSET
    data: _Data | UnsetType = UNSET


_DECODER: Final = json.Decoder(_Usage, float_hook=Decimal)
_NOTHING: Final = _Data()


def usage_in(value: bytes) -> Read | None:
    """What ``value`` says when it is usage in order and in plain text; None when it may be anything else."""
    if not value.isascii() or b"\\" in value or b"\x7f" in value:
        return None
    try:
        found = _DECODER.decode(value)
        data = (_NOTHING if found.data is UNSET else found.data).checked()
    except (ValueError, ArithmeticError, RecursionError, Broken):
        return None
    at = instant(found.time)
    if at is None or found.type.startswith(OWN):
        return None
    return found.id, found.source, found.type, found.subject, at, found.time, data
