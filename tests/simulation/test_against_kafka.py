"""The simulated broker is held against a real one: the same schedule shows the same in both."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.simulation.places import Real, Simulated
from tests.simulation.schedules import SCHEDULES, Player

if TYPE_CHECKING:
    from tests.simulation.places import Place

LIMIT_S = 60


async def _played(place: Place, name: str) -> list[tuple[str, object]]:
    async with place as there:
        return await asyncio.wait_for(Player(there).play(SCHEDULES[name]), LIMIT_S)


@pytest.mark.kafka
@pytest.mark.parametrize("name", SCHEDULES)
async def test_a_schedule_shows_the_same_on_the_simulated_broker_and_on_a_real_one(
    kafka_bootstrap: str, topic_prefix: str, name: str
) -> None:
    real = await _played(Real(kafka_bootstrap, topic_prefix), name)
    assert await _played(Simulated(topic_prefix), name) == real


async def test_schedules_see_every_kind_of_answer(topic_prefix: str) -> None:
    seen = [what for name in SCHEDULES for _, what in await _played(Simulated(topic_prefix), name)]
    assert {"Fenced", "TooLarge", "Doubt", "refused", "out of range"} <= {
        what for what in seen if isinstance(what, str)
    }
    assert any(isinstance(what, tuple) and len(what) == 3 and what[1] < what[2] for what in seen)
