"""What is cancelled ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from services.kit.tasks import cancel


async def for_ever(*, deaf_to: int = 0) -> None:
    for _ in range(deaf_to):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3_600)
    await asyncio.sleep(3_600)


async def failing() -> None:
    raise ValueError


async def test_tasks_are_over_once_they_are_cancelled_also_one_that_misses_it() -> None:
    tasks = [asyncio.create_task(for_ever()), asyncio.create_task(for_ever(deaf_to=1))]
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await cancel(*tasks)
    assert [task.cancelled() for task in tasks] == [True, True]


async def test_tasks_that_are_over_stay_as_they_ended() -> None:
    failed = asyncio.create_task(failing())
    await asyncio.wait([failed])
    await cancel(failed)
    assert isinstance(failed.exception(), ValueError)
    await cancel()
