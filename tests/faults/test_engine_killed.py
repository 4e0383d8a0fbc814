"""SIGKILL of the engine: at each point of its order on assignment and on commit, and at random."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tests.faults.ending import assert_all_is_well
from tests.faults.settings import FAULTS
from tests.faults.traffic import Traffic
from tests.faults.trap import Point

if TYPE_CHECKING:
    from tests.faults.place import Place

AT_THE_START = (Point.FENCED, Point.RESTORING, Point.RESTORING)
"""A restore that is cut off twice in a row must not remember anything of it."""

IN_A_COMMIT = (Point.ENDED, Point.BEGUN, Point.HALF_SENT, Point.SENT, Point.ENDING)
COMMITS_BEFORE = 3
"""A kill in a commit comes in the midst of traffic, and not at the first record."""

RANDOM_KILLS = 3
LIVES_S = (0.0, 1.0)
"""Seconds after it was ready."""


async def test_an_engine_killed_at_every_point_of_its_work_loses_and_doubles_nothing(place: Place) -> None:
    async with Traffic(place) as traffic:
        for _ in range(FAULTS.rounds):
            for point in IN_A_COMMIT:
                doomed = await place.trapped(point, COMMITS_BEFORE, RUNG_ENGINE_INSTANCE="one")
                await place.assert_fell(doomed, point)
            for point in AT_THE_START:
                doomed = await place.trapped(point, RUNG_ENGINE_INSTANCE="one")
                await place.assert_fell(doomed, point)
        await place.engine(RUNG_ENGINE_INSTANCE="one")
    await assert_all_is_well(place, traffic)


async def test_an_engine_killed_at_random_times_loses_and_doubles_nothing(place: Place) -> None:
    times = random.Random(FAULTS.seed)  # noqa: S311 - to be repeated, not to be secret
    async with Traffic(place) as traffic:
        for _ in range(RANDOM_KILLS * FAULTS.rounds):
            engine = await place.engine(RUNG_ENGINE_INSTANCE="one")
            await asyncio.sleep(times.uniform(*LIVES_S))
            assert engine.process.returncode is None, engine.log.read_text()[-2_000:]
            await engine.kill()
        await place.engine(RUNG_ENGINE_INSTANCE="one")
    await assert_all_is_well(place, traffic)
