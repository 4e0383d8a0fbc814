"""CPU of an event inside the engine: its tasks on logs in memory, everything but the broker and the network.

``python -m benchmarks.inside LINE [EVENTS [AMOUNTS]]`` is for those who make it faster: it needs no broker, a profiler
sees nothing else, and a busy machine does it less harm. Records come out of the client's parser and go into its
batches, compressed. A line is hot, few, even or all; amounts are money, floats or any.
"""

from __future__ import annotations

import asyncio
import gc
import struct
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvloop
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from prometheus_client import CollectorRegistry
from typing_extensions import override

from benchmarks import job
from schemas import topics
from services.kit.clock import SystemClock
from services.kit.kafka.light import as_it_is
from services.kit.kafka.reader import Bounds, Log, Raw
from services.kit.telemetry.traces import UNTOLD, Traces
from services.trigger_engine.__main__ import GC_EVERY
from services.trigger_engine.adapters.transactions import BATCH_BYTES, KafkaTransactions
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.domain.core import Core
from services.trigger_engine.domain.playbook.sets import compile_set
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.ports import Logs
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.task import PartitionTask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

PREFIX: Final = "inside"
Headers = list[tuple[str, bytes]]

USAGE: Final = topics.USAGE.under(PREFIX)
SENT_BYTES: Final = 256 * 1024
"""Of a batch as an emitter sends it."""

FETCHED: Final = 4
"""Batches in one answer of the broker."""

LINES: Final = {
    "hot": (100, 600_000),
    "few": (2_700, 500_000),
    "even": (40_000, 500_000),
    "all": (100_000, 1_200_000),
}
"""Accounts and events."""

AMOUNTS: Final = {
    "": (),
    "money": ("0.5", "12.25", "3", "1.75", "7.0", "199.99"),
    "floats": tuple(repr(1.1**power) for power in range(49)),
    "any": ("0.5", "0.25", "0.125", "1.75", "12.0625", "3.1", "7", "0.3333333333333333", "41.07", "2.0"),
}
"""Amounts that events have by chance; by name."""

AGO_US: Final = 120 * 1_000_000
FROM: Final = 0.4
TO: Final = 0.97
"""Shares of the events between which is measured."""

LOOK_S: Final = 0.02


@dataclass
class Usage:
    """Usage of one partition as the broker hands it out: batches as bytes, and how many records there are."""

    batches: list[bytes] = field(default_factory=list)
    count: int = 0

    def add(self, batch: BatchBuilder) -> None:
        """One more, at the end."""
        raw = bytes(batch._build())  # noqa: SLF001 - as a broker would see it
        self.batches.append(struct.pack(">q", self.count) + raw[8:])
        self.count += batch.record_count()

    def fetched(self) -> Iterator[bytes]:
        """Answer by answer."""
        for at in range(0, len(self.batches), FETCHED):
            yield b"".join(self.batches[at : at + FETCHED])


def waiting(messages: Iterable[job.Message], traces: Iterable[Headers] | None = None) -> list[Usage]:
    """All usage, by partition; ``traces`` are headers for each message in its turn."""
    beside = repeat([]) if traces is None else traces
    usage = [Usage() for _ in range(job.PARTITIONS)]
    batches = [BatchBuilder(SENT_BYTES, 0) for _ in usage]
    for (partition, key, value), headers in zip(messages, beside, strict=False):
        if batches[partition].append(key=key, value=value, timestamp=None, headers=headers) is None:
            usage[partition].add(batches[partition])
            batches[partition] = BatchBuilder(SENT_BYTES, 0)
            batches[partition].append(key=key, value=value, timestamp=None, headers=headers)
    for of_partition, batch in zip(usage, batches, strict=True):
        of_partition.add(batch)
    return usage


class Place:
    """What the client keeps of a partition that is read."""

    active = True
    paused = False

    def __init__(self) -> None:
        self.position = 0

    def state_value(self, tp: TopicPartition) -> Place:
        """Of the one there is."""
        del tp
        return self

    def consumed_to(self, position: int) -> None:
        """It has been read so far."""
        self.position = position


