"""Messages of the intake topics as inputs of the core.

Usage comes by the million, so the ordinary message takes a fast path that only accepts what the contract would. What
it does not recognise at once goes to `schemas.codec`, which alone says what is wrong: a test holds the two together.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final, cast

import msgspec

from schemas.codec import decode_response, decode_usage
from schemas.envelope import MAX_EVENT_BYTES, MAX_PROPERTIES
from schemas.facts import Fact
from schemas.responses import Responded
from schemas.usage import RESERVED_PREFIX, UsageEvent
from services.kit.kafka.reader import Record
from services.trigger_engine.domain.inputs import ONE, Property, Usage
from services.trigger_engine.domain.instants import EPOCH, to_us

REQUIRED: Final = frozenset({"specversion", "id", "source", "type", "subject", "time"})
ATTRIBUTES: Final = REQUIRED | {"datacontenttype", "data", "traceparent", "tracestate"}
DATA_NAMES: Final = frozenset({"user", "quantity", "properties"})
SHORT: Final = 64
"""Characters; at most 256 bytes in any script, so nothing has to be encoded to be measured."""

Z_TIME_LENGTHS: Final = (20, 24, 27)
"""``2026-03-01T09:00:00Z``, with milliseconds, with microseconds."""

PLAIN_DIGITS: Final = 20
PLAIN_PLACES: Final = 12
"""Numbers beyond these are left to the contract, which has its own bounds."""

_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


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
    return any(name[:3].lower() == "ce_" for name, _ in record.headers)


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


def _fast(value: bytes) -> Usage | None:  # noqa: PLR0911 - each check gives up as soon as it can
    """The ordinary usage event; None for anything that needs a second look."""
    try:
        body = _DECODER.decode(value)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    if type(body) is not dict or not (REQUIRED <= body.keys() <= ATTRIBUTES):
        return None
    data = body.get("data", {})
    if type(data) is not dict or not (data.keys() <= DATA_NAMES):
        return None
    properties = data.get("properties", {})
    # each name is followed by a colon, so more of them than names means that one stands twice
    if type(properties) is not dict or value.count(b'":') != len(body) + len(data) + len(properties):
        return None
    at = _at(body["time"])
    quantity = _number(data["quantity"]) if "quantity" in data else ONE
    if at is None or quantity is None or not _plain_attributes(body) or not _plain_user(data):
        return None
    if not _plain_properties(properties):
        return None
    return Usage(body["source"], body["id"], body["type"], body["subject"], at, data.get("user"), quantity, properties)


def _plain_attributes(body: dict[str, object]) -> bool:
    return (
        body["specversion"] == "1.0"
        and body.get("datacontenttype", "application/json") == "application/json"
        and _is_id(body["id"])
        and _is_id(body["source"])
        and _is_id(body["subject"])
        and _is_id(body["type"])
        and not cast("str", body["type"]).startswith(RESERVED_PREFIX)
        and _is_id(body.get("traceparent", "-"))
        and _is_id(body.get("tracestate", "-"))
    )


def _plain_user(data: dict[str, object]) -> bool:
    return "user" not in data or _is_id(data["user"])


def _is_id(text: object) -> bool:
    return type(text) is str and 0 < len(text) <= SHORT and text.isprintable()


def _at(text: object) -> int | None:
    """Microseconds since 1970 UTC of a time in UTC; None for any other form."""
    if type(text) is not str or len(text) not in Z_TIME_LENGTHS or not text.isascii():
        return None
    marks = text[4] + text[7] + text[10] + text[13] + text[16] + text[-1]
    if marks != "--T::Z" or text[19] not in ".Z":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # exact: a double holds microseconds of this century with bits to spare
    return round((moment - EPOCH).total_seconds() * 1_000_000)


def _plain_properties(properties: dict[str, Property]) -> bool:
    """Whether all is as it should be; makes decimals of whole numbers on the way."""
    if len(properties) > MAX_PROPERTIES:
        return False
    for name, value in properties.items():
        if not _is_id(name):
            return False
        kind = type(value)
        if kind is str or kind is bool or value is None:
            continue
        number = _number(value)
        if number is None:
            return False
        properties[name] = number
    return True


def _number(value: object) -> Decimal | None:
    """A JSON number as a decimal; None when it is none, or an unusual one."""
    if type(value) is int:
        return Decimal(value) if -(10**PLAIN_DIGITS) < value < 10**PLAIN_DIGITS else None
    if type(value) is not Decimal:
        return None
    _, digits, exponent = value.as_tuple()
    if len(digits) > PLAIN_DIGITS or not isinstance(exponent, int) or not -PLAIN_PLACES <= exponent <= 0:
        return None
    return value
