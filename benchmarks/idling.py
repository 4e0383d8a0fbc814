"""What an idle stream of the offer API takes, and how soon a change is on it with thousands of them open.

The API is the process as it is shipped, each stream of an account and with a token of its own. Beside it a uvicorn that
holds as many answers open and says nothing, and a consumer that reads the same changes.
"""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from typing_extensions import override

from benchmarks import serving
from benchmarks.processes import free_port, own_python, running
from benchmarks.rates import Spread, percentile, percentiles
from benchmarks.table import Goal, Row
from schemas.codec import encode
from schemas.topics import OFFERS
from services.kit.clock import SystemClock
from services.kit.kafka.partitioning import partition_of
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

STREAMS: Final = 5_000
STREAM_KIB: Final = 20.0
PUSH_MS: Final = 300.0
"""Streams that one process should hold idle, what each may take, and within which time 95 of 100 changes are there."""

AT_ONCE: Final = 50
WARM: Final = AT_ONCE
"""Streams that are opened and closed before memory is looked at: code that the first ones bring in is nobody's.

What they leave free is used again by those that count: 1 % of 5,000.
"""

CHANGES: Final = 500
EVERY_S: Final = 0.02
SETTLE_S: Final = 2.0
PATIENCE_S: Final = 60.0
SPARE_FILES: Final = 500
KIB: Final = 1_024
HEARD: Final = b"event: offer"


class Held(NamedTuple):
    """KiB of the server's memory for each stream; ms from a change's being written until it was there."""

    kib: float
    times_ms: list[float]


class Reader(asyncio.Protocol):
    """One front end: notes when an offer came, and keeps nothing of what it read."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._transport: asyncio.BaseTransport | None = None
        self.began = asyncio.get_running_loop().create_future()
        self.heard_at: float | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - a socket
        self._transport = transport
        transport.write(self._request)

    @override
    def data_received(self, data: bytes) -> None:
        if not self.began.done():
            self.began.set_result(data.startswith(b"HTTP/1.1 200"))
        if HEARD in data:
            self.heard_at = time.monotonic()

    @override
    def connection_lost(self, _: Exception | None) -> None:
        if not self.began.done():
            self.began.set_result(False)

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()


def allow_files(streams: int) -> None:
    """Let this process and those that it starts have so many connections; raises ``ValueError`` if they may not."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (streams + SPARE_FILES, most))


async def rows(home: Path, rounds: int, streams: int) -> list[Row]:
    """Both lines of the table."""
    ours, references = await measured(home, rounds, streams)
    kib = [Spread(tuple(held.kib for held in side)) for side in (references, ours)]
    p95s = [Spread(tuple(percentile(held.times_ms, 0.95) for held in side)) for side in (references, ours)]
    more, longer = (serving.ratio(side[0].readings, side[1].readings) for side in (kib, p95s))
    told = [percentiles([one for held in side for one in held.times_ms], 1) for side in (references, ours)]
    told_kib = [one.told(1, 1.0, " KiB") for one in kib]
    memory = f"an idle stream, one of {streams:,}, memory beyond the kernel's; uvicorn that holds as many open"
    pushed = f"a change written → on its stream, {streams:,} of them open, p95; aiokafka that reads it"
    return [
        Row(memory, more, told_kib[1], told_kib[0], Goal.AT_MOST, STREAM_KIB, kib[1].median, " KiB"),
        Row(pushed, longer, told[1], told[0], Goal.AT_MOST, PUSH_MS, p95s[1].median, " ms"),
    ]


async def measured(home: Path, rounds: int, streams: int) -> tuple[list[Held], list[Held]]:
    """The API and the references by turns, on a stack of their own."""
    allow_files(streams)
    ours, references = [], []
    with LocalStack.running(Wanted(name="benchmarks-idling", tie_to_parent=True), keep_data=False) as stack:
        place = serving.Place(stack, home)
        await place.prepare()
        for number in range(rounds):
            bare_kib = await _bare(home, streams)
            own, read_ms = await _ours(place, stack.kafka_bootstrap, streams, number)
            ours.append(own)
            references.append(Held(bare_kib, read_ms))
    return ours, references


