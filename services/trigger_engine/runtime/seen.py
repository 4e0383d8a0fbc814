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

SEAL_AGAIN: Final = 8
"""A sealed hour takes late ids beside it until they are an eighth of it; then it is worth sorting again."""

MAX_SOURCES: Final = 1_024
_SOURCES: Final[dict[str, bytes]] = {}


def identity(source: str, event_id: str) -> bytes:
    """What makes two deliveries the same event: its source and id."""
    begin = _SOURCES.get(source)
    if begin is None:
        if len(_SOURCES) >= MAX_SOURCES:
            _SOURCES.clear()
        name = source.encode()
        begin = _SOURCES[source] = len(name).to_bytes(2, "big") + name
    return blake2b(begin + event_id.encode(), digest_size=ID_BYTES).digest()


class Sealed:
    """Ids in 16 bytes each, where a set takes about 80."""

    __slots__ = ("_ids",)

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


NOTHING: Final = Sealed(set())


class Hour:
    """Ids of one hour of event time. ``added`` are those not stored yet, ``first`` the offset of the first stored."""

    __slots__ = ("added", "first", "ids", "sealed")

    def __init__(self) -> None:
        self.ids: set[bytes] = set()
        self.sealed = NOTHING
        self.added: list[bytes] = []
        self.first: int | None = None

    def __len__(self) -> int:
        return len(self.ids) + len(self.sealed)

    def knows(self, known: bytes) -> bool:
        """Whether an event with this `identity` was counted."""
        return known in self.ids or (self.sealed is not NOTHING and known in self.sealed)

    def add(self, known: bytes) -> None:
        """Remember that it was counted."""
        self.ids.add(known)
        self.added.append(known)

    def seal(self) -> None:
        """Make it small, when that is worth it."""
        if self.ids and not self.added and len(self.ids) * SEAL_AGAIN >= len(self.sealed):
            self.sealed = Sealed(self.ids | self.sealed.opened())
            self.ids = set()


class Seen:
    """Ids of one partition, at most ``most`` of them: beyond it the floor has to rise, see `floor_for`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._hours: dict[int, Hour] = {}

    def __len__(self) -> int:
        return sum(len(hour) for hour in self._hours.values())

    def hour(self, at: int) -> Hour:
        """The hour of an event of time ``at``, microseconds since 1970 UTC."""
        number = at // HOUR_US
        found = self._hours.get(number)
        if found is None:
            found = self._hours[number] = Hour()
        return found

    def added(self) -> list[tuple[bytes, bytes]]:
        """Key (hour) and value (ids) of each record to be written."""
        return [
            (number.to_bytes(KEY_BYTES, "big"), b"".join(hour.added))
            for number, hour in sorted(self._hours.items())  # a restore would find them in another order
            if hour.added
        ]

    def adopt(self, floor: int, last: int | None = None) -> None:
        """What was added is stored now; what could only be late from ``floor`` on is let go.

        ``last`` is the offset of the last record that was written of it.
        """
        written = [hour for hour in self._hours.values() if hour.added]
        for hour in written:
            if hour.first is None and last is not None:
                hour.first = last - len(written) + 1
            hour.added = []
        gone = floor // HOUR_US
        for number in [number for number in self._hours if number < gone]:
            del self._hours[number]
        if len(self._hours) > OPEN_HOURS:
            for number in sorted(self._hours)[:-OPEN_HOURS]:
                self._hours[number].seal()

    def roll_back(self) -> None:
        """Forget what was added and not stored."""
        for hour in self._hours.values():
            hour.ids.difference_update(hour.added)
            hour.added = []

    def floor_for(self, floor: int) -> int:
        """``floor``, or a higher one when there are more ids than may be kept: the oldest hours become late, whole."""
        left = len(self)
        for number in sorted(self._hours):
            if left <= self._most:
                break
            left -= len(self._hours[number])
            floor = max(floor, (number + 1) * HOUR_US)
        return floor

    def needed_from(self) -> int | None:
        """Offset of the first stored record that still tells something; None when nothing is known to be stored."""
        return min((hour.first for hour in self._hours.values() if hour.first is not None), default=None)

    def load(self, key: bytes, value: bytes, offset: int = 0) -> None:
        """Take one stored record while restoring."""
        hour = self.hour(int.from_bytes(key, "big") * HOUR_US)
        if hour.first is None:
            hour.first = offset
        hour.ids.update(value[start : start + ID_BYTES] for start in range(0, len(value), ID_BYTES))
