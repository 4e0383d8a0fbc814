"""The CloudEvents 1.0 envelope that every Rung message travels in.

Source: CloudEvents specification 1.0.2, https://github.com/cloudevents/spec. Rung asks for more than the specification
does: ``subject`` (the account) and ``time`` are required, ids are at most 256 bytes.
"""

import re
from decimal import Decimal
from functools import cache
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

MAX_ID_BYTES: Final = 256
"""Longest id of an account, user, event, source or type, in UTF-8 bytes; they are keys and parts of keys."""

MAX_EVENT_BYTES: Final = 32 * 1024
"""Largest message that intake reads; ten times a rich usage event, so that one event cannot stall a partition."""

MAX_DEPTH: Final = 32
"""Deepest nesting of a message; a flat usage event has depth 3."""

MAX_PROPERTIES: Final = 255
"""Most properties of one usage event."""

SAID: Final = ("specversion", "type")
"""Attributes that have a default in Python, for whoever makes an event, and that a message must carry all the same."""

CONTROL_CHARACTERS_END: Final = 0x20
DELETE: Final = 0x7F


def _short(value: str) -> str:
    if value.isascii() and value.isprintable() and len(value) <= MAX_ID_BYTES:
        return value  # almost all are, and an event has a dozen
    if len(value.encode()) > MAX_ID_BYTES:
        raise ValueError(f"is longer than {MAX_ID_BYTES} bytes")
    if any(ord(c) < CONTROL_CHARACTERS_END or ord(c) == DELETE for c in value):
        raise ValueError("has a control character")
    return value


Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_BYTES), AfterValidator(_short)]
"""1 to 256 bytes of UTF-8 without control characters."""

RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
"""What ``time`` may look like. pydantic alone would also take a bare date, a number of seconds and a missing second."""


def _rfc_3339(value: object) -> object:
    if isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and not RFC_3339.fullmatch(value)):
        raise ValueError("is not RFC 3339 with seconds and an offset, such as 2026-03-01T09:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_rfc_3339)]
"""A point in time with an offset from UTC; on the wire RFC 3339, resolution one microsecond."""


EXTENSION_NAME: Final = re.compile(r"[a-z0-9]+", re.ASCII)
"""CloudEvents 1.0.2, naming conventions: lower-case letters and digits, nothing else."""

INT32_END: Final = 2**31
"""CloudEvents 1.0.2, type system: an Integer has 32 bits; a larger number travels as text."""

MAX_PLACE: Final = 64
"""Characters of a name that an error repeats: enough to find it, too few to carry a message along."""


def place(name: object) -> str:
    """``name`` as an error may repeat it: one line of ASCII, cut to `MAX_PLACE`."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in str(name)[:MAX_PLACE])


def _is_extension(value: object) -> bool:
    """Whether ``value`` is of the CloudEvents type system as JSON carries it: Boolean, Integer or String."""
    if isinstance(value, int):
        return -INT32_END <= value < INT32_END
    return isinstance(value, str)


CHARSET: Final = re.compile(r'(application/json)(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)


def _without_charset(value: object) -> object:
    matched = CHARSET.fullmatch(value) if isinstance(value, str) else None
    return matched[1].lower() if matched else value


class Data(BaseModel):
    """Payload of a message that Rung itself publishes; a newer version may add fields, a reader skips them."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Intake(BaseModel):
    """Payload of a message that others send us; an unknown field is an error: a typo must not count as nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


M = TypeVar("M", bound=BaseModel)

_SLOTS: Final = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
_fields, _fields_set, _extra, _private = (vars(BaseModel)[slot].__set__ for slot in _SLOTS)


@cache
def _form(model: type[BaseModel]) -> tuple[set[str], bool]:
    """The fields of a model, and whether it has room for more."""
    return set(model.model_fields), model.model_config.get("extra") == "allow"


def unchecked(model: type[M], fields: dict[str, object]) -> M:
    """A message of our own making, or a part of one, not looked at again.

    Every field is given, in its order, and of its type. Validation takes longer than all else that is done for a
    message. ``fields`` become its own.
    """
    made = object.__new__(model)
    every, takes_more = _form(model)
    _fields(made, fields)
    _fields_set(made, every)
    _extra(made, {} if takes_more else None)
    _private(made, None)
    return made


class Envelope(BaseModel):
    """CloudEvents context attributes; a family of events narrows ``type`` and ``data``.

    ``time`` is stamped once by whoever saw the thing happen, before the first try to send it. ``source`` and ``id``
    together identify the event for ever: a copy with the same two is a duplicate. Attributes that are not listed here
    are extensions: kept as they are, never interpreted; their names and types are as CloudEvents wants them.
    """

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    specversion: Literal["1.0"] = "1.0"
    id: Id
    source: Id
    type: Id
    subject: Id
    time: Instant
    datacontenttype: Annotated[Literal["application/json"], BeforeValidator(_without_charset)] = "application/json"

    @model_validator(mode="after")
    def _extensions(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            if not EXTENSION_NAME.fullmatch(name):
                raise ValueError(f"{place(name)}: an attribute's name has lower-case letters and digits only")
            if not _is_extension(value):
                raise ValueError(f"{place(name)}: an extension is a text, true or false, or a whole number of 32 bits")
        if self.model_extra and self.model_extra.get("dataschema") == "":
            raise ValueError("dataschema: is empty")
        return self
