"""Which usage events were counted. Duplicates and lateness are one rule.

An event is remembered for as long as an event of its time would still be accepted, so every copy is either recognised
or too late, and exactness needs no window of its own. Ids form buckets by hour of event time; a look-up touches only
the event's own. The hours at work are sets of the ids themselves; the others are sealed: hashes, one after the other,
sorted. To seal takes time in which nothing else is done, so it goes piece by piece.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import islice
from math import ceil
from typing import Final

import msgspec

from services.trigger_engine.ports import Files

HOUR_US: Final = 3_600 * 1_000_000

FAR_FUTURE_US: Final = 5 * 60 * 1_000_000
"""Clocks of servers differ by seconds; minutes ahead is a fault, and would make honest events late."""

HASH_BYTES: Final = 16
"""Of source and id, in a sealed hour: among 2**40 events two are taken for the same with probability 2**-49."""

KEY_BYTES: Final = 8
IDS_A_RECORD: Final = 4_000
"""Stored together: at 256 bytes each about what a broker takes by default, and 20 to 40 each is what they have."""

ON_DISK_BYTES: Final = 4 * 1024 * 1024
"""A full piece, a quarter of a million ids, lies in a file; smaller ones are not worth one."""

IDS_A_PIECE: Final = ON_DISK_BYTES // HASH_BYTES
"""Sealed together: half a second, or one on a busy machine, in which the loop stands still. An hour may have millions,
and a group takes who is silent for a session to be gone."""

OPEN_HOURS: Final = 2
"""Hours of event time, the newest, that are kept open: that is where most events arrive."""

SEAL_AGAIN: Final = 8
"""A piece that is not full takes more ids beside it until they are an eighth of it; then it is worth sorting again."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(dict[str, list[str]])


def hashed(source: str, ids: Iterable[str]) -> list[bytes]:
    """What stands for each event in a sealed hour; no two sources and ids run together to the same text."""
    name = source.encode()
    begin = blake2b(len(name).to_bytes(2, "big") + name, digest_size=HASH_BYTES)
    found = []
    for event_id in ids:
        one = begin.copy()
        one.update(event_id.encode())
        found.append(one.digest())
    return found


class Sealed:
    """A piece of an hour: ids in 16 bytes each, where a set takes about 130; a full one in a file."""

    __slots__ = ("_ids",)

    def __init__(self, ids: Iterable[bytes], files: Files | None = None) -> None:
        joined = b"".join(sorted(ids))
        self._ids = joined if files is None or len(joined) < ON_DISK_BYTES else files.keep(joined)

    def __len__(self) -> int:
        return len(self._ids) // HASH_BYTES

    def __getitem__(self, number: int) -> bytes:
        return self._ids[number * HASH_BYTES : (number + 1) * HASH_BYTES]

    def __contains__(self, known: bytes) -> bool:
        place = bisect_left(self, known)
        return place < len(self) and self[place] == known

    def opened(self) -> set[bytes]:
        """The hashes as a set."""
        return {self[number] for number in range(len(self))}


NOTHING: Final = Sealed(())


class Ids:
    """Ids of one source. ``added`` are those not stored yet, in the order in which they came."""

    __slots__ = ("added", "known")

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.added: list[str] = []

    def add(self, ids: Sequence[str]) -> bool:
        """Remember these; False, with nothing changed, when one is known already or stands there twice."""
        known = self.known
        if not known.isdisjoint(ids):
            return False
        before = len(known)
        known.update(ids)
        if len(known) - before < len(ids):
            known.difference_update(ids)  # none of them was known
            return False
        self.added += ids
        return True

    def take_back(self, count: int) -> None:
        """Forget the last so many that were added."""
        if count:
            self.known.difference_update(self.added[-count:])
            del self.added[-count:]


