"""Change recorded logs on purpose, as a faulty engine or a faulty broker would have left them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from oracle.recorded import RecordedLogs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oracle.records import Record

Body = dict[str, Any]
Key = tuple[str, int]


class NotThere(AssertionError):
    """The run has nothing that could be changed so."""


class Place:
    """One record, by where it stands in the list of its log."""

    def __init__(self, key: Key, number: int, record: Record) -> None:
        self.key = key
        self.number = number
        self.record = record

    @property
    def body(self) -> Body:
        found: Body = json.loads(self.record.value or b"{}")
        return found


class Tampering:
    """Logs of one's own to change; the original stays as it is."""

    def __init__(self, original: RecordedLogs) -> None:
        self.logs = RecordedLogs(
            original.prefix, {key: list(records) for key, records in original.records.items()}, dict(original.ends)
        )

    # --- finding --------------------------------------------------------------------------------

    def every(self, topic: str, holds: Callable[[Body], bool] = lambda _: True) -> Iterator[Place]:
        """Records of ``topic`` whose body is as asked for, in order."""
        for place in self.raw(topic):
            try:
                body = place.body
            except ValueError:
                continue
            if holds(body):
                yield place

    def raw(self, topic: str) -> Iterator[Place]:
        """All records of ``topic``."""
        for key in sorted(self.logs.records):
            if key[0] == topic:
                for number, record in enumerate(self.logs.records[key]):
                    yield Place(key, number, record)

    def first(self, topic: str, holds: Callable[[Body], bool] = lambda _: True) -> Place:
        """The first of `every`; the run must have one, or the test would show nothing."""
        found = next(self.every(topic, holds), None)
        if found is None:
            raise NotThere(f"the run has no such record on {topic}")
        return found

    def entry_with(self, stream: str, partition: int | None = None) -> tuple[Place, int]:
        """A journal entry with a segment of ``stream``, and which of its segments that is."""
        for place in self.every("engine-journal"):
            for number, segment in enumerate(place.body["segments"]):
                if segment["stream"] == stream and partition in (None, place.key[1]):
                    return place, number
        raise AssertionError(f"no segment of {stream}")

    # --- changing -------------------------------------------------------------------------------

    def drop(self, place: Place) -> None:
        del self.logs.records[place.key][place.number]

    def put(self, place: Place, value: bytes | None) -> None:
        self.logs.records[place.key][place.number] = place.record._replace(value=value)

    def edit(self, place: Place, change: Callable[[Body], object]) -> None:
        """Change what a record says."""
        body = place.body
        change(body)
        assert body != place.body
        self.put(place, json.dumps(body).encode())

    def insert(self, place: Place, record: Record) -> None:
        """Put a record after ``place``; the ones behind it move on."""
        records = self.logs.records[place.key]
        records.insert(place.number + 1, record)
        for number in range(place.number + 1, len(records)):
            records[number] = records[number]._replace(offset=records[number - 1].offset + 1)
        self.logs.ends.pop(place.key, None)

    def swap(self, one: Place, other: Place) -> None:
        """Let two records change places."""
        self.put(one, other.record.value)
        records = self.logs.records
        records[one.key][one.number] = one.record._replace(value=other.record.value, key=other.record.key)
        records[other.key][other.number] = other.record._replace(value=one.record.value, key=one.record.key)

    def edit_slice(self, place: Place, change: Callable[[list[Any]], object]) -> None:
        """Change a stored slice."""
        raw = place.record.value or b""
        fields = msgspec.msgpack.decode(raw[9:])
        change(fields)
        self.put(place, raw[:9] + msgspec.msgpack.encode(fields))

    def edit_position(self, place: Place, field: int, by: int) -> None:
        """Move one number of a stored position."""
        values = msgspec.msgpack.decode(place.record.value or b"")
        values[field] += by
        self.put(place, msgspec.msgpack.encode(values))

    def positions(self) -> list[Place]:
        return [place for place in self.raw("engine-state") if place.record.key == b"P"]

    def slices(self) -> list[Place]:
        """Stored slices of accounts."""
        return [p for p in self.raw("engine-state") if (p.record.key or b"")[:1] == b"A" and p.record.value]
