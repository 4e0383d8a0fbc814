"""SIGKILL of the broker while events flow. It is a broker of the test's own."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from services.local_stack.parts import KAFKA
from services.local_stack.plan import PartPhase
from tests.faults.ending import assert_all_is_well
from tests.faults.place import Place
from tests.faults.settings import FAULTS
from tests.faults.traffic import Traffic
from tests.kit.brokers import own_broker
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.local_stack.stack import LocalStack

AWAY_S = 1.0
AT_WORK = 200
"""Events counted before the next kill: it comes in the midst of transactions."""


@pytest.fixture
def broker() -> Iterator[LocalStack]:
    """One that may be killed."""
    with own_broker("faults") as stack:
        yield stack


async def test_an_engine_goes_on_by_itself_when_the_broker_was_killed(
    broker: LocalStack, topic_prefix: str, tmp_path: Path
) -> None:
    place = Place(broker.kafka_bootstrap, topic_prefix, tmp_path)
    await place.prepare()
    try:
        engine = await place.engine()
        async with Traffic(place) as traffic:
            for _ in range(FAULTS.rounds):
                before = await engine.metric("rung_engine_records_total", handled="counted")
                await until("it is at work", lambda: place.counted(engine, int(before) + AT_WORK), 60)  # noqa: B023 - waited for at once
                await asyncio.to_thread(broker.kill, KAFKA)
                _assert_was_killed(broker)
                await asyncio.sleep(AWAY_S)
                await asyncio.to_thread(broker.start, KAFKA)
        await assert_all_is_well(place, traffic)
        assert engine.process.returncode is None
    finally:
        await place.end()


def _assert_was_killed(broker: LocalStack) -> None:
    state = broker.state()
    assert state is not None
    part = state.part(KAFKA)
    assert part is not None
    assert (part.phase, part.exits) == (PartPhase.DOWN, -signal.SIGKILL)
