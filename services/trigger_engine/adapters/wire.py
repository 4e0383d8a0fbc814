"""Messages of the intake topics as inputs of the core.

Usage comes by the million, so the ordinary message takes a fast path that only accepts what the contract would. What
it does not recognise at once goes to `schemas.codec`, which alone says what is wrong: a test holds the two together.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow, Rounded
from itertools import chain
from typing import Any, Final, Literal

import msgspec

from schemas.codec import decode_response, decode_usage
from schemas.envelope import MAX_EVENT_BYTES, MAX_PROPERTIES
from schemas.facts import Fact
from schemas.responses import Responded
from schemas.usage import RESERVED_PREFIX, UsageEvent
from services.kit.kafka.reader import Raw, Record
from services.trigger_engine.domain.inputs import Plain, Usage, usage_of
from services.trigger_engine.domain.instants import EPOCH, to_us

SHORT: Final = 64
"""Characters; at most 256 bytes in any script, so nothing has to be encoded to be measured."""

LENGTHS: Final = frozenset({20, 24, 27})
FORMS: Final = frozenset({"--T::Z", "--T::."})
"""Of ``2026-03-01T09:00:00Z``, and with milli- or microseconds; of a form, every third letter is told, from the 5th."""

PLAIN_WHOLE: Final = 10**18
PLAIN: Final = Context(prec=18, Emin=-1, Emax=17, traps=[Clamped, Inexact, InvalidOperation, Overflow, Rounded])
"""Reads numbers of at most 18 digits, before and after the point together, and refuses any other.

Below 0.1 a number is subnormal here, which means: no digit beyond the 18th after the point (Emin - prec + 1).
"""

NUMBERS: Final = frozenset({int, Decimal})
SCALARS: Final = frozenset({str, bool, type(None), *NUMBERS})


class _Data(msgspec.Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    user: str | None = None
    quantity: Any = 1
    properties: dict[str, Any] = {}


class _Event(msgspec.Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
    traceparent: str | None = None
    tracestate: str | None = None
    data: _Data = _Data()


_DECODER: Final = msgspec.json.Decoder(_Event, float_hook=PLAIN.create_decimal)
_UNREADABLE: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError, TypeError)


def read_plain(raws: Sequence[Raw]) -> tuple[Sequence[Plain | None], Sequence[datetime]]:
    """The ordinary usage event in each of these, and its time; None for what needs a second look."""
    found = _all_of(raws)
    if found is not None:
        return found
    events: list[Plain | None] = []
    times = []
    for raw in raws:
        alone = _all_of([raw])
        events.append(alone[0][0] if alone is not None else None)
        times.append(alone[1][0] if alone is not None else EPOCH)
    return events, times


def _all_of(raws: Sequence[Raw]) -> tuple[list[_Event], list[datetime]] | None:
    """All these events and their times, when each is ordinary beyond doubt; else None.

    Looks at all of them together, a question at a time: asked of each by itself, the same takes half as long again.
    """
    decode = _DECODER.decode
    values: list[Any] = [raw.value for raw in raws]
    try:
        events = [decode(value) for value in values]
        texts = [event.time for event in events]
        times = list(map(datetime.fromisoformat, texts))
    except _UNREADABLE:
        return None
    ordinary = (
        _is_clean(b"".join(values))
        and max(map(len, values)) <= MAX_EVENT_BYTES
        and not any(raw.headers for raw in raws)
        and {text[4:20:3] for text in texts} <= FORMS
        and {text[-1] for text in texts} == {"Z"}
        and set(map(len, texts)) <= LENGTHS
        and _are_short(events)
        and _are_plain([event.data for event in events])
    )
    return (events, times) if ordinary else None


def _is_clean(text: bytes) -> bool:
    """Whether no id can have a control character: JSON forbids them bare, so ASCII without an escape has none."""
    return text.isascii() and b"\\" not in text and b"\x7f" not in text


def _are_short(events: Sequence[_Event]) -> bool:
    """Whether everything that is an id is there and not too long, and no type is one of ours."""
    lengths = set(map(len, [event.id for event in events]))
    types = {event.type for event in events}
    names: set[str | None] = {*types, *{event.source for event in events}}
    names.update([event.subject for event in events])
    names.update([event.data.user for event in events])
    names.update(chain.from_iterable([event.data.properties for event in events]))
    names.discard(None)
    lengths.update([len(name) for name in names if name is not None])
    return 0 < min(lengths) <= max(lengths) <= SHORT and not any(kind.startswith(RESERVED_PREFIX) for kind in types)


def _are_plain(data: Sequence[_Data]) -> bool:
    """Whether the quantities are numbers, and the properties flat, none of them too many or too large."""
    properties = [one.properties for one in data]
    values = list(chain.from_iterable([one.values() for one in properties]))
    quantities = [one.quantity for one in data]
    kinds, counted = set(map(type, values)), set(map(type, quantities))
    if not (kinds <= SCALARS and counted <= NUMBERS) or max(map(len, properties)) > MAX_PROPERTIES:
        return False
    if int not in kinds and counted == {int} and max(quantities) == min(quantities) == 1:
        return True
    whole = [value for value in (*values, *quantities) if type(value) is int]
    return not whole or -PLAIN_WHOLE < min(whole) <= max(whole) < PLAIN_WHOLE


def read_usage(record: Record) -> Usage | Fact:
    """The usage event or account fact in ``record``; raises `schemas.codec.UnreadableEvent`."""
    (plain,), (at,) = read_plain([record])
    if plain is not None:
        return usage_of(plain, at)
    event = decode_usage(record.value, record.headers)
    return _lean(event) if isinstance(event, UsageEvent) else event


def read_response(record: Record) -> Responded:
    """The response in ``record``; raises `schemas.codec.UnreadableEvent`."""
    return decode_response(record.value, record.headers)


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
