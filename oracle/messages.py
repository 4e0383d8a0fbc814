"""What the messages of the intake say, and which of them nobody can read.

A message that breaks its contract gets the reason that a dead letter must carry. Of several faults the first counts,
in the order of the checks here.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oracle.contract import FACTS, RESPONSE, USAGE_DATA, Broken, TooMany, an_id, checked
from oracle.times import instant
from oracle.usual import usage_in

if TYPE_CHECKING:
    from oracle.records import Record

MAX_BYTES: Final = 32 * 1024
MAX_DEPTH: Final = 32
INT32_END: Final = 2**31
PREFIX: Final = "ce_"
CONTEXT: Final = frozenset({"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"})
REQUIRED_IDS: Final = ("id", "source", "type", "subject")
EXTENSION: Final = re.compile(r"[a-z0-9]+", re.ASCII)
JSON_TYPE: Final = re.compile(r'application/json(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)


class Refused(Exception):
    """The message can mean nothing; ``reason`` is what its dead letter must say."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Message(NamedTuple):
    """A readable message: usage, an account fact or a response. ``at``: microseconds since 1970 UTC."""

    id: str
    source: str
    type: str
    account: str
    at: int
    time: str
    data: dict[str, Any]

    @property
    def is_fact(self) -> bool:
        """Whether it says what is true of an account."""
        return self.type in FACTS


def read_usage(record: Record) -> Message:
    """A usage event or account fact; raises `Refused`."""
    value = record.value or b""
    found = None if _is_binary(record) or len(value) > MAX_BYTES else usage_in(value)
    if found is not None:
        return Message._make(found)
    body = _attributes(record)
    kind = body["type"]
    if isinstance(kind, str) and kind in FACTS:
        return _message(body, FACTS[kind])
    if isinstance(kind, str) and kind.startswith("rung."):
        _message(body, USAGE_DATA)  # tells of too many properties first
        raise Refused("invalid")
    return _message(body, USAGE_DATA)


def read_response(record: Record) -> Message:
    """What a front end reports of an offer; raises `Refused`."""
    body = _attributes(record)
    if body["type"] != "rung.responded":
        raise Refused("invalid")
    return _message(body, RESPONSE)


# --- bytes to attributes ----------------------------------------------------------------------------


def _is_binary(record: Record) -> bool:
    """Whether it may have attributes in its headers."""
    return bool(record.headers) and any(name.lower().startswith(PREFIX) for name, _ in record.headers)


def _attributes(record: Record) -> dict[str, Any]:
    """All attributes and data, whichever way they travelled; what is null is absent."""
    headers = [(name.lower(), value) for name, value in record.headers]
    own = [(name[len(PREFIX) :], value) for name, value in headers if name.startswith(PREFIX)]
    if not record.value and not own:
        raise Refused("unreadable")
    if len(record.value or b"") + sum(len(name) + len(value or b"") for name, value in own) > MAX_BYTES:
        raise Refused("too_large")
    content_type = dict(headers).get("content-type") or b""
    if own and not content_type.lower().startswith(b"application/cloudevents"):
        body = _binary(own, content_type, record.value)
    else:
        body = _structured(record.value or b"")
    if body.get("specversion") is None or body.get("type") is None:
        raise Refused("invalid")
    return {name: value for name, value in body.items() if value is not None}


def _structured(value: bytes) -> dict[str, Any]:
    body = _json(value)
    if not isinstance(body, dict):
        raise Refused("unreadable")
    if "data_base64" in body:
        raise Refused("invalid")
    return body


def _binary(own: list[tuple[str, bytes | None]], content_type: bytes, value: bytes | None) -> dict[str, Any]:
    if len({name for name, _ in own}) != len(own):
        raise Refused("unreadable")
    try:
        body: dict[str, Any] = {name: None if raw is None else raw.decode() for name, raw in own}
        if content_type:
            body["datacontenttype"] = content_type.decode()
    except UnicodeDecodeError:
        raise Refused("unreadable") from None
    if value:
        body["data"] = _json(value)
    return body


def _json(value: bytes) -> Any:
    """JSON in UTF-8 with exact numbers; NaN and half a character are faults. Of a name twice the last one counts."""
    try:
        text = value.decode()
        body = _DECODER.decode(text) if text[:1] == "{" else json.loads(text, **_EXACTLY)
        if "\\u" in text:
            json.dumps(body, ensure_ascii=False, default=str).encode()
    except RecursionError:
        raise Refused("too_large") from None
    except ValueError:
        raise Refused("unreadable") from None
    if value.count(b"{") + value.count(b"[") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Refused("too_large")
    return body


def _depth(body: object) -> int:
    depth, level = 0, [body]
    while level := [node for node in level if isinstance(node, dict | list)]:
        depth += 1
        level = [child for node in level for child in (node.values() if isinstance(node, dict) else node)]
    return depth


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


def _constant(name: str) -> None:
    raise ValueError(name)


_EXACTLY: Final[dict[str, Any]] = {
    "parse_float": _number,
    "parse_constant": _constant,
}
_DECODER: Final = json.JSONDecoder(**_EXACTLY)


# --- attributes to a message ------------------------------------------------------------------------


def _message(body: dict[str, Any], shape: Any) -> Message:
    try:
        data = checked(body.get("data"), shape)
        for name in REQUIRED_IDS:
            an_id(body.get(name))
    except TooMany:
        raise Refused("too_large") from None
    except Broken:
        raise Refused("invalid") from None
    at = instant(body.get("time"))
    if at is None or body["specversion"] != "1.0" or not _is_json(body.get("datacontenttype", "application/json")):
        raise Refused("invalid")
    if not body.keys() <= CONTEXT and not _extensions(body):
        raise Refused("invalid")
    return Message(body["id"], body["source"], body["type"], body["subject"], at, body["time"], data)


def _is_json(value: object) -> bool:
    return value == "application/json" or (isinstance(value, str) and JSON_TYPE.fullmatch(value) is not None)


def _extensions(body: dict[str, Any]) -> bool:
    """Whether all further attributes are named and typed as CloudEvents wants them."""
    for name in body.keys() - CONTEXT:
        value = body[name]
        small = not isinstance(value, int) or -INT32_END <= value < INT32_END
        if not EXTENSION.fullmatch(name) or not isinstance(value, str | int) or not small:
            return False
    return body.get("dataschema") != ""
