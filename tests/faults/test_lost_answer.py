"""The end of a transaction is told to the broker, and no answer comes: did it take effect? Only the log can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemas import topics
from services.trigger_engine.adapters.transactions import CALL_LIMIT_S
from tests.faults.ending import assert_all_is_well
from tests.faults.traffic import Traffic
from tests.faults.trap import Point
from tests.kit.waiting import until

if TYPE_CHECKING:
    from tests.faults.place import Place

LOST_AT = 4
"""The how-manyth end of a transaction it is."""

FALLS_S = 40


@pytest.mark.parametrize("lost", [Point.ANSWER_LOST, Point.REQUEST_LOST])
async def test_a_lost_answer_is_settled_by_the_log_and_the_end_is_not_asked_for_twice(
    place: Place, lost: Point
) -> None:
    engine = await place.trapped(lost, LOST_AT, wait=True)
    async with Traffic(place) as traffic:
        await until("the answer was lost", lambda: is_marked(place, lost), FALLS_S)
        await until("it began anew", lambda: began_anew(place, lost), FALLS_S)
        counted = int(await engine.metric("rung_engine_records_total", handled="counted"))
        await until("it goes on", lambda: place.counted(engine, counted + 50), FALLS_S)
    await assert_all_is_well(place, traffic)
    assert await engine.metric("rung_engine_task_endings_total", ending="doubt") == 1
    assert await engine.metric("rung_engine_task_endings_total", ending="fenced") == 0
    marks = [mark.split() for mark in place.marked(engine)]
    where = next(partition for what, partition, _ in marks if what == lost)
    told = [what for what, partition, _ in marks if partition == where]
    times = [float(at) for _, partition, at in marks if partition == where]
    # nothing was asked again under that epoch: the next thing after the loss is a fence, and it comes soon
    at = told.index(lost)
    assert told[at + 1] == "fence"
    assert told.count("fence") == 2
    assert times[at + 1] - times[at] < CALL_LIMIT_S
    # each end that arrived is a transaction in the journal: what took effect was not done again, the other was
    journal = [record for record in await place.read(topics.ENGINE_JOURNAL) if record.partition == int(where)]
    assert len(journal) == told.count("end")


def is_marked(place: Place, lost: Point) -> bool:
    """Whether the answer was lost."""
    return any(mark.startswith(lost) for mark in place.marked(place.engines[0]))


def began_anew(place: Place, lost: Point) -> bool:
    """Whether the task whose answer was lost has fenced since."""
    marks = [mark.split()[:2] for mark in place.marked(place.engines[0])]
    at = next(number for number, (what, _) in enumerate(marks) if what == lost)
    return ["fence", marks[at][1]] in marks[at:]
