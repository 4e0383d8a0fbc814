"""A broker of the test's own, killed under the sink."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from schemas.outcomes import Change
from services.kit.clock import SystemClock
from services.kit.kafka.admin import create_topics
from services.metrics_sink import wiring
from tests.kit.brokers import own_broker
from tests.kit.ports import free_port
from tests.metrics_sink.events import life
from tests.metrics_sink.place import PARTITIONS, USED, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.kit.db.sessions import Database
    from services.local_stack.stack import LocalStack


@pytest.fixture
def broker() -> Iterator[LocalStack]:
    """One that may be killed."""
    with own_broker("sink") as running:
        yield running


@pytest.mark.timeout(180)
async def test_a_broker_that_is_killed_is_waited_for_and_does_not_hold_up_a_stop(
    broker: LocalStack, topic_prefix: str, fresh_database_url: str, database: Database
) -> None:
    await create_topics(broker.kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=USED)
    place = Place(broker.kafka_bootstrap, topic_prefix, fresh_database_url, database)
    port, stop = free_port(), asyncio.Event()
    running = asyncio.create_task(wiring.run(place.settings(port=port), SystemClock(), stop))
    try:
        await place.outcomes(life("o-1", Change.MADE))
        await place.folded("outcomes", 1)

        await asyncio.to_thread(broker.kill, "kafka", stay_down=True)
        await asyncio.sleep(2)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/healthz")).status_code == 200
        await asyncio.to_thread(broker.start, "kafka")
        await place.outcomes(life("o-2", Change.MADE))
        await place.folded("outcomes", 2)

        await asyncio.to_thread(broker.kill, "kafka", stay_down=True)
        began = time.monotonic()
        stop.set()
        await running
        assert time.monotonic() - began < 10
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
