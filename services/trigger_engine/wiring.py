"""The engine, put together: the only file that names concrete classes."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from schemas import topics
from services.kit.clock import MS_PER_S, US_PER_S, Clock
from services.kit.kafka.admin import check_topics, partition_counts
from services.kit.kafka.faults import PartitionsDiffer
from services.kit.kafka.group import Group
from services.kit.telemetry.listener import operators_app, serving
from services.kit.telemetry.traces import Traces
from services.kit.telemetry.tracing import tracing
from services.trigger_engine.adapters.files import MappedFiles
from services.trigger_engine.adapters.logs import KafkaLogs
from services.trigger_engine.adapters.membership import GroupMembership
from services.trigger_engine.adapters.transactions import KafkaTransactions
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.runtime.engine import Engine, Terms
from services.trigger_engine.runtime.halts import Halted
from services.trigger_engine.runtime.memory import Memory
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from services.trigger_engine.runtime.task import PartitionTask
from services.trigger_engine.settings import Settings

log = structlog.get_logger()

SERVICE: Final = "trigger_engine"

COMMIT_MS_PER_PARTITION: Final = 10
"""A transaction costs about 3 ms of CPU; so a process with many partitions spends at most a third on commits."""


async def run(settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    """Check what the engine needs, then work until ``stop`` is set. Raises a ``Fatal`` that says what to do."""
    with tracing(settings.traces, SERVICE) as traces:
        await _run(settings, clock, stop, traces)


async def _run(settings: Settings, clock: Clock, stop: asyncio.Event, traces: Traces) -> None:
    kafka = settings.kafka
    await check_topics(kafka.bootstrap_servers, kafka.topic_prefix, topics.FLOW)
    partitions = await _same_partitions(settings)
    registry = CollectorRegistry()
    metrics = EngineMetrics(registry)
    told = Told(clock, EventWire(), metrics, MappedFiles(settings.engine.spool_dir), traces)
    engine = assemble(settings, told, partitions)
    app = operators_app(registry, lambda: engine.alive, lambda: "stopping" if stop.is_set() else engine.ready)
    async with serving(app, settings.listener.host, settings.listener.port):
        log.info("running", port=settings.listener.port, partitions=partitions)
        try:
            await engine.run(stop)
        except Halted as halted:
            metrics.halted(halted.halt)
            log.critical("halted", halt=halted.halt.value, detail=str(halted), runbook=halted.runbook)
            with suppress(TimeoutError):  # one scrape, so that the alert can say why
                await asyncio.wait_for(stop.wait(), settings.engine.halt_linger_s)
            raise


async def _same_partitions(settings: Settings) -> int:
    """How many partitions there are; another number in one of the topics would split accounts."""
    per_account = tuple(topic for topic in topics.FLOW if topic.per_account)
    counts = await partition_counts(settings.kafka.bootstrap_servers, settings.kafka.topic_prefix, per_account)
    if len(set(counts.values())) != 1:
        raise PartitionsDiffer(counts)
    return next(iter(counts.values()))


def assemble(settings: Settings, told: Told, partitions: int) -> Engine:
    """The parts of one process, read from top to bottom as the flow."""
    bootstrap, prefix = settings.kafka.bootstrap_servers, settings.kafka.topic_prefix
    logs = KafkaLogs(bootstrap, SERVICE)
    sets = Sets(logs, prefix, told.metrics, in_backfill=settings.engine.time == "log")
    group = f"{prefix}-{SERVICE}"
    usage = topics.USAGE.under(prefix)
    member = Group(bootstrap, group, usage, SERVICE, settings.engine.session_ms, settings.engine.instance)

    def task(partition: int, memory: Memory | None) -> PartitionTask:
        rules = Rules(
            prefix=prefix,
            partition=partition,
            partitions=partitions,
            lateness_us=settings.engine.lateness_s * US_PER_S,
            by_log=settings.engine.time == "log",
            max_invalid_run=settings.engine.max_invalid_run,
            commit_every_ms=max(settings.engine.commit_ms, COMMIT_MS_PER_PARTITION * len(engine.given or ())),
            max_seen=settings.engine.max_seen_ids,
        )
        transactions = KafkaTransactions(bootstrap, f"{prefix}-engine-{partition}", partition)
        return PartitionTask(rules, transactions, logs, sets, told, memory)

    terms = Terms(settings.engine.hot_slices, settings.engine.session_ms / MS_PER_S)
    engine = Engine(GroupMembership(member), task, sets, told.clock, told.metrics, terms)
    return engine
