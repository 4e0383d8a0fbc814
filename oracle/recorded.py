"""Logs in memory or in a file: a run as it was, to be verified again or changed on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from oracle.faults import CannotVerify
from oracle.records import INTAKE, PLAYBOOKS, USAGE, WRITTEN, Bounds, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from oracle.records import Logs

Key = tuple[str, int]
"""Topic without prefix, and partition."""


class RecordedLogs:
    """Records by topic and partition. ``ends`` may lie beyond the last record: markers take offsets, too."""

    def __init__(self, prefix: str, records: dict[Key, list[Record]], ends: dict[Key, int] | None = None) -> None:
        self.prefix = prefix
        self.records = records
        self.ends = ends or {}

    def close(self) -> None:
        """There is nothing to let go of."""

    def partitions(self) -> int:
        """How many partitions the topics of accounts have."""
        return 1 + max((partition for topic, partition in self.records if topic == USAGE), default=-1)

    def bounds(self, topic: str, partition: int) -> Bounds:
        """What there is of a log."""
        records = self.records.get((topic, partition), [])
        last = records[-1].offset + 1 if records else 0
        return Bounds(records[0].offset if records else 0, max(last, self.ends.get((topic, partition), 0)))

    def read(self, topic: str, partition: int, start: int, end: int) -> Iterator[Record]:
        """Records from ``start`` up to ``end`` (not included)."""
        return iter([one for one in self.records.get((topic, partition), []) if start <= one.offset < end])


def recorded(logs: Logs) -> RecordedLogs:
    """Everything that lies in ``logs`` now."""
    keys = [(PLAYBOOKS, 0)] + [(topic, p) for topic in (*INTAKE, *WRITTEN) for p in range(logs.partitions())]
    bounds = {key: logs.bounds(*key) for key in keys}
    records = {key: list(logs.read(*key, bounds[key].first, bounds[key].end)) for key in keys}
    return RecordedLogs(logs.prefix, records, {key: found.end for key, found in bounds.items()})


class _File(msgspec.Struct):
    prefix: str
    logs: list[tuple[str, int, int, list[Record]]]


def save(logs: RecordedLogs, path: Path) -> None:
    """Write ``logs`` to a file."""
    every = [(topic, p, logs.bounds(topic, p).end, records) for (topic, p), records in logs.records.items()]
    path.write_bytes(msgspec.msgpack.encode(_File(logs.prefix, every)))


def load(path: Path) -> RecordedLogs:
    """Read logs from a file. Raises `CannotVerify` when it holds none."""
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=_File)
    except (OSError, ValueError) as error:
        raise CannotVerify(f"{path} holds no logs: {error}") from None
    records = {(topic, p): held for topic, p, _, held in found.logs}
    return RecordedLogs(found.prefix, records, {(topic, p): end for topic, p, end, _ in found.logs})
