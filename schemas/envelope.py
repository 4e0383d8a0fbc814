"""The CloudEvents 1.0 envelope that every Rung message travels in.

Source: CloudEvents specification 1.0.2, https://github.com/cloudevents/spec. Rung asks for more than the specification
does: ``subject`` (the account) and ``time`` are required, ids are at most 256 bytes.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

MAX_ID_BYTES: Final = 256
"""Longest id of an account, user, event, source or type, in UTF-8 bytes; they are keys and parts of keys."""

MAX_EVENT_BYTES: Final = 32 * 1024
"""Largest message that intake reads; ten times a rich usage event, so that one event cannot stall a partition."""

MAX_DEPTH: Final = 32
"""Deepest nesting of a message; a flat usage event has depth 3."""

MAX_PROPERTIES: Final = 255
"""Most properties of one usage event."""

CONTROL_CHARACTERS_END: Final = 0x20
DELETE: Final = 0x7F


def _short(value: str) -> str:
    if len(value.encode()) > MAX_ID_BYTES:
        raise ValueError(f"is longer than {MAX_ID_BYTES} bytes")
    if any(ord(c) < CONTROL_CHARACTERS_END or ord(c) == DELETE for c in value):
        raise ValueError("has a control character")
    return value


Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_BYTES), AfterValidator(_short)]
"""1 to 256 bytes of UTF-8 without control characters."""

Instant = AwareDatetime
"""A point in time with an offset from UTC; on the wire RFC 3339, resolution one microsecond."""


class Data(BaseModel):
    """Payload of a message that Rung itself publishes; a newer version may add fields, a reader skips them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Intake(BaseModel):
    """Payload of a message that others send us; an unknown field is an error: a typo must not count as nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Envelope(BaseModel):
    """CloudEvents context attributes; a family of events narrows ``type`` and ``data``.

    ``time`` is stamped once by whoever saw the thing happen, before the first try to send it. ``source`` and ``id``
    together identify the event for ever: a copy with the same two is a duplicate. Attributes that are not listed here
    are extensions: kept as they are, never interpreted.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    specversion: Literal["1.0"] = "1.0"
    id: Id
    source: Id
    type: Id
    subject: Id
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
