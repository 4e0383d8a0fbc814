"""A real offer API: its own topics and tables, real HTTP on a free port."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from limits import parse

from schemas.codec import decode_response, encode
from schemas.topics import DEAD_LETTERS, DECISIONS, OFFERS, RESPONSES
from schemas.traces import Trace
from services.kit.clock import SystemClock
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.kit.kafka.admin import create_topics
from services.kit.kafka.partitioning import partition_of
from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, TraceSettings
from services.kit.telemetry.listener import serving
from services.offer_api.adapters.decisions import PostgresDecisions
from services.offer_api.adapters.kafka import KafkaResponses, LogWriter
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.adapters.keysets import FileKeys
from services.offer_api.adapters.own_rows import front_role
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.adapters.tokens import JwksTokens
from services.offer_api.feed.following import Following
from services.offer_api.feed.hub import Hub
from services.offer_api.metrics import Metrics, Per
from services.offer_api.settings import ApiSettings
from services.offer_api.web.app import make_app
from services.offer_api.web.doors import Doors
from services.offer_api.web.rates import OpenStreams, Rates
from services.offer_api.web.taking import TakeResponses
from services.offer_api.wiring import Settings, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from fastapi import FastAPI

    from schemas.decisions import Decided
    from schemas.envelope import Envelope
    from schemas.responses import Responded
    from schemas.topics import Topic

TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
"""What the records of an event that somebody traces carry."""

PARTITIONS = 3
SCHEMA = "rung"
KEPT = timedelta(days=30)
READY_S = 30
"""Beyond the 10 s after which a killed member of a consumer group is given up."""
STEP_S = 0.03
LOCALHOST = "127.0.0.1"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Plain HTTP all the way; loading certificates takes longer than most tests."""


@dataclass(frozen=True)
class Ground:
    """Topics and tables of one test, and the key file."""

    bootstrap: str
    prefix: str
    database_url: str
    jwks: Path

    async def prepare(self) -> None:
        topics = (OFFERS, DECISIONS, RESPONSES, DEAD_LETTERS)
        await create_topics(self.bootstrap, self.prefix, partitions=PARTITIONS, topics=topics)
        await migrate(self.database_url, SCHEMA)

    def environment(self, port: int, http_port: int) -> dict[str, str]:
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "DATABASE_URL": self.database_url,
            "RUNG_TOPIC_PREFIX": self.prefix,
            "RUNG_DATABASE_SCHEMA": SCHEMA,
            "RUNG_API_JWKS": str(self.jwks),
            "RUNG_API_PORT": str(port),
            "RUNG_API_HTTP_PORT": str(http_port),
        }

    def settings(self, port: int, http_port: int, **api: float) -> Settings:
        return Settings(
            kafka=KafkaSettings(bootstrap_servers=self.bootstrap, topic_prefix=self.prefix),
            database=DatabaseSettings(url=self.database_url, db_schema=SCHEMA),
            migrations=MigrationSettings(),
            traces=TraceSettings(),
            api=ApiSettings.model_validate({"jwks": str(self.jwks), "port": port, "http_port": http_port, **api}),
        )

    async def say(self, *events: Envelope, produced_ms: int | None = None) -> list[int]:
        """Write ``events`` to ``rung.offers`` as the engine does; returns their offsets."""
        beside = [] if produced_ms is None else [("rung_produced", str(produced_ms).encode()), TRACE.header]
        records = [(event.subject, *encode(event)) for event in events]
        return await self.write([(key, value, [*headers, *beside]) for key, value, headers in records])

    async def decide(self, *events: Decided) -> list[int]:
        """Write ``events`` to ``rung.decisions`` as the engine does; returns their offsets."""
        return await self.write([(event.subject, *encode(event)) for event in events], DECISIONS)

    async def write(
        self, records: Sequence[tuple[str, bytes, list[tuple[str, bytes]]]], topic: Topic = OFFERS
    ) -> list[int]:
        """Write raw records to ``topic``."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=f"{self.prefix}-engine")
        await producer.start()
        try:
            async with producer.transaction():
                sent = [
                    await producer.send(
                        topic.under(self.prefix),
                        value=value,
                        key=account.encode(),
                        partition=partition_of(account, PARTITIONS),
                        headers=headers,
                    )
                    for account, value, headers in records
                ]
                return [(await one).offset for one in sent]
        finally:
            await producer.stop()

    async def responses(self) -> list[Responded]:
        """All that is in ``rung.responses``, checked to lie where it belongs."""
        return [decode_response(value, headers) for _, value, headers in await self.read(RESPONSES.under(self.prefix))]

    async def read(self, topic: str) -> list[tuple[int, bytes, tuple[tuple[str, bytes], ...]]]:
        """Partition, value and headers of every record in ``topic``."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed")
        await consumer.start()
        try:
            logs = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
            consumer.assign(logs)
            ends = await consumer.end_offsets(logs)
            for log in logs:
                consumer.seek(log, 0)
            found = []
            while any([await consumer.position(log) < ends[log] for log in logs]):
                for log, records in (await consumer.getmany(timeout_ms=200)).items():
                    found += [(log.partition, record.value or b"", tuple(record.headers)) for record in records]
            return found
        finally:
            await consumer.stop()


