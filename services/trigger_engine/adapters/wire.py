"""Messages of the intake topics as inputs of the core.

Usage comes by the million, so ordinary events are read together (`plain`); what is not beyond doubt goes to
`schemas.codec`, which alone says what is wrong: a test holds the two together.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from typing_extensions import override

from schemas.codec import BINARY_PREFIX, decode_response, decode_usage
from schemas.facts import Fact
from schemas.responses import Responded
from schemas.traces import TRACEPARENT
from schemas.usage import UsageEvent
from services.kit.kafka.reader import Raw, Record
from services.trigger_engine.adapters.plain import PlainReader
from services.trigger_engine.domain.inputs import Usage, Usages
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.ports import Wire


class _Traced(msgspec.Struct):
    """Of an event, its trace alone."""

    traceparent: str | None = None


_TRACED: Final = msgspec.json.Decoder(_Traced)


class EventWire(Wire):
    """The contracts of `schemas`. It learns how ordinary events look: one serves all partitions of a process best."""

    def __init__(self) -> None:
        self._plain = PlainReader()

    @override
    def read_plain(self, raws: Sequence[Raw]) -> Usages:
        return self._plain.read(raws)

    @override
    def read_usage(self, record: Record) -> Usage | Fact:
        return read_usage(record)

    @override
    def read_response(self, record: Record) -> Responded:
        return decode_response(record.value, record.headers)

    @override
    def read_traceparent(self, record: Record) -> str | None:
        for name, content in record.headers:
            if name.lower() == BINARY_PREFIX + TRACEPARENT and content:
                return content.decode(errors="replace")
        try:
            return _TRACED.decode(record.value or b"").traceparent
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None  # the attributes are not in the value, or it says something else than a text


def read_usage(record: Record) -> Usage | Fact:
    """The usage event or account fact in ``record``, by the contract; raises `schemas.codec.UnreadableEvent`."""
    event = decode_usage(record.value, record.headers)
    return _lean(event) if isinstance(event, UsageEvent) else event


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
