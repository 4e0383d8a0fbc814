"""Real logs through Kafka and the engine: what a replay in memory foretells comes to pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from schemas import topics
from tests.flow.test_engine import settled
from tests.kit.waiting import until
from tests.real_data import sparkify
from tests.real_data.replaying import by_account, replayed

if TYPE_CHECKING:
    from tests.flow.deployment import Deployment

HERE = Path(__file__).parent
TIMEOUT_S = 300


@pytest.mark.timeout(600)
@pytest.mark.parametrize("log", [sparkify.SHORT, sparkify.LONG], ids=["34 hours", "30 days"])
async def test_a_music_service_is_offered_what_a_replay_foretells(deployment: Deployment, log: sparkify.Log) -> None:
    product, playbook = ((HERE / "music" / name).read_text() for name in ("product.yaml", "listening.yaml"))
    await deployment.prepare(product, playbook)
    events: list[dict[str, Any]] = list(sparkify.events(log))
    await deployment.send_raw((event["subject"], json.dumps(event).encode()) for event in events)
    engine = await deployment.engine(wait=False, RUNG_ENGINE_TIME="log")
    await until("all is journaled", lambda: settled(deployment), TIMEOUT_S)
    await engine.stop()
    assert await deployment.read(topics.DEAD_LETTERS) == []
    decided = by_account(await deployment.events(topics.DECISIONS))
    assert decided == await replayed(deployment, product, playbook)
    assert decided
