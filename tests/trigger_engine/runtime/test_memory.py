"""What a restore has done by the time that it ends."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import pytest
from typing_extensions import override

from schemas import topics
from services.kit.kafka.reader import Bounds, Log, Raw, Record
from services.trigger_engine.ports import Away, Logs
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.seen import HOUR_US, IDS_A_PIECE, Seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

SEEN: Final = Log(topics.ENGINE_SEEN.under("rung"), 0)
HOURS: Final = 6


class Stored(Logs):
    """Ids as they are stored, a record with each read; the other logs are empty. Breaks once after ``breaks_after``."""

    def __init__(self, records: Sequence[Record], breaks_after: int | None = None) -> None:
        self._records = records
        self._breaks_after = breaks_after
        self._next = 0

    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        self._next = positions.get(SEEN, 0)

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> Mapping[Log, Sequence[Raw]]:
        if self._next == self._breaks_after:
            self._breaks_after = None
            raise Away
        self._next += 1
        return {SEEN: self._records[self._next - 1 : self._next]}

    @override
    def position(self, log: Log) -> int | None:
        return self._next

    @override
    def at_end(self, log: Log) -> bool:
        return self._next == len(self._records)

    @override
    async def bounds(self, log: Log) -> Bounds:
        end = len(self._records) if log == SEEN else 0
        return Bounds(0, end, end)


def stored(first: int = 10) -> list[Record]:
    """Some ids of each hour, ``first`` of the first, a commit for each hour, as they lie in the log."""
    seen, records = Seen(1_000_000), list[Record]()
    for hour in range(HOURS):
        for number in range(10 if hour else first):
            seen.hour(hour * HOUR_US).add("backend", str(number))
        for key, value in seen.added():
            records.append(Record(*SEEN, len(records), key, value, (), 0))
        seen.adopt(0)
    return records


async def restored(memory: Memory, reader: Logs) -> None:
    @asynccontextmanager
    async def logs(purpose: str) -> AsyncIterator[Logs]:
        del purpose
        yield reader

    await memory.catch_up(logs)


def open_hours(memory: Memory) -> list[int]:
    return [hour for hour in range(HOURS) if memory.seen.hour(hour * HOUR_US).sources]


def assert_all_known(memory: Memory) -> None:
    assert len(memory.seen) == HOURS * 10
    for hour in range(HOURS):
        assert all(memory.seen.hour(hour * HOUR_US).knows("backend", str(number)) for number in range(10))


async def test_hours_past_are_sealed_when_a_restore_ends_and_not_by_the_first_commit_after_it() -> None:
    memory = Memory("rung", 0, 1_000_000)
    await restored(memory, Stored(stored()))
    assert open_hours(memory) == [HOURS - 2, HOURS - 1]
    assert_all_known(memory)


async def test_a_warm_memory_seals_what_others_made_past_while_it_catches_up() -> None:
    memory, records = Memory("rung", 0, 1_000_000), stored()
    await restored(memory, Stored(records[:3]))
    assert open_hours(memory) == [1, 2]
    await restored(memory, Stored(records))
    assert open_hours(memory) == [HOURS - 2, HOURS - 1]
    assert_all_known(memory)


async def test_a_restore_that_was_interrupted_takes_no_id_for_two() -> None:
    records = stored(first=IDS_A_PIECE)
    memory, broken = Memory("rung", 0, 1_000_000), Stored(records, breaks_after=len(records) - 1)
    with pytest.raises(Away):
        await restored(memory, broken)
    assert memory.seen.hour(0).sealed, "and what is sealed can not be held against what is read"
    await restored(memory, broken)
    assert len(memory.seen) == IDS_A_PIECE + 10 * (HOURS - 1)
