"""The broker will not take what came of a transaction: who is to blame, and who is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry
from typing_extensions import override

from benchmarks import inside
from schemas.journal import Segment
from services.kit.kafka.reader import Log, Record
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import TooLarge
from services.trigger_engine.runtime.reading import Reading
from services.trigger_engine.runtime.task import KEPT_BYTES, RETRY_S, PartitionTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.kit.kafka.reader import Raw

USAGE = Log(inside.USAGE, 0)
READ_TO = 5


class Refused(PartitionTask):
    """Whatever it commits is too large; notes for how long it waited."""

    def __init__(self, *made_of: Any) -> None:
        super().__init__(*made_of)
        self.waited: list[float] = []

    @override
    async def _commit(self, *given: Any) -> None:
        raise TooLarge

    @override
    async def _pause(self, seconds: float) -> None:
        self.waited.append(seconds)


class ReadTo:
    """All before this offset was read."""

    def position(self, log: Log) -> int:
        return READ_TO if log == USAGE else 0


def usage(first: int, last: int) -> Segment:
    return Segment(stream="usage", first=first, last=last, now=1)


async def refused(*segments: Segment, put_back: Sequence[Raw] = (), alone: bool = True) -> Refused:
    """A task whose transaction of these segments was refused."""
    task = inside.task_of(0, inside.Usage(), EngineMetrics(CollectorRegistry()), kind=Refused)
    assert isinstance(task, Refused)
    read: Any = ReadTo()
    reading, core = Reading(read), task._sets.current
    if put_back:
        reading.put_back(USAGE, put_back)
    task._outbox.segments.extend(segments)
    assert core is not None
    with pytest.raises(TooLarge):
        await task._commit_or_suspect(reading, core, 0, alone=alone)
    return task


async def test_the_one_record_of_a_transaction_is_set_aside_and_without_its_beginning_if_that_is_refused_too() -> None:
    task = await refused(usage(4, 4))
    assert (task._aside, task.waited) == ({(USAGE, 4): KEPT_BYTES}, [])
    task._suspect(usage(4, 4))
    assert task._aside == {(USAGE, 4): 0}


async def test_it_may_be_a_response() -> None:
    task = await refused(Segment(stream="responses", first=2, last=2, now=1))
    assert [log.topic.rpartition(".")[2] for log, _ in task._aside] == ["responses"]


async def test_of_several_records_none_is_set_aside_before_it_is_known_which() -> None:
    task = await refused(usage(3, 4), alone=False)
    assert (task._aside, task._careful_to[USAGE], task.waited) == ({}, READ_TO, [])


async def test_a_record_that_waits_for_timers_is_not_to_blame_for_what_came_of_them() -> None:
    tick = Segment(stream="tick", first=4, last=4, now=1, timers=2)
    task = await refused(tick, put_back=[Record(*USAGE, 4, b"acme", b"{}", (), 0)])
    assert (task._aside, task._careful_to[USAGE], task.waited) == ({}, 4, [RETRY_S])


async def test_a_record_beside_a_sweep_is_not_known_to_be_to_blame() -> None:
    sweep = Segment(stream="sweep", now=1, accounts=("acme",))
    task = await refused(sweep, usage(4, 4))
    assert (task._aside, task._careful_to[USAGE], task.waited) == ({}, READ_TO, [])


async def test_what_came_of_timers_alone_is_tried_again_after_a_while() -> None:
    task = await refused(Segment(stream="tick", now=1), alone=False)
    assert (task._aside, task.waited) == ({}, [RETRY_S])
