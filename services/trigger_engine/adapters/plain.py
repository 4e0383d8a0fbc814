"""The ordinary usage event, by the thousand: read into columns, and asked together what the contract asks of each.

What is not beyond doubt is left to `schemas.codec`, which alone says what is wrong; a test holds the two together.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any, Final, Literal

import msgspec
from typing_extensions import override

from schemas.codec import BINARY_PREFIX
from schemas.envelope import MAX_EVENT_BYTES
from schemas.usage import RESERVED_PREFIX
from services.kit.kafka.reader import Raw
from services.trigger_engine.adapters.amounts import exact, scaled
from services.trigger_engine.adapters.properties import (
    DICTIONARY,
    Data,
    Event,
    Forms,
    Id,
    Properties,
    are_short_numbers,
)
from services.trigger_engine.domain.inputs import Usage, Usages
from services.trigger_engine.domain.instants import to_us

DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
FORMS: Final = {
    len(form): form for form in (b"0000-00-00T00:00:00Z", b"0000-00-00T00:00:00.000Z", b"0000-00-00T00:00:00.000000Z")
}
"""Times to the second, the millisecond and the microsecond, all digits taken for zeros, by their length."""

LEAST_SPAN: Final = 8
MOST_SPAN: Final = 4_096
"""Records looked at together: fewer while there are doubtful ones, since what comes after those is read again."""

NAME: Final = itemgetter(0)
"""Of a header."""

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError, TypeError)

Headers = Sequence[tuple[str, bytes]]


class PlainReader:
    """Reads ordinary usage events. It learns how they look: one is best shared by a whole process."""

    def __init__(self) -> None:
        self._forms = Forms()
        self._span = MOST_SPAN
        self._any = _decoder(Any, DICTIONARY, Id, Id)
        self._prepare()

    def _prepare(self) -> None:
        self._properties = self._forms.properties()
        forms = self._forms
        self._decode = _decoder(forms.quantity(), self._properties.type, forms.sources.type, forms.types.type)

    def read(self, raws: Sequence[Raw]) -> "PlainUsages":
        """The ordinary usage events that ``raws`` begin with, if they do."""
        some = raws[: self._span]
        values: list[Any] = [raw.value for raw in some]
        events = self._decoded(values)
        while (found := self._plain(some[: len(events)], values[: len(events)], events)) is None:
            events = events[: len(events) // 2]
        whole = len(found) == len(some)
        self._span = min(MOST_SPAN, self._span * 2) if whole else max(LEAST_SPAN, len(found))
        return found

    def _decoded(self, values: list[Any]) -> list[Event]:
        """As many events as can be decoded as the reader is; it learns from the first one only."""
        events: list[Event] = []
        while True:
            try:
                events.extend(map(self._decode, values))
            except UNREADABLE:
                if events or not self._learns(values[0]):
                    return events
            else:
                return events

    def _learns(self, value: bytes) -> bool:
        try:
            event = self._any(value)
        except UNREADABLE:
            return False
        if not self._forms.learn(event):
            return False
        self._prepare()
        return True

    def _plain(self, raws: Sequence[Raw], values: list[bytes], events: Sequence[Event]) -> "PlainUsages | None":
        """The events, if each that could be decoded is beyond doubt what the contract takes."""
        if not events:
            return PlainUsages([], [], [], self._properties)
        times, data = _times([event.time for event in events]), [event.data for event in events]
        if times is None:
            return None
        usages = PlainUsages(events, times, data, self._properties)
        ordinary = (
            _is_clean(b"".join(values))
            and max(map(len, values)) <= MAX_EVENT_BYTES
            and _are_structured([raw.headers for raw in raws])
            and _are_keys([raw.key for raw in raws], usages.accounts)
            and not any(kind.startswith(RESERVED_PREFIX) for kind in set(usages.types))
            and (self._forms.is_whole or are_short_numbers([one.quantity for one in data]))
            and self._properties.are_plain([one.properties for one in data])
        )
        return usages if ordinary else None


class PlainUsages(Usages):
    """Events that a `PlainReader` read."""

    __slots__ = ("_data", "_properties", "accounts", "ids", "sources", "times", "types")

    def __init__(
        self, events: Sequence[Event], times: list[datetime], data: list[Data], properties: Properties
    ) -> None:
        self.ids = [event.id for event in events]
        self.sources = [event.source for event in events]
        self.types = [event.type for event in events]
        self.accounts = [event.subject for event in events]
        self.times = times
        self._data = data
        self._properties = properties

    @override
    def __len__(self) -> int:
        return len(self.ids)

    @override
    def part(self, first: int, end: int) -> "PlainUsages":
        if first == 0 and end >= len(self):
            return self
        part = PlainUsages([], self.times[first:end], self._data[first:end], self._properties)
        part.ids, part.sources = self.ids[first:end], self.sources[first:end]
        part.types, part.accounts = self.types[first:end], self.accounts[first:end]
        return part

    @override
    def users(self) -> list[str | None]:
        return [data.user for data in self._data]

    @override
    def amounts(self, prop: str | None, digits: int) -> Sequence[object]:
        if prop is None:
            values: list[object] = [data.quantity for data in self._data]
        else:
            values = self._properties.column([data.properties for data in self._data], prop)
        return scaled(values, digits)

    @override
    def usage(self, place: int) -> Usage:
        data = self._data[place]
        return Usage(
            self.sources[place],
            self.ids[place],
            self.types[place],
            self.accounts[place],
            to_us(self.times[place]),
            data.user,
            exact(data.quantity),
            self._properties.all_of(data.properties),
        )


def _times(texts: list[str]) -> list[datetime] | None:
    """The times in these texts; None unless all are RFC 3339 in UTC, of one of the usual forms."""
    lengths = set(map(len, texts))
    for length in lengths:
        alike = texts if len(lengths) == 1 else [text for text in texts if len(text) == length]
        if "".join(alike).encode().translate(DIGITS) != FORMS.get(length, b"") * len(alike):
            return None
    try:
        return list(map(datetime.fromisoformat, texts))
    except ValueError:
        return None


def _is_clean(text: bytes) -> bool:
    """Whether no id can have a control character: JSON forbids them bare, but for one, so there must be no escape."""
    return b"\\" not in text and b"\x7f" not in text


def _are_structured(headers: list[Headers]) -> bool:
    """Whether no part of an event is in its record's headers; those of one emitter mostly are all alike."""
    some = headers[:1] if headers.count(headers[0]) == len(headers) else headers
    # a trace is another one in each record, and the names are few
    names = set(map(NAME, chain.from_iterable(some)))
    return not any(name.lower().startswith(BINARY_PREFIX) for name in names)


