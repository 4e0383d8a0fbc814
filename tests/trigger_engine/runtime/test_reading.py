"""What was read and put back comes again, before all else, and counts as not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.kit.kafka.reader import Bounds, Log, Raw, Record
from services.trigger_engine.runtime.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

USAGE, RESPONSES = Log("usage", 0), Log("responses", 0)


class Held:
    """Two logs that are read to their end at once."""

    def __init__(self) -> None:
        self.left: dict[Log, Sequence[Raw]] = {USAGE: records(USAGE, 4), RESPONSES: records(RESPONSES, 1)}

    def assign(self, positions: Mapping[Log, int]) -> None:
        raise NotImplementedError

    async def read(self, timeout_ms: int, limit: int | None = None) -> Mapping[Log, Sequence[Raw]]:
        del timeout_ms, limit
        found, self.left = self.left, {}
        return found

    def position(self, log: Log) -> int | None:
        return None if self.left else {USAGE: 7, RESPONSES: 1}[log]

    def at_end(self, log: Log) -> bool:
        return log not in self.left

    async def bounds(self, log: Log) -> Bounds:
        raise NotImplementedError


def records(log: Log, count: int) -> list[Record]:
    return [Record(*log, offset, None, None, (), 0) for offset in range(count)]


async def test_what_was_put_back_comes_before_all_else_and_its_first_alone() -> None:
    held = Held()
    reading = Reading(held)
    usage = (await reading.read(0, 9))[USAGE]
    reading.put_back(USAGE, usage[1:])
    held.left = {RESPONSES: records(RESPONSES, 2)}
    assert (await reading.read(0, 9), reading.again) == ({USAGE: usage[1:2]}, True)
    assert (await reading.read(0, 9), reading.again) == ({USAGE: usage[2:]}, True)
    assert (list(await reading.read(0, 9)), reading.again) == ([RESPONSES], False)
    assert await reading.read(0, 9) == {}


async def test_the_first_may_be_put_back_again_and_again_before_the_others() -> None:
    reading = Reading(Held())
    usage = (await reading.read(0, 9))[USAGE]
    reading.put_back(USAGE, usage[1:])
    for _ in range(3):
        again = (await reading.read(0, 9))[USAGE]
        assert (list(again), reading.position(USAGE)) == ([usage[1]], 2)
        reading.put_back(USAGE, again)
        assert reading.position(USAGE) == 1
    assert [list((await reading.read(0, 9))[USAGE]) for _ in range(2)] == [[usage[1]], list(usage[2:])]
    assert await reading.read(0, 9) == {}


async def test_what_was_put_back_is_not_behind_the_position() -> None:
    reading = Reading(Held())
    assert reading.position(USAGE) is None
    usage = (await reading.read(0, 9))[USAGE]
    assert (reading.position(USAGE), reading.at_end(USAGE)) == (7, True)
    reading.put_back(USAGE, usage[3:])
    assert (reading.position(USAGE), reading.at_end(USAGE)) == (3, False)
    assert (reading.position(RESPONSES), reading.at_end(RESPONSES)) == (1, True)
    await reading.read(0, 9)
    assert (reading.position(USAGE), reading.at_end(USAGE)) == (7, True)
