"""Which usage events were counted. Duplicates and lateness are one rule.

An event is remembered for as long as an event of its time would still be accepted, so every copy is either recognised
or too late, and exactness needs no window of its own. Ids form buckets by hour of event time.
"""

from hashlib import blake2b
from typing import Final

HOUR_US: Final = 3_600 * 1_000_000
ID_BYTES: Final = 16
"""Of a hash of source and id: among 2**40 events two different ones are taken for the same with probability 2**-49."""

KEY_BYTES: Final = 8


def identity(source: str, event_id: str) -> bytes:
    """What makes two deliveries the same event: its source and id."""
    name = source.encode()
    return blake2b(len(name).to_bytes(2, "big") + name + event_id.encode(), digest_size=ID_BYTES).digest()


class Seen:
    """Ids of one partition. What was added since the last `adopt` is undone only by restoring anew."""

    def __init__(self) -> None:
        self._buckets: dict[int, set[bytes]] = {}
        self._added: dict[int, list[bytes]] = {}

    def __len__(self) -> int:
        return sum(len(bucket) for bucket in self._buckets.values())

    def knows(self, at: int, known: bytes) -> bool:
        """Whether an event of time ``at`` (microseconds since 1970 UTC) with this `identity` was counted."""
        bucket = self._buckets.get(at // HOUR_US)
        return bucket is not None and known in bucket

    def add(self, at: int, known: bytes) -> None:
        """Remember that it was counted."""
        hour = at // HOUR_US
        bucket = self._buckets.get(hour)
        if bucket is None:
            bucket = self._buckets[hour] = set()
        bucket.add(known)
        self._added.setdefault(hour, []).append(known)

    def added(self) -> list[tuple[bytes, bytes]]:
        """Key (hour) and value (ids) of each record to be written."""
        return [(hour.to_bytes(KEY_BYTES, "big"), b"".join(ids)) for hour, ids in self._added.items()]

    def adopt(self, floor: int) -> None:
        """What was added is stored now; what could only be late from ``floor`` on is let go."""
        self._added.clear()
        last_gone = floor // HOUR_US
        for hour in [hour for hour in self._buckets if hour < last_gone]:
            del self._buckets[hour]

    def load(self, key: bytes, value: bytes) -> None:
        """Take one stored record while restoring."""
        bucket = self._buckets.setdefault(int.from_bytes(key, "big"), set())
        bucket.update(value[start : start + ID_BYTES] for start in range(0, len(value), ID_BYTES))
