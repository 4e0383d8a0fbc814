"""Messages of the intake topics as inputs of the core.

Usage comes by the million, so the ordinary message takes a fast path that only accepts what the contract would. What
it does not recognise at once goes to `schemas.codec`, which alone says what is wrong: a test holds the two together.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec

from schemas.codec import decode_response, decode_usage
from schemas.envelope import MAX_EVENT_BYTES, MAX_PROPERTIES
from schemas.facts import Fact
from schemas.responses import Responded
from schemas.usage import RESERVED_PREFIX, UsageEvent
from services.kit.kafka.reader import Record
from services.trigger_engine.domain.inputs import ONE, Property, Usage
from services.trigger_engine.domain.instants import to_us

SHORT: Final = 64
"""Characters; at most 256 bytes in any script, so nothing has to be encoded to be measured."""

Z_TIME_LENGTHS: Final = (20, 24, 27)
"""``2026-03-01T09:00:00Z``, with milliseconds, with microseconds."""

PLAIN_NUMBER: Final = 20
"""Characters of a number with a point; a longer one, or one with an exponent, is left to the contract."""

PLAIN_WHOLE: Final = 10**18
MAX_SECONDS: Final = 4_096
"""Seconds whose place in time is remembered; events of one moment come together."""

ATTRIBUTES: Final = 6
"""Names that every event has, beside those that it may have."""

SCALARS: Final = frozenset({str, bool, int, Decimal, type(None)})

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=SHORT)]


class _Data(msgspec.Struct, forbid_unknown_fields=True):
    user: _Id | msgspec.UnsetType = msgspec.UNSET
    quantity: Any = msgspec.UNSET
    properties: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    specversion: Literal["1.0"]
    id: _Id
    source: _Id
    type: _Id
    subject: _Id
    time: str
    datacontenttype: Literal["application/json"] | msgspec.UnsetType = msgspec.UNSET
    traceparent: _Id | msgspec.UnsetType = msgspec.UNSET
    tracestate: _Id | msgspec.UnsetType = msgspec.UNSET
    data: _Data | msgspec.UnsetType = msgspec.UNSET


class _Unusual(ValueError):
    """A number that needs a second look."""


def _plain_number(text: str) -> Decimal:
    if len(text) > PLAIN_NUMBER or "e" in text or "E" in text:
        raise _Unusual
    return Decimal(text)


_DECODER: Final = msgspec.json.Decoder(_Event, float_hook=_plain_number)
_NO_DATA: Final = _Data()
_SECONDS: Final[dict[str, int]] = {}


def read_usage(record: Record) -> Usage | Fact:
    """The usage event or account fact in ``record``; raises `schemas.codec.UnreadableEvent`."""
    value = record.value
    if value is not None and len(value) <= MAX_EVENT_BYTES and not _is_binary(record):
        found = _fast(value)
        if found is not None:
            return found
    event = decode_usage(value, record.headers)
    return _lean(event) if isinstance(event, UsageEvent) else event


def read_response(record: Record) -> Responded:
    """The response in ``record``; raises `schemas.codec.UnreadableEvent`."""
    return decode_response(record.value, record.headers)


def _is_binary(record: Record) -> bool:
    return bool(record.headers) and any(name[:3].lower() == "ce_" for name, _ in record.headers)


def _lean(event: UsageEvent) -> Usage:
    data = event.data
    return Usage(
        event.source,
        event.id,
        event.type,
        event.subject,
        to_us(event.time),
        data.user,
        data.quantity,
        dict(data.properties),
    )


def _fast(value: bytes) -> Usage | None:
    """The ordinary usage event; None for anything that needs a second look."""
    try:
        event = _DECODER.decode(value)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    data = _NO_DATA if event.data is msgspec.UNSET else event.data
    properties = {} if data.properties is msgspec.UNSET else data.properties
    # each name is followed by a colon, so more of them than names means that one stands twice
    if value.count(b'":') != _names(event, data) + len(properties) or event.type.startswith(RESERVED_PREFIX):
        return None
    at = _at(event.time)
    quantity = _quantity(data.quantity)
    if at is None or quantity is None or not _are_plain(properties) or not _is_clean(value, event, data, properties):
        return None
    user = None if data.user is msgspec.UNSET else data.user
    return Usage(event.source, event.id, event.type, event.subject, at, user, quantity, properties, plain=True)


def _names(event: _Event, data: _Data) -> int:
    """How many names stand in the message, those of properties apart."""
    unset = msgspec.UNSET
    return (
        ATTRIBUTES
        + (event.datacontenttype is not unset)
        + (event.traceparent is not unset)
        + (event.tracestate is not unset)
        + (event.data is not unset)
        + (data.user is not unset)
        + (data.quantity is not unset)
        + (data.properties is not unset)
    )


def _is_clean(value: bytes, event: _Event, data: _Data, properties: dict[str, Property]) -> bool:
    """Whether no id has a control character. JSON forbids them as they are, so ASCII without an escape has none."""
    if value.isascii() and b"\\" not in value and b"\x7f" not in value:
        return True
    ids = (event.id, event.source, event.type, event.subject, event.traceparent, event.tracestate, data.user)
    return all(text is msgspec.UNSET or str(text).isprintable() for text in (*ids, *properties))


def _quantity(number: object) -> Decimal | None:
    if number is msgspec.UNSET:
        return ONE
    if type(number) is int:
        return Decimal(number) if -PLAIN_WHOLE < number < PLAIN_WHOLE else None
    return number if type(number) is Decimal else None


def _are_plain(properties: dict[str, Property]) -> bool:
    """Whether all names and values are of the ordinary kind."""
    if len(properties) > MAX_PROPERTIES:
        return False
    for name, value in properties.items():
        if not 0 < len(name) <= SHORT or type(value) not in SCALARS:
            return False
        if type(value) is int and not -PLAIN_WHOLE < value < PLAIN_WHOLE:
            return False
    return True


def _at(text: str) -> int | None:
    """Microseconds since 1970 UTC of a time in UTC; None for any other form."""
    if len(text) not in Z_TIME_LENGTHS or text[-1] != "Z":
        return None
    second = _SECONDS.get(text[:19])
    if second is None:
        second = _second(text[:19])
        if second is None:
            return None
    if len(text) == Z_TIME_LENGTHS[0]:
        return second
    parts = text[20:-1]
    if text[19] != "." or not (parts.isdigit() and parts.isascii()):
        return None
    return second + int(parts) * (1 if len(parts) == len("123456") else 1_000)


def _second(text: str) -> int | None:
    """Microseconds since 1970 UTC of ``2026-03-01T09:00:00``, remembered; None for any other form."""
    if not text.isascii() or text[4] + text[7] + text[10] + text[13] + text[16] != "--T::":
        return None
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
    if len(_SECONDS) >= MAX_SECONDS:
        _SECONDS.clear()
    second = _SECONDS[text] = to_us(moment)
    return second