async def _ours(place: serving.Place, bootstrap: str, streams: int, round_: int) -> tuple[Held, list[float]]:
    accounts = [f"idle-{round_}-{number}" for number in range(streams)]
    async with place.serving() as (child, port):
        asked = [serving.request(f"/v1/accounts/{one}/offers/stream", place.token(one)) for one in accounts]
        async with _open(port, asked[:WARM]):
            pass
        before = _rss(child.process.pid)
        async with _open(port, asked) as readers:
            kib = (_rss(child.process.pid) - before) / streams / KIB
            sent, read = await _changed(bootstrap, accounts)
            pushed = await _heard(readers, sent)
    return Held(kib, pushed), [(read[number] - at) * 1_000 for number, at in sent.items()]


async def _bare(home: Path, streams: int) -> float:
    port, first = free_port(), home / "first.txt"
    first.write_bytes(b":\n\n")
    command = [own_python(), "-m", "benchmarks.bare", str(port), str(first), "stream"]
    async with running(command, home / "bare-streams.log") as child:
        request = serving.request("/")
        while not await _is_up(port, request):
            await asyncio.sleep(0.1)
        async with _open(port, [request] * WARM):
            pass
        before = _rss(child.process.pid)
        async with _open(port, [request] * streams):
            return (_rss(child.process.pid) - before) / streams / KIB


@asynccontextmanager
async def _open(port: int, asked: list[bytes]) -> AsyncIterator[list[Reader]]:
    """So many streams, all of which have begun, a moment later."""
    places = asyncio.Semaphore(AT_ONCE)

    async def begun(request: bytes) -> Reader:
        async with places, asyncio.timeout(PATIENCE_S):
            while True:
                reader = await _connected(port, request)
                if await reader.began:
                    return reader
                reader.close()
                await asyncio.sleep(EVERY_S)

    readers = await asyncio.gather(*(begun(request) for request in asked))
    try:
        await asyncio.sleep(SETTLE_S)
        yield readers
    finally:
        for reader in readers:
            reader.close()
        await asyncio.sleep(SETTLE_S)


async def _changed(bootstrap: str, accounts: list[str]) -> tuple[dict[int, float], dict[int, float]]:
    """Write a change for one account after another; when each was handed to the producer, and when it could be read."""
    topic, step = OFFERS.under(serving.SCHEMA), max(1, len(accounts) // CHANGES)
    numbers = range(0, len(accounts), step)
    sent: dict[int, float] = {}
    read: dict[int, float] = {}
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, isolation_level="read_committed")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await consumer.start()
    await producer.start()
    try:
        await consumer.seek_to_end()
        reading = asyncio.create_task(_read(consumer, read, len(numbers)))
        for number in numbers:
            event = serving.made(f"idle-offer-{accounts[number]}", accounts[number], SystemClock().now_us())
            value, headers = encode(event)
            key, partition = accounts[number].encode(), partition_of(accounts[number], serving.PARTITIONS)
            sent[number] = time.monotonic()
            await producer.send(topic, value=value, key=key, partition=partition, headers=headers)
            await asyncio.sleep(EVERY_S)
        await asyncio.wait_for(reading, PATIENCE_S)
    finally:
        await producer.stop()
        await consumer.stop()
    return sent, read


async def _read(consumer: AIOKafkaConsumer, read: dict[int, float], count: int) -> None:
    while len(read) < count:
        record = await consumer.getone()
        read[int((record.key or b"").rpartition(b"-")[2])] = time.monotonic()


async def _heard(readers: list[Reader], sent: dict[int, float]) -> list[float]:
    """How long each change took; raises ``TimeoutError`` when one does not come."""

    def all_heard() -> bool:
        return all(readers[number].heard_at is not None for number in sent)

    await _until(all_heard)
    return [((readers[number].heard_at or 0.0) - at) * 1_000 for number, at in sent.items()]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


async def _connected(port: int, request: bytes) -> Reader:
    _, reader = await asyncio.get_running_loop().create_connection(lambda: Reader(request), serving.HOST, port)
    return reader


async def _is_up(port: int, request: bytes) -> bool:
    with suppress(OSError):
        reader = await _connected(port, request)
        up: bool = await reader.began
        reader.close()
        return up
    return False


def _rss(pid: int) -> int:
    """Bytes of memory that a process has; what the kernel keeps for its sockets is not among them."""
    return int(psutil.Process(pid).memory_info().rss)
