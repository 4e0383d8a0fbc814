"""Real logs through Kafka and the engine: what a replay in memory foretells comes to pass, and the oracle agrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas import topics
from tests.flow.test_engine import settled
from tests.kit.waiting import until
from tests.oracle.agreeing import assert_the_oracle_agrees
from tests.real_data import ds365, sparkify
from tests.real_data.replaying import by_account, replayed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.flow.deployment import Deployment

PLAYBOOKS = {"music": "listening", "courses": "learning"}
HERE = Path(__file__).parent
TIMEOUT_S = 300
FIRST_MONTHS = "2022-02-01"
"""Students who had registered by then: a sixth of them. All of them take minutes."""


async def foretold_and_come_to_pass(deployment: Deployment, home: Path, events: Iterable[dict[str, Any]]) -> None:
    """Let an engine in a backfill work through the log, and hold against it what a replay says, and the oracle."""
    product, playbook = ((home / name).read_text() for name in ("product.yaml", f"{PLAYBOOKS[home.name]}.yaml"))
    await deployment.prepare(product, playbook)
    await deployment.send_raw((event["subject"], json.dumps(event).encode()) for event in events)
    engine = await deployment.engine(wait=False, RUNG_ENGINE_TIME="log")
    await until("all is journaled", lambda: settled(deployment), TIMEOUT_S)
    await engine.stop()
    assert await deployment.read(topics.DEAD_LETTERS) == []
    decided = by_account(await deployment.events(topics.DECISIONS))
    assert decided
    assert decided == await replayed(deployment, product, playbook)
    await assert_the_oracle_agrees(deployment)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("log", [sparkify.SHORT, sparkify.LONG], ids=["34 hours", "30 days"])
async def test_a_music_service_is_offered_what_a_replay_foretells(deployment: Deployment, log: sparkify.Log) -> None:
    await foretold_and_come_to_pass(deployment, HERE / "music", sparkify.events(log))


@pytest.mark.timeout(900)
async def test_free_learners_are_offered_what_a_replay_foretells(deployment: Deployment) -> None:
    await foretold_and_come_to_pass(deployment, HERE / "courses", ds365.events(FIRST_MONTHS))
