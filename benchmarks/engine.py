"""Ours: the engine as it is shipped, as a process with all its parts. What it did is read from its own journal."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks import job
from benchmarks.processes import Child, free_port, own_python, running
from benchmarks.rates import Progress, Rate, rate
from schemas import topics
from services.kit.kafka.reader import Log, Reader, Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path


POLL_S: Final = 1.0
"""Between questions whether it is done; each takes it some 2 ms."""

LAST_S: Final = 0.5
"""For the last commit."""

READ_MS: Final = 50
LIMIT_S: Final = 240.0
"""For one run, its start included: enough for what is measured at the speed that is aimed at, several times over."""


@dataclass(frozen=True)
class Engine:
    """A running engine and where operators reach it."""

    child: Child
    port: int

    async def handled(self) -> int:
        """How many usage events became something, by its metrics."""
        return handled(await self._get("/metrics"))

    async def partitions(self) -> int:
        """How many partitions it works on, by its metrics."""
        return total(await self._get("/metrics"), "rung_engine_partitions ")

    async def ready(self) -> bool:
        """Whether it works on all its partitions and has read all that was there."""
        return bool(await self._get("/readyz"))

    async def _get(self, path: str) -> str:
        if self.child.process.returncode is not None:
            raise self.child.fault()
        try:
            async with httpx.AsyncClient() as http:
                answer = await http.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        except httpx.TransportError:
            return ""
        return answer.text if answer.status_code == httpx.codes.OK else ""


def handled(page: str) -> int:
    """How many usage events became something, by a page of metrics."""
    return total(page, "rung_engine_records_total{", 'stream="usage"')


def total(page: str, begin: str, label: str = "") -> int:
    """What the lines of a page of metrics add up to that begin so and have this label."""
    lines = [line for line in page.splitlines() if line.startswith(begin) and label in line]
    return round(sum(float(line.rsplit(" ", 1)[1]) for line in lines))


@asynccontextmanager
async def started(
    bootstrap: str, prefix: str, home: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Engine]:
    """An engine for the block."""
    port = free_port()
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "RUNG_TOPIC_PREFIX": prefix,
        "RUNG_ENGINE_HTTP_PORT": str(port),
        "RUNG_ENGINE_COMMIT_MS": "100",
        **(settings or {}),
    }
    command = [own_python(), "-m", "services.trigger_engine"]
    async with running(command, home / f"{prefix}-{port}.log", environment) as child:
        yield Engine(child, port)


async def work_through(bootstrap: str, prefix: str, home: Path, total: int, processes: int = 1) -> Rate:
    """Let ``processes`` engines handle the ``total`` events that wait under ``prefix``; how fast they did.

    As a reference is, it is cut off after a while, and what it did by then counts. The CPU is left out when there are
    several processes: each has a share of the work that is not known.
    """
    async with AsyncExitStack() as stack:
        engines = [await stack.enter_async_context(started(bootstrap, prefix, home)) for _ in range(processes)]
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline and sum([await engine.handled() for engine in engines]) < total:
            await asyncio.sleep(POLL_S)
        await asyncio.sleep(LAST_S)
        cpu = engines[0].child.cpu if processes == 1 else None
    return rate(await committed(bootstrap, prefix), cpu)


async def committed(bootstrap: str, prefix: str) -> list[Progress]:
    """How many usage events were committed by when, by the monotonic clock, from the journal."""
    to_monotonic = time.monotonic() - time.time_ns() / 1e9
    entries = sorted(await read_all(bootstrap, topics.ENGINE_JOURNAL.under(prefix)), key=lambda it: it.timestamp_ms)
    found, done = [], 0
    for record in entries:
        for segment in json.loads(record.value or b"{}")["segments"]:
            if segment["stream"] == "usage":
                done += segment["last"] - segment["first"] + 1
        found.append(Progress(record.timestamp_ms / 1e3 + to_monotonic, done))
    return found


async def read_all(bootstrap: str, topic: str, partitions: Sequence[int] = range(job.PARTITIONS)) -> list[Record]:
    """All committed records of ``topic``."""
    found: list[Record] = []
    async with Reader(bootstrap, "benchmarks") as reader:
        bounds = {log: await reader.bounds(log) for log in (Log(topic, partition) for partition in partitions)}
        left = {log: it.committed for log, it in bounds.items() if it.first < it.committed}
        reader.assign({log: bounds[log].first for log in left})
        while left:
            for records in (await reader.read(READ_MS)).values():
                found.extend(records)
            left = {log: end for log, end in left.items() if (reader.position(log) or 0) < end}
    return found
