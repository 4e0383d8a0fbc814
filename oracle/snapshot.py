"""The state of every partition at one commit of it, so that a verification can begin there.

What belongs to a commit is found by looking twice: when the position is the same before and after the ends of all logs
were taken, nothing was committed in between, and those ends are where the next transaction begins.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from oracle.faults import CannotVerify
from oracle.records import INTAKE, SEEN, STATE, WRITTEN
from oracle.replay import Clocks
from oracle.start import Start
from oracle.stored import POSITION, position_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from oracle.records import Logs

FORMAT: Final = 1
TRIES: Final = 50
"""Tries for a moment between two commits of a partition; commits come about ten times a second at most."""

SETTLE_S: Final = 0.3
"""Between looks, longer each time up to this: the markers that end a transaction reach the logs one after the other."""

LAST_FEW: Final = 8
"""Offsets before the end of the state log in which its last record, a position, lies: markers take offsets, too."""


class Part(Struct):
    """One partition. ``next`` holds by topic the first offset of what comes after ``transaction``."""

    transaction: int
    version: int
    clocks: tuple[int, int, int]
    next: dict[str, int]
    slices: dict[bytes, bytes]
    seen: list[tuple[int, bytes]]


class Snapshot(Struct):
    """All partitions of the deployment under ``prefix``."""

    format: int
    prefix: str
    partitions: dict[int, Part]

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return sum(len(part.slices) for part in self.partitions.values())


def taken(logs: Logs, wait: Callable[[float], None] = time.sleep) -> Snapshot:
    """The state of ``logs`` now. Raises `CannotVerify` when a partition commits without a pause."""
    return Snapshot(FORMAT, logs.prefix, {number: _part(logs, number, wait) for number in range(logs.partitions())})


def _part(logs: Logs, partition: int, wait: Callable[[float], None]) -> Part:
    for number in range(TRIES):
        before = _position(logs, partition)
        ends = {topic: logs.bounds(topic, partition).end for topic in WRITTEN}
        wait(min(SETTLE_S, 0.01 * number))
        same = {topic: logs.bounds(topic, partition).end for topic in WRITTEN}
        if before == _position(logs, partition) and ends == same:
            return _read(logs, partition, before, ends)
    raise CannotVerify(f"partition {partition} commits without a pause; try again when there is less to do")


def _position(logs: Logs, partition: int) -> dict[str, int] | None:
    """The newest position; None before the first commit."""
    end = logs.bounds(STATE, partition).end
    for start in (max(0, end - LAST_FEW), 0):
        records = logs.read(STATE, partition, start, end)
        positions = [position_of(record.value) for record in records if record.key == POSITION]
        if positions:
            return positions[-1]
    return None


def _read(logs: Logs, partition: int, position: dict[str, int] | None, ends: dict[str, int]) -> Part:
    slices: dict[bytes, bytes] = {}
    for record in logs.read(STATE, partition, 0, ends[STATE]):
        if record.key != POSITION and record.key is not None:
            slices.pop(record.key, None)
            if record.value is not None:
                slices[record.key] = record.value
    seen = [
        (int.from_bytes(record.key or b"", "big"), record.value or b"")
        for record in logs.read(SEEN, partition, 0, ends[SEEN])
    ]
    if position is None:
        first = {topic: logs.bounds(topic, partition).first for topic in INTAKE}
        return Part(0, -1, (0, 0, 0), ends | first, slices, seen)
    clocks = (position["stream_time"], position["floor"], position["now"])
    following = ends | {topic: position[topic] for topic in INTAKE}
    return Part(position["transaction"], position["version"], clocks, following, slices, seen)


def save(snapshot: Snapshot, path: Path) -> None:
    """Write ``snapshot`` to a file."""
    path.write_bytes(msgspec.msgpack.encode(snapshot))


def load(path: Path, prefix: str) -> dict[int, Start]:
    """Where to begin with each partition. Raises `CannotVerify` when the file is none, or of another deployment."""
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=Snapshot)
    except (OSError, ValueError) as error:
        raise CannotVerify(f"{path} is no snapshot: {error}") from None
    if found.format != FORMAT or found.prefix != prefix:
        raise CannotVerify(f"{path} is of {found.prefix!r} in format {found.format}: needed is {prefix!r} in {FORMAT}")
    return starts_of(found)


def starts_of(snapshot: Snapshot) -> dict[int, Start]:
    """Where to begin with each partition."""
    return {number: _start(part) for number, part in snapshot.partitions.items()}


def _start(part: Part) -> Start:
    start = Start(part.transaction, part.version, part.next, clocks=Clocks(*part.clocks))
    for key, raw in part.slices.items():
        start.holdings.load(key, raw)
    for hour, known in part.seen:
        start.seen.load(hour, known)
    return start
