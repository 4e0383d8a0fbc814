from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from services.local_stack.parts import SERVICES
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted
from tests.flow.deployment import Deployment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Topics and a set of the test's own; every engine it starts is gone at the end."""
    made = Deployment(kafka_bootstrap, topic_prefix, tmp_path)
    await made.prepare()
    yield made
    for engine in made.engines:
        await engine.kill()


@pytest.fixture
async def services(
    kafka_bootstrap: str, fresh_database_url: str, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[LocalStack]:
    """The three services on the session's Kafka and a database of their own."""
    settings = StackSettings(
        rung_home=tmp_path, kafka_bootstrap_servers=kafka_bootstrap, database_url=fresh_database_url
    )
    wanted = Wanted(
        name=topic_prefix, services=SERVICES, tie_to_parent=True, environment={"RUNG_TOPIC_PREFIX": topic_prefix}
    )
    stack = LocalStack(topic_prefix, settings)
    deployment = Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)
    await deployment.prepare()
    await asyncio.to_thread(stack.up, wanted)
    yield stack
    await asyncio.to_thread(stack.down)
