"""From an event being produced to its offer being readable by whoever reads committed records only."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from benchmarks import job
from benchmarks.cluster import producing
from benchmarks.engine import started
from benchmarks.processes import own_python, running
from schemas import topics
from schemas.stages import Stage, stages_from_headers
from services.kit.kafka.reader import Log, Reader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from benchmarks.cluster import Cluster
    from services.kit.clock import Clock

ORDINARY: Final = 5_000
"""Accounts that most events are of."""

OFFER_EVERY: Final = 100
"""One event in so many is of a new account, and so big that it gets an offer."""

TICK_S: Final = 0.005
"""Between two sends of the paced producer: what comes in 5 ms travels together."""

WARM_S: Final = 5.0
READY_S: Final = 60.0
REST_S: Final = 60.0
"""Longest wait for the last offers: an engine that does not keep up shows as long times, not as a fault."""

READ_MS: Final = 5

HOT: Final = job.Accounts(1, "hot").known[0]
"""The account that may have nine of ten events; what is measured then is how the other partitions fare."""

HOT_SHARE: Final = 10
"""One event in so many is of another account than the hot one, when there is one."""


@asynccontextmanager
async def ours(cluster: Cluster, prefix: str, home: Path) -> AsyncIterator[None]:
    """The engine, ready."""
    async with started(cluster.bootstrap, prefix, home) as engine, asyncio.timeout(None) as limit:
        limit.reschedule(asyncio.get_running_loop().time() + READY_S)
        while not await engine.ready():
            await asyncio.sleep(0.1)
        limit.reschedule(None)
        yield


@asynccontextmanager
async def echo(cluster: Cluster, prefix: str, home: Path) -> AsyncIterator[None]:
    """The reference, ready."""
    names = [topics.USAGE.under(prefix), topics.OFFERS.under(prefix), str(job.PARTITIONS)]
    command = [own_python(), "-m", "benchmarks.echo", cluster.bootstrap, *names]
    async with running(command, home / f"{prefix}-echo.log") as child:
        async with asyncio.timeout(READY_S):
            while child.log.read_text(encoding="utf-8").count("ready") < job.PARTITIONS:
                await asyncio.sleep(0.1)
        yield


async def measured(
    cluster: Cluster, prefix: str, per_second: int, seconds: float, *, beside_hot: bool = False
) -> list[float]:
    """Milliseconds of each offer of a paced run; those of the first seconds are left out.

    ``beside_hot``: nine times as many events come on top, all of one account, whose partition is not looked at.
    """
    found: list[tuple[int, float]] = []
    looked_at = [number for number in range(job.PARTITIONS) if number != HOT[2]]
    reading = asyncio.create_task(_read(cluster, topics.OFFERS.under(prefix), found, looked_at))
    began_ms = cluster.clock.now_us() / 1e3
    pace = per_second * (HOT_SHARE if beside_hot else 1)
    expected = await _produce(cluster, topics.USAGE.under(prefix), pace, seconds + WARM_S, beside_hot)
    deadline = asyncio.get_running_loop().time() + REST_S
    while len(found) < expected and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(TICK_S)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    if len(found) < expected:
        raise RuntimeError(f"{expected} offers were expected and {len(found)} came in time")
    return [taken for produced_ms, taken in found if produced_ms >= began_ms + WARM_S * 1e3]


async def _read(cluster: Cluster, topic: str, found: list[tuple[int, float]], partitions: Sequence[int]) -> None:
    async with Reader(cluster.bootstrap, "benchmarks") as reader:
        reader.assign({Log(topic, partition): 0 for partition in partitions})
        while True:
            chunks = await reader.read(READ_MS)
            now_ms = cluster.clock.now_us() / 1e3
            for records in chunks.values():
                for record in records:
                    produced_ms = stages_from_headers(record.headers).get(Stage.PRODUCED)
                    if produced_ms is not None:
                        found.append((produced_ms, now_ms - produced_ms))


async def _produce(cluster: Cluster, topic: str, per_second: int, seconds: float, beside_hot: bool) -> int:  # noqa: FBT001 - handed on
    """Send at that pace; returns how many offers it should lead to in the partitions that are looked at."""
    loop = asyncio.get_running_loop()
    total = round(per_second * seconds)
    made = _messages(total // HOT_SHARE if beside_hot else total, cluster.clock)
    expected = 0
    if beside_hot:
        made = _beside_hot(made, cluster.clock)
    async with producing(cluster.bootstrap) as producer:
        sent, began = 0, loop.time()
        while sent < total:
            due = min(total, round((loop.time() - began) * per_second))
            batches = {partition: producer.create_batch() for partition in range(job.PARTITIONS)}
            for partition, key, value in itertools.islice(made, due - sent):
                batches[partition].append(key=key, value=value, timestamp=None)
                expected += partition != HOT[2] and key.startswith(b"fresh")
            sent = due
            for partition, batch in batches.items():
                if batch.record_count():
                    await producer.send_batch(batch, topic, partition=partition)
            await asyncio.sleep(TICK_S)
    return expected


def _beside_hot(made: Iterator[job.Message], clock: Clock) -> Iterator[job.Message]:
    numbers = itertools.count(10**9)  # ids of their own
    for message in made:
        yield message
        for number in itertools.islice(numbers, HOT_SHARE - 1):
            yield job.message(number, HOT, job.KINDS[number % len(job.KINDS)], job.SMALL, clock.now_us())


def _messages(total: int, clock: Clock) -> Iterator[job.Message]:
    ordinary = job.Accounts(ORDINARY).known
    fresh = job.Accounts(total // OFFER_EVERY, "fresh").known
    for number in range(total):
        kind = job.KINDS[number % len(job.KINDS)]
        if number % OFFER_EVERY == OFFER_EVERY - 1:
            yield job.message(number, fresh[number // OFFER_EVERY], kind, job.BIG, clock.now_us())
        else:
            account = ordinary[number * job.STRIDE % ORDINARY]
            yield job.message(number, account, kind, job.SMALL, clock.now_us())