def free_ports(count: int = 2) -> list[int]:
    """Ports nobody listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOCALHOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@dataclass(frozen=True)
class Api:
    """A running offer API."""

    ground: Ground
    http: httpx.AsyncClient
    operators: str
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def metric(self, name: str) -> float:
        """The value of one series, such as ``rung_api_streams``."""
        text = (await self.http.get(f"{self.operators}/metrics")).text
        values = [line.rpartition(" ")[2] for line in text.splitlines() if line.rpartition(" ")[0] == name]
        assert len(values) == 1, f"{name} is not in /metrics"
        return float(values[0])

    async def folded(self, count: int) -> None:
        """Wait until ``count`` changes are in the database."""

        async def are_there() -> bool:
            return await self.metric("rung_api_changes_folded_total") >= count

        await until(f"{count} changes folded", are_there)


@asynccontextmanager
async def running(ground: Ground, **api: float) -> AsyncIterator[Api]:
    """The process's own `run`, in this event loop, until the context ends."""
    port, http_port = free_ports()
    stop = asyncio.Event()
    task = asyncio.create_task(run(ground.settings(port, http_port, **api), SystemClock(), stop))
    operators = f"http://{LOCALHOST}:{http_port}"
    async with httpx.AsyncClient(base_url=f"http://{LOCALHOST}:{port}", timeout=15, verify=NO_TLS) as http:
        try:
            await until_ready(http, f"{operators}/readyz", task)
            yield Api(ground, http, operators, stop, task)
        finally:
            stop.set()
            await asyncio.wait_for(task, 20)


async def until_ready(http: httpx.AsyncClient, url: str, task: asyncio.Task[None] | None = None) -> None:
    """Wait until ``url`` answers 200."""

    async def ready() -> bool:
        if task is not None and task.done():
            task.result()
        with suppress(httpx.TransportError):
            return (await http.get(url)).status_code == httpx.codes.OK
        return False

    await until(f"{url} is ready", ready)


async def until(what: str, holds: Callable[[], Awaitable[bool]], timeout_s: float = READY_S) -> None:
    """Return once ``holds()``; fails with ``what`` after ``timeout_s``."""
    for _ in range(round(timeout_s / STEP_S)):
        if await holds():
            return
        await asyncio.sleep(STEP_S)
    raise AssertionError(f"not so after {timeout_s} s: {what}")


class Served(NamedTuple):
    """The application over the database alone."""

    http: httpx.AsyncClient
    offers: PostgresOffers
    app: FastAPI


@asynccontextmanager
async def without_kafka(database_url: str, jwks: Path, **rates: str) -> AsyncIterator[Served]:
    """The application over the database alone: nobody listens where Kafka should be. ``rates`` by what is counted."""
    (port, kafka_port) = free_ports()
    clock, metrics, hub = SystemClock(), Metrics(), Hub()
    fed, database = (
        Database(database_url, SCHEMA, "test"),
        Database(database_url, SCHEMA, "test", role=front_role(SCHEMA)),
    )
    offers = PostgresOffers(database)
    writer = LogWriter(f"{LOCALHOST}:{kafka_port}", "test", clock)
    doors = Doors(
        offers=offers,
        decisions=PostgresDecisions(database, KEPT),
        take=TakeResponses(offers, offers, KafkaResponses(writer, "t.responses", PARTITIONS), clock, metrics),
        following=Following(offers, hub, PARTITIONS, clock, metrics),
        tokens=JwksTokens(FileKeys(jwks), "rung-dev", "rung"),
        keys=PostgresKeys(database),
        clock=clock,
        metrics=metrics,
        rates=Rates({per: parse(rates.get(per, "1000/second")) for per in Per}, clock, metrics),
        streams=OpenStreams(2, 3),
        origins=("https://app.example.com",),
        stream_life_s=60,
        alive=lambda: None,
        ready=lambda: "the projection has not caught up yet",
    )
    app = make_app(doors)
    async with (
        serving(app, LOCALHOST, port),
        httpx.AsyncClient(base_url=f"http://{LOCALHOST}:{port}", timeout=20, verify=NO_TLS) as http,
    ):
        try:
            yield Served(http, PostgresOffers(fed), app)
        finally:
            await writer.close()
            await database.close()
            await fed.close()