class Waiting(Logs):
    """One partition of usage that was there before we came; all other logs are empty."""

    def __init__(self, partition: int, usage: Usage) -> None:
        self._log = Log(USAGE, partition)
        self._usage = usage
        self._left = usage.fetched()
        self._place = Place()
        self._fetch: Any = None

    @override
    def assign(self, positions: Mapping[Log, int]) -> None:
        return

    @override
    async def read(self, timeout_ms: int, limit: int | None = None) -> Mapping[Log, Sequence[Raw]]:
        while self._place.position < self._usage.count:
            if self._fetch is None or not self._fetch.has_more():
                self._fetch = self._next()
            if found := self._fetch.getall(limit):
                return {self._log: found}
        await asyncio.sleep(timeout_ms / 1_000)
        return {}

    def _next(self) -> Any:
        tp, records = TopicPartition(*self._log), MemoryRecords(next(self._left))
        told: tuple[Any, ...] = (tp, records, [], self._place.position, as_it_is, None, True, fetcher.READ_COMMITTED)
        return fetcher.FetchResult(
            tp, assignment=self._place, partition_records=fetcher.PartitionRecords(*told), backoff=0
        )

    @override
    def position(self, log: Log) -> int | None:
        return self._place.position if log == self._log else 0

    @override
    def at_end(self, log: Log) -> bool:
        return log != self._log or self._place.position >= self._usage.count

    @override
    async def bounds(self, log: Log) -> Bounds:
        end = self._usage.count if log == self._log else 0
        return Bounds(0, end, end)


@dataclass
class Acknowledged:
    """What the broker says of a batch."""

    offset: int = 0


class Unsent(AIOKafkaProducer):
    """Makes batches ready to be sent, and sends none."""

    @override
    async def begin_transaction(self) -> None:
        return

    @override
    async def commit_transaction(self) -> None:
        return

    @override
    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[Acknowledged]:
        batch._build()  # noqa: SLF001 - as its sender does
        sent: asyncio.Future[Acknowledged] = asyncio.get_running_loop().create_future()
        sent.set_result(Acknowledged())
        return sent


class Transactions(KafkaTransactions):
    """Everything but the broker."""

    @override
    async def fence(self) -> None:
        make: Any = Unsent
        self._producer = make(transactional_id=self._id, compression_type="zstd", max_batch_size=BATCH_BYTES)

    @override
    async def trim(self, topic: str, before: int) -> None:
        return

    @override
    async def close(self) -> None:
        if self._producer is not None:
            self._producer._closed = True  # noqa: SLF001 - it never was open


def task_of(
    partition: int,
    usage: Usage,
    metrics: EngineMetrics,
    traces: Traces = UNTOLD,
    kind: type[PartitionTask] = PartitionTask,
) -> PartitionTask:
    """A task on what waits in its partition."""

    @asynccontextmanager
    async def logs(purpose: str) -> AsyncIterator[Logs]:
        del purpose
        yield Waiting(partition, usage)

    sets = Sets(logs, PREFIX, metrics)
    sets.current = Core(compile_set([(file.path, file.text) for file in job.files()], 0))
    sets.caught_up.set()
    rules = Rules(PREFIX, partition, job.PARTITIONS, job.DAY_US, False, 1_000, 100, 20_000_000)  # noqa: FBT003 - as they are declared
    transactions = Transactions("", f"{PREFIX}-{partition}", partition)
    return kind(rules, transactions, logs, sets, Told(SystemClock(), EventWire(), metrics, traces=traces))


async def measured(accounts: int, events: int, sizes: Sequence[str] = ()) -> str:
    """What an event took, between two moments of a run over so many of them."""
    made = job.messages(events, job.Accounts(accounts), SystemClock().now_us() - AGO_US, sizes=sizes)
    metrics = EngineMetrics(CollectorRegistry())
    tasks = [task_of(partition, usage, metrics) for partition, usage in enumerate(waiting(made))]
    running = asyncio.gather(*(task.run() for task in tasks))
    marks: list[tuple[int, float, float]] = []
    while not running.done():
        done = sum(task.memory.position.usage for task in tasks if task.memory.position is not None)
        marks.append((done, time.process_time(), time.monotonic()))
        if done >= events:
            for task in tasks:
                task.stop()
        await asyncio.sleep(LOOK_S)
    await running
    first = next(mark for mark in marks if mark[0] >= events * FROM)
    last = next(mark for mark in marks if mark[0] >= events * TO)
    count, cpu, seconds = (after - before for before, after in zip(first, last, strict=True))
    return f"{cpu / count * 1e6:.2f} us of CPU an event, {seconds / count * 1e6:.2f} us by time, over {count:,} events"


def main(line: str, events: str = "", amounts: str = "") -> None:
    """Measure a line."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    gc.set_threshold(GC_EVERY, *gc.get_threshold()[1:])
    accounts, many = LINES[line]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(runner.run(measured(accounts, int(events or many), AMOUNTS[amounts])))  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
