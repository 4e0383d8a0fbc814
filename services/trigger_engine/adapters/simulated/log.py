"""One partition of one topic: records, markers of transactions, and how far it can be read."""

from bisect import bisect_left
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from services.kit.kafka.reader import Bounds, Log, Record

Pair = tuple[str, bytes]


class Fate(Enum):
    """How the part of a transaction that lies in one partition ended."""

    OPEN = auto()
    COMMITTED = auto()
    ABORTED = auto()


class Span:
    """The part of one transaction that lies in one partition. ``first`` is the offset that it begins at."""

    __slots__ = ("fate", "first")

    def __init__(self, first: int) -> None:
        self.first = first
        self.fate = Fate.OPEN


class Entry(NamedTuple):
    """What takes one offset: a record, or the marker that ended a transaction (``control``)."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Pair, ...]
    timestamp_ms: int
    span: Span | None
    control: bool = False

    @property
    def visible(self) -> bool:
        """Whether those who read committed records get to see it, once the last stable offset has passed it."""
        return not self.control and (self.span is None or self.span.fate is Fate.COMMITTED)


class OutOfRange(Exception):
    """Nothing is kept at this position.

    Attributes:
        where: Which log.
        position: Where somebody wanted to read.
    """

    def __init__(self, where: Log, position: int) -> None:
        self.where = where
        self.position = position
        super().__init__(f"{where}: {position}")


class Fetched(NamedTuple):
    """Records, the next offset to look at, and the end of what was committed when the broker answered."""

    records: list[Record]
    position: int
    stable: int


UNLIMITED: Final = 2**62


class PartitionLog:
    """Kept entries by offset. ``history`` holds all that was ever written, for those who check."""

    def __init__(self, where: Log) -> None:
        self.where = where
        self.history: list[Entry] = []
        self.first = 0
        self._entries: list[Entry] = []
        self._open: list[Span] = []

    @property
    def end(self) -> int:
        """The high watermark: one past all that is written."""
        return len(self.history)

    @property
    def stable(self) -> int:
        """The last stable offset: the first one of the oldest open transaction, else the end."""
        return min((span.first for span in self._open), default=self.end)

    def bounds(self) -> Bounds:
        """What there is."""
        return Bounds(self.first, self.stable, self.end)

    # --- writing --------------------------------------------------------------------------------

    def begin(self) -> Span:
        """A transaction writes here from now on."""
        span = Span(self.end)
        self._open.append(span)
        return span

    def append(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[Pair],
        timestamp_ms: int,
        span: Span | None = None,
    ) -> int:
        """Write one record; its offset."""
        return self._write(Entry(self.end, key, value, tuple(headers), timestamp_ms, span))

    def mark(self, span: Span, fate: Fate, timestamp_ms: int) -> None:
        """End a transaction's part with a marker, which takes an offset."""
        span.fate = fate
        self._open.remove(span)
        self._write(Entry(self.end, None, None, (), timestamp_ms, span, control=True))

    def _write(self, entry: Entry) -> int:
        self.history.append(entry)
        self._entries.append(entry)
        return entry.offset

    # --- reading --------------------------------------------------------------------------------

    def fetch(self, position: int, limit: int | None, *, committed_only: bool = True) -> Fetched:
        """The next at most ``limit`` records from ``position`` on; raises `OutOfRange`."""
        if not self.first <= position <= self.end:
            raise OutOfRange(self.where, position)
        stop = self.stable if committed_only else self.end
        left = UNLIMITED if limit is None else limit
        records: list[Record] = []
        for entry in self._entries[self._index(position) :]:
            if entry.offset >= stop:
                break
            if entry.control or (committed_only and not entry.visible):
                continue
            if len(records) == left:
                return Fetched(records, records[-1].offset + 1 if records else position, stop)
            records.append(self._record(entry))
        return Fetched(records, max(position, stop), stop)

    def _record(self, entry: Entry) -> Record:
        topic, partition = self.where
        return Record(topic, partition, entry.offset, entry.key, entry.value, entry.headers, entry.timestamp_ms)

    def _index(self, offset: int) -> int:
        return bisect_left(self._entries, offset, key=lambda entry: entry.offset)

    def committed(self) -> list[Record]:
        """Every committed record ever written, also those that are gone by now."""
        stable = self.stable
        return [self._record(entry) for entry in self.history if entry.visible and entry.offset < stable]

    # --- forgetting -----------------------------------------------------------------------------

    def delete(self, before: int) -> None:
        """Let go of all before an offset; what is not yet stable stays."""
        self.first = max(self.first, min(before, self.stable))
        del self._entries[: self._index(self.first)]

    def compact(self, before: int) -> None:
        """Keep the newest record of each key; what is not before ``before``, or not stable, stays as it is."""
        index = self._index(min(before, self.stable))
        head, tail = self._entries[:index], self._entries[index:]
        newest = {entry.key: entry.offset for entry in (*head, *tail) if entry.visible and entry.offset < self.stable}
        self._entries = [e for e in head if e.visible and newest[e.key] == e.offset] + tail
