"""Bytes to events and back, in both ways that CloudEvents travels on Kafka.

Structured: the value is the whole event and ``content-type`` is ``application/cloudevents+json``. Binary: the
attributes are ``ce_*`` headers and the value is ``data``. Source: CloudEvents Kafka protocol binding 1.0.2.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, cast

import msgspec
from pydantic import Field, TypeAdapter, ValidationError

from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Decided
from schemas.envelope import MAX_DEPTH, MAX_EVENT_BYTES, Envelope, Intake
from schemas.facts import Fact
from schemas.offers import OfferEvent
from schemas.outcomes import OutcomeEvent
from schemas.playbooks import PlaybookEvent
from schemas.responses import Responded
from schemas.usage import UsageEvent

E = TypeVar("E", bound=Envelope)
Headers = Iterable[tuple[str, bytes]]

CONTENT_TYPE: Final = "content-type"
STRUCTURED: Final = "application/cloudevents+json"
BINARY_PREFIX: Final = "ce_"
MAX_PROBLEMS_TOLD: Final = 3
"""Problems named in one error; the first ones say what to mend, more would bury it."""


class UnreadableEvent(Exception):
    """The message can not be read as an event of the family asked for.

    Attributes:
        reason: The kind of fault, as it stands in a dead letter.
        detail: What is wrong and where, in one line, without the message's content.
    """

    def __init__(self, reason: DeadLetterReason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


_AS_NUMBERS: Final = msgspec.json.Encoder(decimal_format="number")
_AS_STRINGS: Final = msgspec.json.Encoder(decimal_format="string")


def encode(event: Envelope) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers of ``event`` in structured mode.

    What others send us has JSON numbers, as they would write them. What we send has decimals as strings, since most
    readers would make a float of a number.
    """
    encoder = _AS_NUMBERS if isinstance(getattr(event, "data", None), Intake) else _AS_STRINGS
    return encoder.encode(event.model_dump(exclude_none=True)), [(CONTENT_TYPE, STRUCTURED.encode())]


def decode_usage(value: bytes | None, headers: Headers = ()) -> UsageEvent | Fact:
    """Read a message of ``rung.usage``; raises `UnreadableEvent`."""
    raw = _attributes(value, headers)
    event_type = raw.get("type")
    if isinstance(event_type, str) and event_type in _facts():
        return cast("Fact", _validated(_facts()[event_type], raw))
    return _validated(UsageEvent, raw)


def decode_response(value: bytes | None, headers: Headers = ()) -> Responded:
    """Read a message of ``rung.responses``; raises `UnreadableEvent`."""
    return _validated(Responded, _attributes(value, headers))


def decode_offer(value: bytes | None, headers: Headers = ()) -> OfferEvent:
    """Read a message of ``rung.offers``; raises `UnreadableEvent`."""
    return cast("OfferEvent", _one_of(OfferEvent, value, headers))


def decode_outcome(value: bytes | None, headers: Headers = ()) -> OutcomeEvent:
    """Read a message of ``rung.outcomes``; raises `UnreadableEvent`."""
    return cast("OutcomeEvent", _one_of(OutcomeEvent, value, headers))


def decode_decision(value: bytes | None, headers: Headers = ()) -> Decided:
    """Read a message of ``rung.decisions``; raises `UnreadableEvent`."""
    return _validated(Decided, _attributes(value, headers, limit=None))


def decode_playbook(value: bytes | None, headers: Headers = ()) -> PlaybookEvent:
    """Read a message of ``rung.playbooks``; raises `UnreadableEvent`."""
    return _validated(PlaybookEvent, _attributes(value, headers, limit=None))


@lru_cache
def _facts() -> dict[str, type[Envelope]]:
    return {member.model_fields["type"].default: member for member in Fact.__args__}


@lru_cache
def _union(family: UnionType) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[family, Field(discriminator="type")])  # type: ignore[arg-type]  # made at run time


def _one_of(family: UnionType, value: bytes | None, headers: Headers) -> Envelope:
    raw = _attributes(value, headers, limit=None)
    try:
        return cast("Envelope", _union(family).validate_python(raw))
    except ValidationError as error:
        raise UnreadableEvent(DeadLetterReason.INVALID, _told(error)) from None


def _validated(event: type[E], raw: dict[str, Any]) -> E:
    try:
        return event.model_validate(raw)
    except ValidationError as error:
        raise UnreadableEvent(DeadLetterReason.INVALID, _told(error)) from None


def _attributes(value: bytes | None, headers: Headers, limit: int | None = MAX_EVENT_BYTES) -> dict[str, Any]:
    """All attributes and ``data`` as plain values, whichever way they travelled."""
    if not value and not headers:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "the message is empty")
    if value is not None and limit is not None and len(value) > limit:
        raise UnreadableEvent(DeadLetterReason.TOO_LARGE, f"{len(value)} bytes, and {limit} are allowed")
    binary = {
        name[len(BINARY_PREFIX) :].lower(): content
        for name, content in headers
        if name.lower().startswith(BINARY_PREFIX)
    }
    if "specversion" in binary:
        return _binary(binary, value)
    body = _json(value or b"")
    if not isinstance(body, dict):
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "the message is not a JSON object")
    if "data_base64" in body:
        raise UnreadableEvent(DeadLetterReason.INVALID, "data_base64: data must be JSON")
    return body


def _binary(attributes: dict[str, bytes], value: bytes | None) -> dict[str, Any]:
    try:
        raw: dict[str, Any] = {name: content.decode() for name, content in attributes.items()}
    except UnicodeDecodeError:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "a ce_ header is not UTF-8 text") from None
    if value:
        raw["data"] = _json(value)
    return raw


def _json(value: bytes) -> Any:
    """Read JSON with exact numbers; duplicate names, NaN and deep nesting are faults."""
    try:
        body = json.loads(value, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_pairs)
    except RecursionError:
        raise UnreadableEvent(DeadLetterReason.TOO_LARGE, f"nested deeper than {MAX_DEPTH}") from None
    except ValueError as error:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, f"not JSON: {error}") from None
    if _deeper_than(body, MAX_DEPTH):
        raise UnreadableEvent(DeadLetterReason.TOO_LARGE, f"nested deeper than {MAX_DEPTH}")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return body


def _deeper_than(body: object, depth: int) -> bool:
    level = [body]
    for _ in range(depth):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        ]
        if not level:
            return False
    return True


def _told(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    told = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'event'}: {problem['msg']}"
        for problem in problems[:MAX_PROBLEMS_TOLD]
    ]
    more = len(problems) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")
