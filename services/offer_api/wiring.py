"""The one place that names concrete classes: read top to bottom, it is the topology of the offer API."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from limits import parse

from schemas.topics import DEAD_LETTERS, DECISIONS, OFFERS, RESPONSES
from services.kit.clock import Clock
from services.kit.db.engine import Pool
from services.kit.db.migrations import check_migrated
from services.kit.db.sessions import Database
from services.kit.kafka.admin import check_topics
from services.kit.kafka.dead_letters import DeadLetterSender
from services.kit.kafka.group import Group
from services.kit.kafka.projection import Projection
from services.kit.kafka.reader import Reader
from services.kit.settings import DatabaseSettings, KafkaSettings, MigrationSettings, TraceSettings
from services.kit.tasks import cancel
from services.kit.telemetry.listener import operators_app, serving
from services.kit.telemetry.traces import Traces
from services.kit.telemetry.tracing import tracing
from services.offer_api.adapters.decisions import PostgresDecisions
from services.offer_api.adapters.kafka import KafkaDeadLetters, KafkaResponses, LogWriter
from services.offer_api.adapters.keys import PostgresKeys
from services.offer_api.adapters.keysets import keys_at
from services.offer_api.adapters.own_rows import front_role
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.adapters.tokens import JwksTokens
from services.offer_api.feed.fold import OfferFold
from services.offer_api.feed.fold_decisions import DecisionFold
from services.offer_api.feed.following import Following
from services.offer_api.feed.health import Health
from services.offer_api.feed.hub import Hub
from services.offer_api.feed.tail import Tail
from services.offer_api.feed.unreadable import Unreadable
from services.offer_api.metrics import Connections, DecisionsWatch, Metrics, Per
from services.offer_api.ports import Tokens
from services.offer_api.settings import ApiSettings
from services.offer_api.web.app import make_app
from services.offer_api.web.docs import docs
from services.offer_api.web.doors import Doors
from services.offer_api.web.rates import OpenStreams, Rates
from services.offer_api.web.taking import TakeResponses

log = structlog.get_logger()

SERVICE: Final = "rung-offer-api"
TRACED: Final = "offer_api"
"""Its name in traces, as in logs and in Prometheus."""

REQUESTS: Final = SERVICE.removeprefix("rung-")
FEED: Final = f"{REQUESTS}-feed"
"""What PostgreSQL shows behind ``rung-`` of the connections for requests, and of those for reading the log."""

FEED_POOL: Final = Pool(size=3)
"""Connections that no request can take: one for each projection, one for the tail; each uses one at a time. Otherwise
front ends that ask too often would keep waiting the very offers that they ask for.
"""

REQUEST_GRACE_S: Final = 4
"""How long a stop waits for requests: the longest is one that waits for Kafka, and streams end at once."""

FEED_GRACE_S: Final = 2.0
"""How long a stop waits for those who read; cut off then, others take over when the session ends.

