"""The sink, put together: the only file that names concrete classes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from schemas import topics
from services.kit.clock import Clock
from services.kit.db.faults import DatabaseAway, DatabaseUnreachable
from services.kit.db.migrations import check_migrated
from services.kit.db.sessions import Database
from services.kit.kafka.admin import check_topics
from services.kit.kafka.dead_letters import DeadLetterSender
from services.kit.kafka.group import Group
from services.kit.kafka.projection import Projection
from services.kit.tasks import cancel
from services.kit.telemetry.listener import operators_app, serving
from services.metrics_sink.adapters.attribution import keep_attribution
from services.metrics_sink.adapters.figures import FunnelFigures
from services.metrics_sink.adapters.guards import OfferReactions, PlaybookPauses, SetLog
from services.metrics_sink.adapters.ledgers import DecisionLedger, OutcomeLedger
from services.metrics_sink.domain.batch import decision_batch, outcome_batch
from services.metrics_sink.domain.reading import read_decision, read_outcome
from services.metrics_sink.feed import Feed, Folding
from services.metrics_sink.metrics import Log, SinkMetrics
from services.metrics_sink.ports import Figures
from services.metrics_sink.runtime.guarding import Guarding
from services.metrics_sink.settings import Settings

log = structlog.get_logger()

SERVICE: Final = "metrics_sink"

FIGURES_EVERY_S: Final = 15.0
"""As often as Prometheus usually asks."""

HUNG_S: Final = 60.0
"""A reader that has not asked its log for so long hangs: what it does in between is given up after 50 s at most."""


@dataclass(frozen=True)
class Parts:
    """What runs: one projection for each log, the figures, and who watches over guarded offers."""

    projections: dict[Log, Projection]
    figures: Figures
    guarding: Guarding
    metrics: SinkMetrics


async def run(settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    """Check what the sink needs, then fold until ``stop`` is set or something can not go on.

    Raises a ``Fatal`` that says what to do.
    """
    kafka, database = settings.kafka, settings.database
    await check_topics(
        kafka.bootstrap_servers,
        kafka.topic_prefix,
        (topics.PLAYBOOKS, topics.OUTCOMES, topics.DECISIONS, topics.DEAD_LETTERS),
    )
    await check_migrated(database.url, database.db_schema, settings.migrations.scripts)
    registry = CollectorRegistry()
    async with _assembled(settings, clock, registry) as parts:
        app = operators_app(registry, lambda: _alive(parts), lambda: _ready(parts, stop))
        async with serving(app, settings.listener.host, settings.listener.port):
            log.info("running", port=settings.listener.port)
            await _together(parts, stop)


@asynccontextmanager
async def _assembled(settings: Settings, clock: Clock, registry: CollectorRegistry) -> AsyncIterator[Parts]:
    kafka = settings.kafka
    metrics = SinkMetrics(registry)
    database = Database(settings.database.url, settings.database.db_schema, SERVICE)
    metrics.pool_is(database.in_use)
    dead_letters = DeadLetterSender(kafka.bootstrap_servers, kafka.topic_prefix, SERVICE)
    outcomes = Feed(
        Folding(Log.OUTCOMES, read_outcome, outcome_batch, metrics.outcomes_folded),
        OutcomeLedger(database),
        dead_letters,
        metrics,
    )
    decisions = Feed(
        Folding(Log.DECISIONS, read_decision, decision_batch, metrics.decisions_folded),
        DecisionLedger(database),
        dead_letters,
        metrics,
    )

    def member(topic: topics.Topic) -> Group:
        group = f"{kafka.topic_prefix}-{SERVICE}-{topic.name}"
        full_name = topic.under(kafka.topic_prefix)
        return Group(kafka.bootstrap_servers, group, full_name, SERVICE, settings.reading.session_ms)

    await dead_letters.start()
    try:
        await _keep_attribution(database, settings)
        yield Parts(
            projections={
                Log.OUTCOMES: Projection(member(topics.OUTCOMES), outcomes, clock, metrics.of(Log.OUTCOMES)),
                Log.DECISIONS: Projection(member(topics.DECISIONS), decisions, clock, metrics.of(Log.DECISIONS)),
            },
            figures=FunnelFigures(database),
            guarding=Guarding(
                SetLog(kafka.bootstrap_servers, kafka.topic_prefix),
                OfferReactions(database),
                PlaybookPauses(kafka.bootstrap_servers, kafka.topic_prefix, clock),
                metrics,
                settings.guarding.every_s,
            ),
            metrics=metrics,
        )
    finally:
        await dead_letters.stop()
        await database.close()


async def _keep_attribution(database: Database, settings: Settings) -> None:
    try:
        await keep_attribution(database, settings.attribution.told())
    except DatabaseAway as away:
        raise DatabaseUnreachable(away.why) from away


async def _together(parts: Parts, stop: asyncio.Event) -> None:
    """Run all parts; the first that fails ends the others in an orderly way, and its fault is raised."""
    beside = [asyncio.create_task(_keep_figures(parts)), asyncio.create_task(parts.guarding.run())]
    readers = [asyncio.create_task(projection.run(stop)) for projection in parts.projections.values()]
    try:
        await asyncio.wait([*beside, *readers], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(readers)
    finally:
        await cancel(*beside)
    for task in (*readers, *beside):
        if not task.cancelled():
            task.result()


async def _keep_figures(parts: Parts) -> None:
    while True:
        try:
            parts.metrics.funnel_is(await parts.figures.funnel())
        except DatabaseAway:
            log.debug("no figures: the database is away")
        for name, projection in parts.projections.items():
            parts.metrics.lagging(name, projection.lag())
        await asyncio.sleep(FIGURES_EVERY_S)


def _alive(parts: Parts) -> str | None:
    for name, projection in parts.projections.items():
        if projection.last_poll_age_s > HUNG_S:
            return f"{name.value}: not read for {projection.last_poll_age_s:.0f} s"
    return None


def _ready(parts: Parts, stop: asyncio.Event) -> str | None:
    if stop.is_set():
        return "stopping"
    for name, projection in parts.projections.items():
        if projection.trouble is not None:
            return f"{name.value}: {projection.trouble}"
        if not projection.caught_up:
            return f"{name.value}: catching up"
    return None
