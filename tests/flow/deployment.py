"""A deployment of the test's own on the session's broker: topics, a published set, engines as real processes."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from aiokafka import AIOKafkaProducer

from schemas import topics
from schemas.codec import encode
from schemas.playbooks import (
    OfferPaused,
    OfferResumed,
    PlaybookEvent,
    SetPublished,
    SourceFile,
    Switch,
    WholeSet,
)
from services.kit.clock import SystemClock, to_datetime
from services.kit.kafka.admin import create_topics
from services.kit.kafka.partitioning import partition_of
from services.kit.kafka.reader import Log, Reader, Record
from services.local_stack.launch import tied
from tests.kit.waiting import until
from tests.trigger_engine.runtime.sets import PLAYBOOK, PRODUCT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from schemas.topics import Topic

PARTITIONS = 3
READY_S = 60


@dataclass
class Engine:
    """One engine process."""

    process: Process
    port: int
    log: Path

    async def ready(self) -> bool:
        """Whether it works on all its partitions."""
        if self.process.returncode is not None:
            raise AssertionError(f"the engine ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        try:
            async with httpx.AsyncClient(verify=False) as http:  # noqa: S501 - no TLS on the loopback
                return (await http.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def metric(self, name: str, **labels: str) -> float:
        """The value of one series, summed over those that have ``labels``."""
        async with httpx.AsyncClient(verify=False) as http:  # noqa: S501 - as above
            text = (await http.get(f"http://127.0.0.1:{self.port}/metrics")).text
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        lines = [line for line in text.splitlines() if line.startswith((name + "{", name + " "))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(pair in line for pair in wanted))

    async def fenced(self) -> bool:
        """Whether another engine shut it out of a partition in the middle of its work."""
        return await self.metric("rung_engine_task_endings_total", ending="fenced") >= 1

    async def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, as a supervisor would."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)


@dataclass
class Deployment:
    """Topics under a prefix of their own, and whatever runs on them."""

    bootstrap: str
    prefix: str
    home: Path
    partitions: int = PARTITIONS
    settings: Mapping[str, str] = field(default_factory=dict)
    engines: list[Engine] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def prepare(self, product: str = PRODUCT, playbook: str = PLAYBOOK) -> None:
        """Create the topics and publish a set."""
        await create_topics(self.bootstrap, self.prefix, partitions=self.partitions)
        await self.publish(product, playbook)

    async def publish(self, product: str = PRODUCT, playbook: str = PLAYBOOK, expects: int | None = None) -> None:
        """Put a set on the log of sets, also one that will be refused."""
        files = (SourceFile(path="product.yaml", text=product), SourceFile(path="playbook.yaml", text=playbook))
        event = SetPublished(
            id=f"set-{next(self.numbers)}",
            source="test",
            subject="files",
            time=to_datetime(SystemClock().now_us()),
            data=WholeSet(files=files, expects=expects),
        )
        await self._tell(event)

    async def switch(self, kind: type[OfferPaused | OfferResumed], offer: str) -> None:
        """Pause an offer, or let it go on."""
        number, now = next(self.numbers), to_datetime(SystemClock().now_us())
        await self._tell(kind(id=f"set-{number}", source="test", subject="files", time=now, data=Switch(offer=offer)))

    async def _tell(self, event: PlaybookEvent) -> None:
        value, headers = encode(event)
        async with self._producer() as producer:
            name = topics.PLAYBOOKS.under(self.prefix)
            await producer.send_and_wait(name, value, key=b"files", partition=0, headers=headers)

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, enable_idempotence=True, max_batch_size=256 * 1024
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def send(self, *events: dict[str, Any], topic: Topic = topics.USAGE) -> None:
        """Send events, each to its account's partition."""
        await self.send_raw(((event["subject"], json.dumps(event).encode()) for event in events), topic)

    async def send_raw(self, pairs: Iterable[tuple[str, bytes]], topic: Topic = topics.USAGE) -> None:
        """Send values under the key and to the partition of their account."""
        name = topic.under(self.prefix)
        async with self._producer() as producer:
            batches = {partition: producer.create_batch() for partition in range(self.partitions)}
            for account, value in pairs:
                partition = partition_of(account, self.partitions)
                if batches[partition].append(timestamp=None, key=account.encode(), value=value) is None:
                    await producer.send_batch(batches[partition], name, partition=partition)
                    batches[partition] = producer.create_batch()
                    batches[partition].append(timestamp=None, key=account.encode(), value=value)
            left = [(p, batch) for p, batch in batches.items() if batch.record_count()]
            await asyncio.gather(*[await producer.send_batch(batch, name, partition=p) for p, batch in left])

    def event(self, account: str, event_type: str, at: int | None = None, **data: Any) -> dict[str, Any]:
        """A usage event or fact, of now unless said."""
        number = next(self.numbers)
        moment = to_datetime(SystemClock().now_us() if at is None else at)
        return {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": "test",
            "type": event_type,
            "subject": account,
            "time": moment.isoformat().replace("+00:00", "Z"),
            "data": data,
        }

    def response(self, account: str, offer: str, kind: str) -> dict[str, Any]:
        """What a front end reports."""
        return self.event(account, "rung.responded", offer=offer, response=kind)

    async def engine(self, *, wait: bool = True, program: str = "services.trigger_engine", **settings: str) -> Engine:
        """Start an engine, and wait until it works on all its partitions."""
        port = int(settings.get("RUNG_ENGINE_HTTP_PORT") or free_port())
        log = self.home / f"engine-{len(self.engines)}.log"
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 - for a child
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "RUNG_TOPIC_PREFIX": self.prefix,
            "RUNG_ENGINE_HTTP_PORT": str(port),
            **self.settings,
            **settings,
        }
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *tied([sys.executable, "-m", program], signal.SIGKILL), env=environment, stderr=out, stdout=out
            )
        engine = Engine(process, port, log)
        self.engines.append(engine)
        if wait:
            await until(f"the engine is ready, see {log}", engine.ready, READY_S)
        return engine

    async def read(self, topic: Topic) -> list[Record]:
        """All committed records of ``topic``, partition by partition."""
        found: list[Record] = []
        async with Reader(self.bootstrap, "test") as reader:
            logs = [Log(topic.under(self.prefix), p) for p in range(self.partitions if topic.per_account else 1)]
            bounds = {log: await reader.bounds(log) for log in logs}
            left = {log: found.committed for log, found in bounds.items() if found.first < found.committed}
            reader.assign({log: bounds[log].first for log in left})
            while left:
                for records in (await reader.read(50)).values():
                    found.extend(records)
                left = {log: end for log, end in left.items() if (reader.position(log) or 0) < end}
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def ends(self, topic: Topic) -> dict[int, int]:
        """One past the last committed record of each partition of ``topic``."""
        async with Reader(self.bootstrap, "test") as reader:
            logs = [Log(topic.under(self.prefix), partition) for partition in range(self.partitions)]
            return {log.partition: end for log, end in (await reader.ends(logs)).items()}

    async def events(self, topic: Topic, account: str | None = None) -> list[dict[str, Any]]:
        """The committed events of ``topic``, of one account when said."""
        bodies = [json.loads(record.value or b"") for record in await self.read(topic)]
        return [body for body in bodies if account is None or body["subject"] == account]

    @asynccontextmanager
    async def flowing(self, kind: str, accounts: int = 1, pause_s: float = 0, **data: Any) -> AsyncIterator[None]:
        """Usage of ever new accounts, so many at a time, as long as it is entered."""
        enough = asyncio.Event()

        async def flow() -> None:
            while not enough.is_set():
                new = [f"a-{next(self.numbers)}" for _ in range(accounts)]
                await self.send(*(self.event(account, kind, **data) for account in new))
                await asyncio.sleep(pause_s)

        task = asyncio.create_task(flow())
        try:
            yield
        finally:
            enough.set()
            await task

    async def until_events(self, topic: Topic, count: int, account: str | None = None) -> list[dict[str, Any]]:
        """Wait until ``topic`` has at least ``count`` events."""
        found: list[dict[str, Any]] = []

        async def enough() -> bool:
            nonlocal found
            found = await self.events(topic, account)
            return len(found) >= count

        await until(f"{count} events on {topic.name}", enough, 40)
        return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
