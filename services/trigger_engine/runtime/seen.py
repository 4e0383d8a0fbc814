"""Which usage events were counted. Duplicates and lateness are one rule.

An event is remembered for as long as an event of its time would still be accepted, so every copy is either recognised
or too late, and exactness needs no window of its own. Ids form buckets by hour of event time; a look-up touches only
the event's own. The hours at work are sets; the others are sealed: their ids one after the other, sorted.
"""

from bisect import bisect_left
from hashlib import blake2b
from typing import Final

HOUR_US: Final = 3_600 * 1_000_000
ID_BYTES: Final = 16
"""Of a hash of source and id: among 2**40 events two different ones are taken for the same with probability 2**-49."""

KEY_BYTES: Final = 8
OPEN_HOURS: Final = 2
"""Hours of event time, the newest, that are kept open: that is where most events arrive."""


def identity(source: str, event_id: str) -> bytes:
    """What makes two deliveries the same event: its source and id."""
    name = source.encode()
    return blake2b(len(name).to_bytes(2, "big") + name + event_id.encode(), digest_size=ID_BYTES).digest()


class Sealed:
    """Ids in 16 bytes each, where a set takes about 80."""

    def __init__(self, ids: set[bytes]) -> None:
        self._ids = b"".join(sorted(ids))

    def __len__(self) -> int:
        return len(self._ids) // ID_BYTES

    def __getitem__(self, number: int) -> bytes:
        return self._ids[number * ID_BYTES : (number + 1) * ID_BYTES]

    def __contains__(self, known: bytes) -> bool:
        place = bisect_left(self, known)
        return place < len(self) and self[place] == known

    def opened(self) -> set[bytes]:
        """The ids as a set."""
        return {self[number] for number in range(len(self))}


class Seen:
    """Ids of one partition, at most ``most`` of them: beyond it the floor has to rise, see `floor_for`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[int, set[bytes]] = {}
        self._sealed: dict[int, Sealed] = {}
        self._added: dict[int, list[bytes]] = {}
        self._first: dict[int, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def knows(self, at: int, known: bytes) -> bool:
        """Whether an event of time ``at`` (microseconds since 1970 UTC) with this `identity` was counted."""
        hour = at // HOUR_US
        bucket = self._open.get(hour)
        if bucket is not None and known in bucket:
            return True
        sealed = self._sealed.get(hour)
        return sealed is not None and known in sealed

    def add(self, at: int, known: bytes) -> None:
        """Remember that it was counted."""
        hour = at // HOUR_US
        bucket = self._open.get(hour)
        if bucket is None:
            bucket = self._open[hour] = set()
        bucket.add(known)
        self._count += 1
        added = self._added.get(hour)
        if added is None:
            self._added[hour] = [known]
        else:
            added.append(known)

    def added(self) -> list[tuple[bytes, bytes]]:
        """Key (hour) and value (ids) of each record to be written."""
        return [(hour.to_bytes(KEY_BYTES, "big"), b"".join(ids)) for hour, ids in self._added.items()]

    def adopt(self, floor: int, last: int | None = None) -> None:
        """What was added is stored now; what could only be late from ``floor`` on is let go.

        ``last`` is the offset of the last record that was written of it.
        """
        if last is not None:
            first = last - len(self._added) + 1
            for hour in self._added:
                self._first.setdefault(hour, first)
        self._added.clear()
        self._let_go(floor // HOUR_US)
        if len(self._open) > OPEN_HOURS:
            self._seal(sorted(self._open)[:-OPEN_HOURS])

    def roll_back(self) -> None:
        """Forget what was added and not stored."""
        for hour, ids in self._added.items():
            self._open[hour].difference_update(ids)
            self._count -= len(ids)
        self._added.clear()

    def floor_for(self, floor: int) -> int:
        """``floor``, or a higher one when there are more ids than may be kept: the oldest hours become late, whole."""
        left = self._count
        for hour in sorted({*self._open, *self._sealed}):
            if left <= self._most:
                break
            left -= len(self._open.get(hour, ())) + len(self._sealed.get(hour, ()))
            floor = max(floor, (hour + 1) * HOUR_US)
        return floor

    def needed_from(self) -> int | None:
        """Offset of the first stored record that still tells something; None when nothing is known to be stored."""
        return min(self._first.values(), default=None)

    def load(self, key: bytes, value: bytes, offset: int = 0) -> None:
        """Take one stored record while restoring."""
        hour = int.from_bytes(key, "big")
        self._first.setdefault(hour, offset)
        bucket = self._open.setdefault(hour, set())
        before = len(bucket)
        bucket.update(value[start : start + ID_BYTES] for start in range(0, len(value), ID_BYTES))
        self._count += len(bucket) - before

    def _let_go(self, hour: int) -> None:
        for buckets in (self._open, self._sealed):
            for gone in [known for known in buckets if known < hour]:
                self._count -= len(buckets.pop(gone))
        for gone in [known for known in self._first if known < hour]:
            del self._first[gone]

    def _seal(self, hours: list[int]) -> None:
        for hour in hours:
            ids = self._open.pop(hour)
            before = self._sealed.get(hour)
            if before is not None and len(ids) * 8 < len(before):
                self._open[hour] = ids  # a few late ones: not worth sorting a large bucket again
                continue
            self._sealed[hour] = Sealed(ids if before is None else ids | before.opened())
