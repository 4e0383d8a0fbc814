from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from services.local_stack.parts import PROBE, SERVICES
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted
from tests.flow.deployment import Deployment
from tests.kit.telemetry.collector import Collector, collecting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from services.local_stack.plan import Service


@pytest.fixture
async def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Topics and a set of the test's own; every engine it starts is gone at the end."""
    made = Deployment(kafka_bootstrap, topic_prefix, tmp_path)
    await made.prepare()
    yield made
    for engine in made.engines:
        await engine.kill()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of traces; the services of a test that asks for it tell it theirs."""
    with collecting() as made:
        yield made


@pytest.fixture
async def services(
    kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[LocalStack]:
    """The three services on the session's Kafka and a database of their own."""
    settings = StackSettings(
        rung_home=tmp_path, kafka_bootstrap_servers=kafka_bootstrap, database_url=fresh_database_url
    )
    told = request.getfixturevalue("collector").settings if "collector" in request.fixturenames else {}
    async with _running(settings, topic_prefix, SERVICES, **told) as stack:
        yield stack


@pytest.fixture
async def services_and_probe(
    kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[LocalStack]:
    """The same with the probe, which makes a pass every second or two."""
    settings = StackSettings(
        rung_home=tmp_path, kafka_bootstrap_servers=kafka_bootstrap, database_url=fresh_database_url
    )
    async with _running(settings, topic_prefix, (*SERVICES, PROBE), RUNG_PROBE_EVERY_S="1") as stack:
        yield stack


@asynccontextmanager
async def _running(
    settings: StackSettings, prefix: str, parts: Sequence[Service], **environment: str
) -> AsyncIterator[LocalStack]:
    wanted = Wanted(
        name=prefix, services=parts, tie_to_parent=True, environment={"RUNG_TOPIC_PREFIX": prefix, **environment}
    )
    stack = LocalStack(prefix, settings)
    deployment = Deployment(str(settings.kafka_bootstrap_servers), prefix, stack.directory, partitions=12)
    await deployment.prepare()
    await asyncio.to_thread(stack.up, wanted)
    yield stack
    await asyncio.to_thread(stack.down)
