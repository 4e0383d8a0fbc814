"""Engines that come and go: how soon others have taken over, how soon one that comes back is in the group again."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Final

from benchmarks import job
from benchmarks.engine import started

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from benchmarks.cluster import Cluster
    from benchmarks.engine import Engine

LIMIT_S: Final = 60.0
LOOK_S: Final = 0.05


async def handed_over(cluster: Cluster, home: Path) -> float:
    """Seconds from SIGTERM of one of two engines until the other is at the end of all partitions."""
    prefix = await cluster.fresh(job.files())
    async with (
        started(cluster.bootstrap, prefix, home) as leaving,
        started(cluster.bootstrap, prefix, home) as staying,
    ):
        await _until(lambda: _hold(job.PARTITIONS // 2, leaving, staying))
        began = asyncio.get_running_loop().time()
        leaving.child.process.send_signal(signal.SIGTERM)
        await _until(lambda: _hold(job.PARTITIONS, staying))
        return asyncio.get_running_loop().time() - began


async def back_again(cluster: Cluster, home: Path) -> float:
    """Seconds from when a restarted engine with a name of its own runs until it has its partitions again."""
    prefix = await cluster.fresh(job.files())
    async with AsyncExitStack() as stack:
        named = {"RUNG_ENGINE_INSTANCE": "first"}
        leaving = await stack.enter_async_context(started(cluster.bootstrap, prefix, home, named))
        other = {"RUNG_ENGINE_INSTANCE": "second"}
        staying = await stack.enter_async_context(started(cluster.bootstrap, prefix, home, other))
        await _until(lambda: _hold(job.PARTITIONS // 2, leaving, staying))
        leaving.child.process.send_signal(signal.SIGTERM)
        await leaving.child.process.wait()
        again = await stack.enter_async_context(started(cluster.bootstrap, prefix, home, named))
        await _until(lambda: _hold(job.PARTITIONS // 2, again, staying))
        lines = [json.loads(line) for line in again.child.log.read_text().splitlines() if line.startswith("{")]
    return _first(lines, "partitions") - _first(lines, "running")


def _first(lines: list[dict[str, str]], event: str) -> float:
    return min(datetime.fromisoformat(line["timestamp"]).timestamp() for line in lines if line.get("event") == event)


async def _hold(count: int, *engines: Engine) -> bool:
    """Whether each of them works on so many partitions, and has read all that is there."""
    return all([await engine.ready() and await engine.partitions() == count for engine in engines])


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await true():
            await asyncio.sleep(LOOK_S)
