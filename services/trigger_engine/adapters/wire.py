"""Messages of the intake topics as inputs of the core.

Usage comes by the million, so ordinary events are read together (`plain`); what is not beyond doubt goes to
`schemas.codec`, which alone says what is wrong: a test holds the two together.
"""

from collections.abc import Sequence

from typing_extensions import override

from schemas.codec import decode_response, decode_usage
from schemas.facts import Fact
from schemas.responses import Responded
from schemas.usage import UsageEvent
from services.kit.kafka.reader import Raw, Record
from services.trigger_engine.adapters.plain import PlainReader
from services.trigger_engine.domain.inputs import Usage, Usages
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.ports import Wire


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
