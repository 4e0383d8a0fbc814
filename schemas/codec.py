"""Bytes to events and back, in both ways that CloudEvents travels on Kafka.

Structured: the value is the whole event and ``content-type`` is ``application/cloudevents+json``. Binary: the
attributes are ``ce_*`` headers, the value is ``data`` and ``content-type`` is the data's. Source: CloudEvents Kafka
protocol binding 1.0.2.
"""

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, cast

import msgspec
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from schemas.candidates import Candidates
from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Decided
from schemas.envelope import MAX_DEPTH, MAX_EVENT_BYTES, SAID, Envelope, Intake, place
from schemas.facts import Fact
from schemas.offers import OfferEvent
from schemas.outcomes import OutcomeEvent
from schemas.playbooks import PlaybookEvent
from schemas.responses import Responded
from schemas.usage import UsageEvent

E = TypeVar("E", bound=Envelope)
Headers = Iterable[tuple[str, bytes | None]]
"""Of a Kafka record; Kafka allows a header without a value."""

CONTENT_TYPE: Final = "content-type"
STRUCTURED: Final = "application/cloudevents+json"
ANY_STRUCTURED: Final = b"application/cloudevents"
BINARY_PREFIX: Final = "ce_"
LONE_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""What a lone surrogate in JSON begins with; so does every pair, which is why it is looked at more closely."""

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


def _plain(part: object) -> object:
    """A part of what we send, as the encoder asks for it; of a message what is None is absent."""
    if isinstance(part, Candidates):
        return part.written(_AS_STRINGS)
    if not isinstance(part, BaseModel):
        raise NotImplementedError(f"{type(part).__name__} is not told in messages")
    said = vars(part) if part.model_extra is None else vars(part) | part.model_extra
    return {name: value for name, value in said.items() if value is not None}


_AS_NUMBERS: Final = msgspec.json.Encoder(decimal_format="number")
_AS_STRINGS: Final = msgspec.json.Encoder(decimal_format="string", enc_hook=_plain)


def encode(event: Envelope) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Value and headers of ``event`` in structured mode.

    What others send us has JSON numbers, as they would write them. What we send has decimals as strings, since most
    readers would make a float of a number.
    """
    if isinstance(getattr(event, "data", None), Intake):
        value = _AS_NUMBERS.encode(event.model_dump(exclude_none=True))
    else:
        value = _AS_STRINGS.encode(event)
    return value, [(CONTENT_TYPE, STRUCTURED.encode())]


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
    return cast("PlaybookEvent", _one_of(PlaybookEvent, value, headers))


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
        raise _refused(error) from None


def _validated(event: type[E], raw: dict[str, Any]) -> E:
    try:
        return event.model_validate(raw)
    except ValidationError as error:
        raise _refused(error) from None


def _attributes(value: bytes | None, headers: Headers, limit: int | None = MAX_EVENT_BYTES) -> dict[str, Any]:
    """All attributes and ``data`` as plain values, whichever way they travelled; what is null is absent."""
    lowered = [(name.lower(), content) for name, content in headers]
    attributes = [
        (name.removeprefix(BINARY_PREFIX), content) for name, content in lowered if name.startswith(BINARY_PREFIX)
    ]
    if not value and not attributes:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "the message is empty")
    size = len(value or b"") + sum(len(name) + len(content or b"") for name, content in attributes)
    if limit is not None and size > limit:
        raise UnreadableEvent(DeadLetterReason.TOO_LARGE, f"{size} bytes, and {limit} are allowed")
    content_type = dict(lowered).get(CONTENT_TYPE) or b""
    structured = not attributes or content_type.lower().startswith(ANY_STRUCTURED)
    raw = _structured(value or b"") if structured else _binary(attributes, content_type, value)
    for name in SAID:
        if raw.get(name) is None:
            raise UnreadableEvent(DeadLetterReason.INVALID, f"{name}: Field required")
    return {name: content for name, content in raw.items() if content is not None}


def _structured(value: bytes) -> dict[str, Any]:
    body = _json(value)
    if not isinstance(body, dict):
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "the message is not a JSON object")
    if "data_base64" in body:
        raise UnreadableEvent(DeadLetterReason.INVALID, "data_base64: data must be JSON")
    return body


def _binary(attributes: list[tuple[str, bytes | None]], content_type: bytes, value: bytes | None) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    try:
        for name, content in attributes:
            if name in raw:
                raise UnreadableEvent(DeadLetterReason.UNREADABLE, f"{BINARY_PREFIX}{place(name)} stands twice")
            raw[name] = None if content is None else content.decode()
        if content_type:
            raw["datacontenttype"] = content_type.decode()
    except UnicodeDecodeError:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "a header is not UTF-8 text") from None
    if value:
        raw["data"] = _json(value)
    return raw


def _json(value: bytes) -> Any:
    """Read JSON in UTF-8 with exact numbers; NaN, lone surrogates and deep nesting are faults.

    Of a name that stands twice the last one counts, as with the JSON readers of most languages (RFC 8259, section 4).
    """
    try:
        text = value.decode()
        body = json.loads(text, parse_float=_decimal, parse_constant=_no_constant)
        if LONE_SURROGATE.search(text):
            json.dumps(body, ensure_ascii=False, default=str).encode()
    except RecursionError:
        raise UnreadableEvent(DeadLetterReason.TOO_LARGE, f"nested deeper than {MAX_DEPTH}") from None
    except UnicodeError:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, "not JSON: not text in UTF-8") from None
    except ValueError as error:
        raise UnreadableEvent(DeadLetterReason.UNREADABLE, f"not JSON: {error}") from None
    if _deeper_than(body, MAX_DEPTH):
        raise UnreadableEvent(DeadLetterReason.TOO_LARGE, f"nested deeper than {MAX_DEPTH}")
    return body


def _decimal(number: str) -> Decimal:
    try:
        return Decimal(number)
    except InvalidOperation:
        raise ValueError("a number's exponent is beyond what can be held") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _deeper_than(body: object, depth: int) -> bool:
    """Whether more than ``depth`` objects and lists stand inside each other."""
    level = [body] if isinstance(body, (dict, list)) else []
    for _ in range(depth):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
    return bool(level)


def _refused(error: ValidationError) -> UnreadableEvent:
    """What is wrong and where. The text of some faults repeats what was sent, so those are told in our own words."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    told = []
    for problem in problems[:MAX_PROBLEMS_TOLD]:
        where = ".".join(place(part) for part in problem["loc"]) or "event"
        told.append(f"{where}: {_OWN_WORDS.get(problem['type'], problem['msg']).removeprefix('Value error, ')}")
    more = len(problems) - len(told)
    # of all that has a length, only the number of properties is bounded for the sake of size
    crowded = any(problem["type"] == "too_long" and problem["loc"][-1:] == ("properties",) for problem in problems)
    return UnreadableEvent(
        DeadLetterReason.TOO_LARGE if crowded else DeadLetterReason.INVALID,
        "; ".join(told) + (f"; and {more} more" if more > 0 else ""),
    )


_OWN_WORDS: Final = {"union_tag_invalid": "its type is none of this topic's"}
