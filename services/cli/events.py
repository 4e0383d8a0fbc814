"""Usage events and account facts as people write them, made into events or told what is wrong with them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from schemas.codec import STRUCTURED, UnreadableEvent, decode_usage
from schemas.probe import MARK, is_probe
from services.kit.clock import to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.facts import Fact
    from schemas.usage import UsageEvent

SOURCE: Final = "rung.cli"
LITERAL: Final = re.compile(r'-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null|".*"', re.ASCII)
"""Values of a property that are JSON; anything else is text, and text that looks so can be quoted."""


class Wrong(Exception):
    """What was written makes no event; ``str()`` says what to mend."""


@dataclass(frozen=True)
class Written:
    """One event as the options of a command give it; what is None was not said."""

    type: str
    account: str
    user: str | None = None
    quantity: str | None = None
    properties: tuple[str, ...] = ()
    fact_data: str | None = None
    time: str | None = None
    id: str | None = None


def made(written: Written, now_us: int) -> UsageEvent | Fact:
    """The event; ``now_us`` is its time when none was said. Raises `Wrong`."""
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": written.id or f"cli-{secrets.token_hex(8)}",
        "source": SOURCE,
        "type": written.type,
        "subject": written.account,
        "time": written.time or to_datetime(now_us).isoformat(),
    }
    data = _fact_data(written) if written.fact_data is not None else _usage_data(written)
    if data:
        attributes["data"] = data
    return _read(msgspec.json.encode(attributes))


def from_lines(lines: Iterable[str]) -> list[UsageEvent | Fact]:
    """The events of a file with one CloudEvent a line; raises `Wrong` with every line that is none."""
    events, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            events.append(_read(line.encode()))
        except Wrong as wrong:
            faults.append(f"line {number}: {wrong}")
    if faults:
        raise Wrong("\n".join(faults))
    return events


def _read(body: bytes) -> UsageEvent | Fact:
    try:
        event = decode_usage(body, [("content-type", STRUCTURED.encode())])
    except UnreadableEvent as unreadable:
        raise Wrong(unreadable.detail) from None
    if is_probe(event.subject):
        raise Wrong(f"account {event.subject!r}: what begins with {MARK!r} is reserved for the probe; see `rung probe`")
    return event


def _usage_data(written: Written) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if written.user is not None:
        data["user"] = written.user
    if written.quantity is not None:
        data["quantity"] = _value(written.quantity)
    properties = dict(_property(text) for text in written.properties)
    if len(properties) != len(written.properties):
        raise Wrong("--property: a name is given twice")
    return data | ({"properties": properties} if properties else {})


def _property(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Wrong(f"--property {text!r} must read name=value")
    return name, _value(value)


def _value(text: str) -> str | msgspec.Raw:
    """JSON as it was written, so that a number keeps its digits; else text."""
    if LITERAL.fullmatch(text) and _is_json(text):
        return msgspec.Raw(text.encode())
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _fact_data(written: Written) -> msgspec.Raw:
    if written.quantity is not None or written.properties or written.user is not None:
        raise Wrong("--fact-data is the whole data: --user, --quantity and --property go with usage events")
    text = written.fact_data or ""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Wrong(f"--fact-data is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise Wrong('--fact-data must be a JSON object, such as \'{"plan": "free"}\'')
    return msgspec.Raw(text.encode())
