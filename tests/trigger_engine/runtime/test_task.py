"""A partition's work beside that of others in one process."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry
from typing_extensions import override

from benchmarks import inside, job
from services.kit.clock import SystemClock
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.runtime.pacing import GO_S, LEAST
from services.trigger_engine.runtime.task import LONG_S, TURNS, PartitionTask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.kit.kafka.reader import Log, Raw

CHUNKS: Final = 3
MANY_CHUNKS: Final = 12
A_RECORD_S: Final = 0.0004
"""What an event costs of which an offer comes."""


class Beside:
    """Somebody else on the loop; counts its turns."""

    def __init__(self) -> None:
        self.turns = 0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(0)
            self.turns += 1


class Taking(PartitionTask):
    """Takes long for each chunk, and notes how many turns who is ``beside`` it had by then."""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self.beside = Beside()
        self.noted: list[int] = []
        self.enough = asyncio.Event()

    @override
    def _take(self, intake: Any, core: Any, chunks: Mapping[Log, Sequence[Raw]], reader: Any) -> None:
        if chunks:
            self.noted.append(self.beside.turns)
        if len(self.noted) > CHUNKS:
            self.enough.set()
        time.sleep(2 * LONG_S)  # the loop is held, as by work
        super()._take(intake, core, chunks, reader)


async def turns_between_chunks() -> list[int]:
    """How many turns others have from one chunk to the next, while a log is read that has more than enough."""
    made = job.messages(CHUNKS * 500 * job.PARTITIONS * 2, job.Accounts(100), SystemClock().now_us())
    task = inside.task_of(0, inside.waiting(made)[0], EngineMetrics(CollectorRegistry()), kind=Taking)
    assert isinstance(task, Taking)
    running = [asyncio.create_task(task.run()), asyncio.create_task(task.beside.run())]
    await task.enough.wait()
    task.stop()
    await running[0]
    running[1].cancel()
    return [later - before for before, later in zip(task.noted, task.noted[1:], strict=False)]


async def test_who_has_held_the_loop_for_long_gives_others_as_many_turns_as_an_answer_takes() -> None:
    assert min((await turns_between_chunks())[:CHUNKS]) >= TURNS


class Dear(PartitionTask):
    """Takes long for each record, by a clock that nothing else moves, and notes how many records were in each chunk."""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self._clock = self.clock = DearClock()
        self.noted: list[int] = []
        self.enough = asyncio.Event()

    @override
    def _take(self, intake: Any, core: Any, chunks: Mapping[Log, Sequence[Raw]], reader: Any) -> None:
        usage = sum(map(len, chunks.values()))
        if usage:
            self.noted.append(usage)
        if len(self.noted) > MANY_CHUNKS:
            self.enough.set()
        self.clock.in_hand = usage
        super()._take(intake, core, chunks, reader)
        self.clock.in_hand = 0


class DearClock(SystemClock):
    """Stands still, but for `A_RECORD_S` a record in hand at each look."""

    def __init__(self) -> None:
        self.in_hand = 0
        self.at = 0.0

    @override
    def monotonic(self) -> float:
        self.at += self.in_hand * A_RECORD_S
        return self.at


async def test_records_that_cost_much_are_taken_few_at_a_time() -> None:
    made = job.messages(MANY_CHUNKS * 500 * job.PARTITIONS, job.Accounts(100), SystemClock().now_us())
    task = inside.task_of(0, inside.waiting(made)[0], EngineMetrics(CollectorRegistry()), kind=Dear)
    assert isinstance(task, Dear)
    running = asyncio.create_task(task.run())
    await task.enough.wait()
    task.stop()
    await running
    assert task.noted[0] == LEAST
    assert max(task.noted[-3:]) * A_RECORD_S <= GO_S
