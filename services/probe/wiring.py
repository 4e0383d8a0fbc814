"""The probe, put together: the only file that names concrete classes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from schemas.topics import USAGE
from services.kit.clock import Clock
from services.kit.errors import Fatal
from services.kit.kafka.admin import check_topics, partition_counts
from services.kit.kafka.sender import Sender
from services.kit.settings import EXIT_CONFIG, KafkaSettings
from services.kit.signing import KeyRefused, Signer
from services.kit.telemetry.listener import operators_app, serving
from services.probe.adapters.backend import KafkaBackend
from services.probe.adapters.front_end import HttpFrontEnds
from services.probe.metrics import ProbeMetrics
from services.probe.runtime.accounts import accounts_of
from services.probe.runtime.passing import SETTLE_S, Passing
from services.probe.runtime.probing import Probing
from services.probe.settings import ProbeSettings, Settings

log = structlog.get_logger()

SERVICE: Final = "probe"

HUNG_S: Final = 60.0
"""Beyond what a pass may take: Kafka's client gives up each of its two events after 20 s at most."""


class NoKey(Fatal):
    """The probe can not sign tokens; ``str()`` says why."""

    exit_code = EXIT_CONFIG


async def run(settings: Settings, clock: Clock, stop: asyncio.Event) -> None:
    """Probe until ``stop`` is set. Raises a ``Fatal`` that says what to do when it can not begin."""
    registry = CollectorRegistry()
    metrics = ProbeMetrics(registry)
    probe = settings.probe
    async with passing(settings.kafka, probe, clock) as (passes, accounts):
        probing = Probing(passes, accounts, clock, metrics, probe.every_s)

        def alive() -> str | None:
            age_s = clock.monotonic() - probing.newest_at
            hung = age_s > HUNG_S + SETTLE_S + probe.every_s + 2 * probe.within_s
            return f"no pass for {age_s:.0f} s" if hung else None

        app = operators_app(registry, alive, lambda: "stopping" if stop.is_set() else None)
        async with serving(app, settings.listener.host, settings.listener.port):
            log.info("running", port=settings.listener.port, partitions=len(accounts))
            await probing.run(stop)


@asynccontextmanager
async def passing(kafka: KafkaSettings, probe: ProbeSettings, clock: Clock) -> AsyncIterator[tuple[Passing, list[str]]]:
    """What makes passes, and the probe's accounts in the order of their partitions. Raises a ``Fatal``."""
    try:
        signer = Signer(probe.key, probe.issuer, probe.audience, clock)
    except KeyRefused as refused:
        raise NoKey(str(refused)) from refused
    await check_topics(kafka.bootstrap_servers, kafka.topic_prefix, (USAGE,))
    counts = await partition_counts(kafka.bootstrap_servers, kafka.topic_prefix, (USAGE,))
    accounts = accounts_of(probe.name, next(iter(counts.values())))
    async with Sender(kafka.bootstrap_servers, kafka.topic_prefix, SERVICE) as sender:
        front_ends = HttpFrontEnds(probe.api, signer, probe.within_s)
        yield Passing(KafkaBackend(sender, clock), front_ends, clock, probe.within_s), accounts
