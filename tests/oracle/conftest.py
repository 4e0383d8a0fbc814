from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import pytest

from oracle.crew import Crew
from oracle.kafka import KafkaLogs
from oracle.recorded import recorded
from tests.flow.deployment import Deployment
from tests.oracle.sets import PLAYBOOK, PRODUCT
from tests.oracle.workload import eventful_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from oracle.recorded import RecordedLogs


@pytest.fixture(scope="session")
def ran(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment in which a bit of everything has happened; its engines are gone, its logs stay."""
    return asyncio.run(_run(kafka_bootstrap, tmp_path_factory.mktemp("oracle")))


async def _run(bootstrap: str, home: Path) -> Deployment:
    made = Deployment(bootstrap, f"t{secrets.token_hex(4)}", home, partitions=2)
    try:
        await made.prepare(PRODUCT, PLAYBOOK)
        await eventful_run(made)
    finally:
        for engine in made.engines:
            await engine.kill()
    return made


@pytest.fixture(scope="session")
def run(ran: Deployment) -> RecordedLogs:
    """The logs of that deployment, read once."""
    with KafkaLogs(ran.bootstrap, ran.prefix) as logs:
        return recorded(logs)


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    """Two processes that verify side by side."""
    with Crew(2) as made:
        yield made
