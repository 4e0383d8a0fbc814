"""Restoring state: how long an engine that was given its partitions takes until it knows all its accounts."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

import psutil

from benchmarks import job
from benchmarks.engine import read_all, started, work_through
from schemas import topics
from services.trigger_engine.runtime.keys import account_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.cluster import Cluster

SAMPLE_ACCOUNTS: Final = 1_000
SAMPLE_EVENTS: Final = 16_000
READY_S: Final = 180.0
BYTES_PER_MIB: Final = 1024 * 1024


async def prepared(cluster: Cluster, home: Path, accounts: int) -> str:
    """A prefix whose state holds so many accounts: those of a real small run, again and again under other names."""
    prefix = await cluster.fresh(job.files())
    sample = job.messages(SAMPLE_EVENTS, job.Accounts(SAMPLE_ACCOUNTS), cluster.start_us())
    await cluster.load(topics.USAGE.under(prefix), sample)
    await work_through(cluster.bootstrap, prefix, home, SAMPLE_EVENTS)
    state = topics.ENGINE_STATE.under(prefix)
    kinds = account_key("x")[:1]
    values = [
        it.value for it in await read_all(cluster.bootstrap, state) if it.key and it.key[:1] == kinds and it.value
    ]
    await cluster.load(state, _copies(values[-SAMPLE_ACCOUNTS:], accounts))
    return prefix


def _copies(values: list[bytes], accounts: int) -> Iterator[job.Message]:
    known = job.Accounts(accounts, "restored").known
    for number, (name, _, partition) in enumerate(known):
        yield job.Message(partition, account_key(name), values[number % len(values)])


async def restored(cluster: Cluster, prefix: str, home: Path) -> tuple[float, float]:
    """Seconds from being given the partitions to having restored the last one, and MiB of memory then."""
    async with started(cluster.bootstrap, prefix, home) as engine:
        async with asyncio.timeout(READY_S):
            while not await engine.ready():
                await asyncio.sleep(0.2)
        memory = psutil.Process(engine.child.process.pid).memory_info().rss / BYTES_PER_MIB
        lines = [json.loads(line) for line in engine.child.log.read_text().splitlines() if line.startswith("{")]
    given = min(_at(line) for line in lines if line.get("event") == "partitions")
    last = max(_at(line) for line in lines if line.get("event") == "restored")
    return last - given, memory


def _at(line: dict[str, str]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()
