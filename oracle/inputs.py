"""The intake of one partition, taken segment by segment as the journal says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.times import MS
from oracle.violations import Kind, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oracle.journal import Segment
    from oracle.records import Record


class Input:
    """One log of the intake. ``position`` is the offset after the last record taken."""

    def __init__(self, topic: str, partition: int, records: Iterator[Record], position: int) -> None:
        self.topic = topic
        self.partition = partition
        self.position = position
        self.taken = 0
        self._records = records
        self._next = next(records, None)

    @property
    def next_offset(self) -> int | None:
        """Offset of the first record that was not taken; None when all were."""
        return None if self._next is None else self._next.offset

    @property
    def next_sent(self) -> int | None:
        """When it was sent, by the clock of its producer in microseconds since 1970 UTC; None when all were taken."""
        return None if self._next is None else self._next.timestamp_ms * MS

    def ahead(self, segment: Segment, report: Callable[[Violation], None]) -> Record | None:
        """The first record that was not taken, before which a tick came; reports one that the tick does not name."""
        if self._next is None or not segment.first == segment.last == self._next.offset:
            named = f"{segment.first} to {segment.last}"
            self._wrong(report, f"a tick before {self.next_offset}, the next record", named, segment.first)
        return self._next

    def take(self, segment: Segment, report: Callable[[Violation], None]) -> list[Record]:
        """The records of a segment. Reports records that lie before it, and bounds that are no records'."""
        first, last = segment.first, segment.last
        if first is None or last is None or first > last or first < self.position:
            self._wrong(report, f"a segment that begins at {self.position} or later", f"{first} to {last}", first)
        while self._next is not None and first is not None and self._next.offset < first:
            self._wrong(report, "the record to be taken in", "it was passed over", self._next.offset)
            self._advance()
        records = []
        while self._next is not None and last is not None and self._next.offset <= last:
            records.append(self._next)
            self._advance()
        if first is not None and last is not None and first >= self.position - len(records):
            bounds = (records[0].offset, records[-1].offset) if records else None
            if bounds != (first, last):
                self._wrong(report, f"records at both ends of {first} to {last}", f"{bounds}", first)
        self.position = max(self.position, (last or 0) + 1)
        self.taken += len(records)
        return records

    def rest(self) -> int:
        """How many records were not taken."""
        count = 0
        while self._next is not None:
            count += 1
            self._advance()
        return count

    def _advance(self) -> None:
        self._next = next(self._records, None)

    def _wrong(self, report: Callable[[Violation], None], expected: str, found: str, offset: int | None) -> None:
        report(Violation(Kind.INPUT, self.topic, self.partition, offset, None, expected, found))