class Hour:
    """Ids of one hour of event time, by source; ``first`` is the offset of the first stored record of them."""

    __slots__ = ("first", "sealed", "sources")

    def __init__(self) -> None:
        self.sources: dict[str, Ids] = {}
        self.sealed: list[Sealed] = []
        self.first: int | None = None

    def __len__(self) -> int:
        return self._open + sum(len(piece) for piece in self.sealed)

    @property
    def _open(self) -> int:
        return sum(len(ids.known) for ids in self.sources.values())

    def of(self, source: str) -> Ids:
        """The ids of ``source``."""
        found = self.sources.get(source)
        if found is None:
            found = self.sources[source] = Ids()
        return found

    def knows(self, source: str, event_id: str) -> bool:
        """Whether the event was counted."""
        if event_id in self.of(source).known:
            return True
        if not self.sealed:
            return False
        known = hashed(source, [event_id])[0]
        return any(known in piece for piece in self.sealed)

    def add(self, source: str, event_id: str) -> None:
        """Remember that it was counted."""
        ids = self.of(source)
        ids.known.add(event_id)
        ids.added.append(event_id)

    @property
    def has_added(self) -> bool:
        """Whether there is anything to be stored."""
        return any(ids.added for ids in self.sources.values())

    @property
    def records(self) -> int:
        """How many records `stored` makes."""
        return sum(ceil(len(ids.added) / IDS_A_RECORD) for ids in self.sources.values())

    def stored(self) -> list[bytes]:
        """What was added, as records."""
        records = []
        for source, ids in sorted(self.sources.items()):  # a restore would find them in another order
            left = iter(ids.added)
            while some := list(islice(left, IDS_A_RECORD)):
                records.append(_ENCODER.encode({source: some}))
        return records

    def seal(self, files: Files | None) -> int:
        """Make a piece of it small, when that is worth it; of how many ids."""
        last = self.sealed[-1] if self.sealed and len(self.sealed[-1]) < IDS_A_PIECE else NOTHING
        if not self._open or self.has_added or self._open * SEAL_AGAIN < len(last):
            return 0
        known = last.opened()
        for source, ids in list(self.sources.items()):
            some = [ids.known.pop() for _ in range(min(len(ids.known), IDS_A_PIECE - len(known)))]
            known.update(hashed(source, some))
            if not ids.known:
                del self.sources[source]
        if last is not NOTHING:
            self.sealed.pop()
        self.sealed.append(Sealed(known, files))
        return len(known)


class Seen:
    """Ids of one partition. ``most`` are kept by all that share them alike; beyond a share the floor has to rise."""

    def __init__(self, most: int, files: Files | None = None) -> None:
        self.shared_by = 1
        self._most = most
        self._files = files
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
        """Key (hour) and value (ids by source) of each record to be written."""
        return [
            (number.to_bytes(KEY_BYTES, "big"), value)
            for number, hour in sorted(self._hours.items())  # as above
            for value in hour.stored()
        ]

    def adopt(self, floor: int, last: int | None = None) -> None:
        """What was added is stored now; what could only be late from ``floor`` on is let go.

        ``last`` is the offset of the last record that was written of it.
        """
        written = [hour for _, hour in sorted(self._hours.items()) if hour.has_added]
        begins = None if last is None else last + 1 - sum(hour.records for hour in written)
        for hour in written:
            if hour.first is None:
                hour.first = begins  # of this hour or, with several of them, one before it: early enough
            for ids in hour.sources.values():
                ids.added = []
        gone = floor // HOUR_US
        for number in [number for number in self._hours if number < gone]:
            del self._hours[number]
        self.seal()

    def seal(self) -> None:
        """Make small what is not at work any more: the oldest first, and in one go as much as the loop can bear."""
        done = 0
        for number in sorted(self._hours)[:-OPEN_HOURS]:
            done += self._hours[number].seal(self._files)
            if done >= IDS_A_PIECE:  # nearly two pieces at most
                break

    def roll_back(self) -> None:
        """Forget what was added and not stored."""
        for hour in self._hours.values():
            for ids in hour.sources.values():
                ids.take_back(len(ids.added))

    def floor_for(self, floor: int, stream_time: int) -> int:
        """``floor``, or a higher one when there are more ids than may be kept: the oldest hours become late, whole.

        Never the hour at work, however many ids it has: all that comes would be late. The newest usage may be of a
        clock that is ahead, so the hour before it is at work for that much longer.
        """
        at_work = (stream_time - FAR_FUTURE_US) // HOUR_US
        left, most = len(self), self._most // self.shared_by
        for number in sorted(self._hours):
            if left <= most or number >= at_work:
                break
            if kept := len(self._hours[number]):  # one that was only looked at may be of a transaction that never was
                left -= kept
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
        for source, ids in _DECODER.decode(value).items():
            hour.of(source).known.update(ids)