All waits of a stop together stay below the 10 s that a supervisor gives, also with Kafka gone.
"""


@dataclass(frozen=True)
class Settings:
    """All settings of the process."""

    kafka: KafkaSettings
    database: DatabaseSettings
    migrations: MigrationSettings
    api: ApiSettings
    traces: TraceSettings


@dataclass(frozen=True)
class Parts:
    """What runs, and what it is stopped by."""

    doors: Doors
    hub: Hub
    health: Health
    projection: Projection
    decisions: Projection
    tail: Tail
    metrics: Metrics
    writer: LogWriter
    dead_letters: DeadLetterSender
    databases: tuple[Database, Database]


async def run(settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    """Serve until ``stop`` is set; raises ``Fatal`` when this process can not begin or go on."""
    with tracing(settings.traces, TRACED) as traces:
        await _run(settings, clock, stop, traces)


async def _run(settings: Settings, clock: Clock, stop: asyncio.Event, traces: Traces) -> None:
    api = settings.api
    keys = await keys_at(api.jwks, clock)
    tokens = JwksTokens(keys, api.token_issuer, api.token_audience)
    partitions = await _check(settings)
    parts = assemble(settings, tokens, partitions, clock, traces)
    async with AsyncExitStack() as exits:
        # left in reverse: first the public port, last the connections to the database
        for database in parts.databases:
            exits.push_async_callback(database.close)
        await parts.dead_letters.start()
        exits.push_async_callback(parts.dead_letters.stop)
        exits.push_async_callback(parts.writer.close)
        app = make_app(parts.doors)
        operators = operators_app(parts.metrics.registry, parts.health.alive, parts.health.ready, docs(app))
        await exits.enter_async_context(serving(operators, api.http_host, api.http_port))
        stop_feed = asyncio.Event()
        feeds = [
            asyncio.create_task(work)
            for work in (
                parts.projection.run(stop_feed),
                parts.decisions.run(stop_feed),
                parts.tail.run(),
                parts.health.run(),
                keys.run(),
            )
        ]
        exits.push_async_callback(_end_feeds, feeds, stop_feed)
        slow_head = parts.metrics.slow_heads.inc
        await exits.enter_async_context(serving(app, api.host, api.port, REQUEST_GRACE_S, api.proxies, slow_head))
        log.info("offer api serves", host=api.host, port=api.port, operators_port=api.http_port)
        await _until(stop, feeds)
        log.info("offer api stops")
        parts.health.drain()
        parts.hub.drain()


def assemble(settings: Settings, tokens: Tokens, partitions: int, clock: Clock, traces: Traces) -> Parts:
    """Every part, connected to nothing yet. ``partitions``: of the topics that are keyed by account."""
    kafka, api = settings.kafka, settings.api
    bootstrap, offers_topic = kafka.bootstrap_servers, OFFERS.under(kafka.topic_prefix)
    metrics = Metrics()
    database, schema = settings.database.url, settings.database.db_schema
    for_requests = Database(database, schema, REQUESTS, role=front_role(schema))
    for_feed = Database(database, schema, FEED, FEED_POOL)
    metrics.pool.labels(Connections.REQUESTS.value).set_function(for_requests.in_use)
    metrics.pool.labels(Connections.FEED.value).set_function(for_feed.in_use)
    offers, fed = PostgresOffers(for_requests), PostgresOffers(for_feed)
    dead_letters = DeadLetterSender(bootstrap, kafka.topic_prefix, f"{SERVICE}-dead-letters")
    group_name = f"{kafka.topic_prefix}.offer-api"
    letters = KafkaDeadLetters(dead_letters)
    fold = OfferFold(fed, fed, Unreadable(letters, metrics), clock, metrics, traces)
    group = Group(bootstrap, group_name, offers_topic, SERVICE)
    projection = Projection(group, fold, clock, metrics)
    kept = timedelta(days=api.decisions_kept_d)
    fold_decisions = DecisionFold(PostgresDecisions(for_feed, kept), Unreadable(letters, metrics), metrics)
    decision_group = Group(bootstrap, f"{group_name}-decisions", DECISIONS.under(kafka.topic_prefix), SERVICE)
    decisions = Projection(decision_group, fold_decisions, clock, DecisionsWatch(metrics))
    hub = Hub()
    tail = Tail(bootstrap, (offers_topic, partitions), fed, hub, clock)
    health = Health(offers, projection, decisions, tail, metrics)
    writer = LogWriter(bootstrap, SERVICE, clock)
    responses = KafkaResponses(writer, RESPONSES.under(kafka.topic_prefix), partitions)
    doors = Doors(
        offers=offers,
        decisions=PostgresDecisions(for_requests, kept),
        take=TakeResponses(offers, offers, responses, clock, metrics, traces),
        following=Following(offers, hub, partitions, clock, metrics, traces),
        tokens=tokens,
        keys=PostgresKeys(for_requests),
        clock=clock,
        metrics=metrics,
        rates=Rates(
            {
                Per.TOKEN: parse(api.rate_token),
                Per.ACCOUNT: parse(api.rate_account),
                Per.ADDRESS: parse(api.rate_address),
            },
            clock,
            metrics,
        ),
        streams=OpenStreams(api.streams_token, api.streams_account),
        origins=api.origins,
        stream_life_s=api.stream_life_s,
        alive=health.alive,
        ready=health.ready,
    )
    return Parts(
        doors=doors,
        hub=hub,
        health=health,
        projection=projection,
        decisions=decisions,
        tail=tail,
        metrics=metrics,
        writer=writer,
        dead_letters=dead_letters,
        databases=(for_requests, for_feed),
    )


async def _check(settings: Settings) -> int:
    """Fail at start, and not at the first request; returns the number of partitions."""
    kafka = settings.kafka
    await check_topics(kafka.bootstrap_servers, kafka.topic_prefix, (OFFERS, DECISIONS, RESPONSES, DEAD_LETTERS))
    await check_migrated(settings.database.url, settings.database.db_schema, settings.migrations.scripts)
    async with Reader(kafka.bootstrap_servers, f"{SERVICE}-check") as reader:
        return await reader.partitions(OFFERS.under(kafka.topic_prefix))


async def _until(stop: asyncio.Event, feeds: Sequence[asyncio.Task[None]]) -> None:
    """Wait for ``stop``, or raise what ended a feed."""
    stopping = asyncio.create_task(stop.wait())
    try:
        waited: list[asyncio.Task[Any]] = [stopping, *feeds]
        done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    for feed in feeds:
        if feed in done:
            feed.result()


async def _end_feeds(feeds: Sequence[asyncio.Task[None]], stop_feed: asyncio.Event) -> None:
    """The projections end their batches; the others, and whoever hangs on a broker that is gone, are cut off."""
    _, _, *others = feeds
    stop_feed.set()
    for other in others:
        other.cancel()
    await asyncio.wait(feeds, timeout=FEED_GRACE_S)
    await cancel(*feeds)
