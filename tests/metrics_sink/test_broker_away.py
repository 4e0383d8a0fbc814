"""A broker of the test's own, killed under the sink."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from schemas.outcomes import Change
from services.kit.clock import SystemClock
from services.kit.kafka.admin import create_topics
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted
from services.metrics_sink import wiring
from tests.kit.ports import free_port
from tests.metrics_sink.events import life
from tests.metrics_sink.place import PARTITIONS, USED, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.kit.db.sessions import Database


@pytest.fixture
def own_broker() -> Iterator[LocalStack]:
    wanted = Wanted(name=f"test-sink-{secrets.token_hex(3)}", runs=("kafka",), tie_to_parent=True)
    here = StackSettings().model_copy(update={"kafka_bootstrap_servers": None, "database_url": None})
    with LocalStack.running(wanted, keep_data=False, settings=here) as running:
        yield running


@pytest.mark.timeout(180)
async def test_a_broker_that_is_killed_is_waited_for_and_does_not_hold_up_a_stop(
    own_broker: LocalStack, topic_prefix: str, fresh_database_url: str, database: Database
) -> None:
    await create_topics(own_broker.kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=USED)
    place = Place(own_broker.kafka_bootstrap, topic_prefix, fresh_database_url, database)
    port, stop = free_port(), asyncio.Event()
    running = asyncio.create_task(wiring.run(place.settings(port=port), SystemClock(), stop))
    try:
        await place.outcomes(life("o-1", Change.MADE))
        await place.folded("outcomes", 1)

        await asyncio.to_thread(own_broker.kill, "kafka", stay_down=True)
        await asyncio.sleep(2)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/healthz")).status_code == 200
        await asyncio.to_thread(own_broker.start, "kafka")
        await place.outcomes(life("o-2", Change.MADE))
        await place.folded("outcomes", 2)

        await asyncio.to_thread(own_broker.kill, "kafka", stay_down=True)
        began = time.monotonic()
        stop.set()
        await running
        assert time.monotonic() - began < 10
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