def _are_keys(keys: list[bytes | None], accounts: list[str]) -> bool:
    """Whether each record lies under the name of its account; a clean name has no line breaks."""
    return None not in keys and b"\n".join(keys) == "\n".join(accounts).encode()  # type: ignore[arg-type]  # just seen


def _decoder(quantity: Any, properties: Any, source: Any, kind: Any) -> Callable[[bytes], Event]:
    empty = properties() if properties is not DICTIONARY else {}
    data: Any = msgspec.defstruct(
        "Data",
        [("user", Id | None, None), ("quantity", quantity, 1), ("properties", properties, empty)],
        forbid_unknown_fields=True,
        gc=False,
        frozen=True,
    )
    event = msgspec.defstruct(
        "Event",
        [
            ("specversion", Literal["1.0"]),
            ("id", Id),
            ("source", source),
            ("type", kind),
            ("subject", Id),
            ("time", str),
            ("datacontenttype", Literal["application/json"], "application/json"),
            ("traceparent", str | None, None),
            ("tracestate", str | None, None),
            ("data", data, data()),
        ],
        forbid_unknown_fields=True,
        gc=False,
        frozen=True,
    )
    decoder: Any = msgspec.json.Decoder(event, float_hook=str.encode)
    decode: Callable[[bytes], Event] = decoder.decode
    return decode
