"""Engines come, go and fall asleep while events flow."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from tests.faults.ending import assert_all_is_well
from tests.faults.settings import FAULTS
from tests.faults.traffic import Traffic
from tests.kit.waiting import until

if TYPE_CHECKING:
    from tests.faults.place import Place
    from tests.flow.deployment import Engine

STAYS_S = 2.0
GUESTS = 2
DEALS = 3
"""Deals of a round that who stays must see: a guest comes; it is killed and another comes, which may be one; that one
goes."""

TAKEOVER_S = 40


async def holds(engine: Engine, count: int) -> bool:
    """Whether ``engine`` works on ``count`` partitions."""
    return await engine.metric("rung_engine_partitions") == count


async def was_fenced(engine: Engine, times: int) -> bool:
    """Whether tasks of ``engine`` were shut out by another owner so often."""
    return await engine.metric("rung_engine_task_endings_total", ending="fenced") >= times


async def test_an_engine_that_sleeps_past_its_session_again_and_again_is_shut_out_each_time(place: Place) -> None:
    pair = [await place.engine(), await place.engine()]
    async with Traffic(place) as traffic:
        for number in range(2 * FAULTS.rounds):
            sleeper, other = pair[number % 2], pair[(number + 1) % 2]
            await until("one partition each", lambda: holds(sleeper, 1), TAKEOVER_S)  # noqa: B023 - waited for at once
            fenced = await sleeper.metric("rung_engine_task_endings_total", ending="fenced")
            sleeper.process.send_signal(signal.SIGSTOP)
            await until("the other has both", lambda: holds(other, 2), TAKEOVER_S)  # noqa: B023 - as above
            sleeper.process.send_signal(signal.SIGCONT)
            await until("the sleeper is shut out", lambda: was_fenced(sleeper, int(fenced) + 1), TAKEOVER_S)  # noqa: B023 - as above
    await assert_all_is_well(place, traffic)


async def test_members_that_come_and_go_every_two_seconds_lose_and_double_nothing(place: Place) -> None:
    steady = await place.engine()
    async with Traffic(place) as traffic:
        for number in range(GUESTS * FAULTS.rounds):
            guest = await place.engine(wait=False)
            await until("the guest has a partition", lambda: at_work(guest), TAKEOVER_S)  # noqa: B023 - waited for at once
            await asyncio.sleep(STAYS_S)
            if number % 2:
                assert await guest.stop() == 0
            else:
                await guest.kill()
    await assert_all_is_well(place, traffic)
    assert steady.process.returncode is None
    assert steady.log.read_text().count('"event": "partitions"') > DEALS * FAULTS.rounds


async def at_work(engine: Engine) -> bool:
    """Whether ``engine`` is up and works on a partition."""
    return await engine.ready() and await engine.metric("rung_engine_partitions") >= 1


@pytest.mark.parametrize("partitions", [3])
async def test_two_engines_then_three_then_one_share_the_work(place: Place) -> None:
    async with Traffic(place) as traffic:
        last = await place.engine()
        for _ in range(FAULTS.rounds):
            second = await place.engine()
            await until("two share", lambda: share(last, second), TAKEOVER_S)  # noqa: B023 - waited for at once
            third = await place.engine()
            await until("three share", lambda: share(last, second, third), TAKEOVER_S)  # noqa: B023 - as above
            assert await second.stop() == 0
            await third.kill()
            await until("one has all", lambda: holds(last, place.partitions), TAKEOVER_S)
    await assert_all_is_well(place, traffic)


async def share(*engines: Engine) -> bool:
    """Whether each works on a partition, and together on all three."""
    held = [await engine.metric("rung_engine_partitions") for engine in engines]
    return min(held) >= 1 and sum(held) == 3
