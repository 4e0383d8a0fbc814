"""Service levels of the real services burn under a real Prometheus, and stop burning when their page is followed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from tests.flow.deployment import Deployment
from tests.flow.watching import SHORT, watching
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.local_stack.stack import LocalStack
    from tests.flow.watching import Prometheus

LEVEL: Final = "fetchable_1s"
ALERTS: Final = ("ServiceLevelBurnsFast", "ServiceLevelBurnsSlowly")
STRANGER: Final = "nightly job"
HELD_S: Final = 1.5
"""For how long the stranger keeps everybody from the table, each time."""

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(240)]


async def burning(prometheus: Prometheus) -> set[str]:
    """The alerts that fire for the level."""
    return {name for name in ALERTS for alert in await prometheus.alerts(name) if alert["labels"]["level"] == LEVEL}


@asynccontextmanager
async def somebody_locks_offers(url: str) -> AsyncIterator[None]:
    """A job that takes the table of offers for itself, again and again, until its connection is ended."""
    stranger = await asyncpg.connect(url, server_settings={"application_name": STRANGER})

    async def work() -> None:
        while not stranger.is_closed():
            async with stranger.transaction():
                await stranger.execute("lock table rung.offers in access exclusive mode")
                await stranger.execute("select pg_sleep($1)", HELD_S)

    job = asyncio.create_task(work())
    try:
        yield
    finally:
        done, _ = await asyncio.wait([job], timeout=20)
        job.cancel()
        ended = [isinstance(one.exception(), asyncpg.PostgresError | asyncpg.InterfaceError) for one in done]
        await stranger.close(timeout=5)
        assert ended == [True], "it was not ended"


async def p95(prometheus: Prometheus, stage: str) -> float:
    """As the dashboard "Trigger latency" has it."""
    bucket = f'rung_stage_latency_seconds_bucket{{stage="{stage}"}}'
    (found,) = await prometheus.ask(f"histogram_quantile(0.95, sum by (le) (rate({bucket}[20s])))")
    return found


@pytest.mark.follows("ServiceLevelBurnsFast", "ServiceLevelBurnsSlowly")
async def test_offers_that_are_late_to_be_stored_burn_a_level_until_who_locks_them_is_found_and_ended(
    services: LocalStack, kafka_bootstrap: str, topic_prefix: str, tmp_path: Path
) -> None:
    deployment = Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=12)
    ports = {"trigger_engine": services.port("trigger_engine", "RUNG_ENGINE_HTTP_PORT")}
    ports["offer_api"] = services.port("offer_api", "RUNG_API_HTTP_PORT")
    url = services.database_url
    async with (
        watching(tmp_path, ports, patient=False, instead=SHORT) as prometheus,
        # each earns an offer, some every second: more than the ten from which on a share is told
        deployment.flowing("file.stored", pause_s=0.2, properties={"size_gb": 1.7}),
        somebody_locks_offers(url),
    ):

        async def burns() -> bool:
            return await burning(prometheus) == set(ALERTS)

        async def is_kept() -> bool:
            rate = await prometheus.ask(f'rung:burn:rate5m{{level="{LEVEL}"}}')
            return rate != [] and rate[0] < 1 and await burning(prometheus) == set()

        await until("the level burns, and both alerts tell of it", burns, 60)
        # the page, 1.: stored is late and published is not, so it is the projection; and it waits for a lock
        assert await p95(prometheus, "published") < await p95(prometheus, "stored")
        database = await asyncpg.connect(url)
        try:
            await until("who is in the way was ended", lambda: ended_who_blocks(database), 30)
        finally:
            await database.close()
        await until("over when the rate is below 1", is_kept, 90)


async def ended_who_blocks(database: asyncpg.Connection) -> bool:
    """Whether somebody was found in ``pg_stat_activity`` that a service of ours waits for, and ended."""
    found = await database.fetch("""
        select distinct blocker.pid, blocker.application_name
        from pg_stat_activity waiting
        cross join lateral unnest(pg_blocking_pids(waiting.pid)) blocking
        join pg_stat_activity blocker on blocker.pid = blocking
        where waiting.application_name like 'rung-%' and blocker.application_name not like 'rung-%'
    """)
    for pid, name in found:
        assert name == STRANGER
        await database.execute("select pg_terminate_backend($1)", pid)
    return bool(found)
