"""Faults on real engines and services under a real Prometheus; what the page of the alert says is done, and helps."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Final

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType

from schemas import topics
from services.kit.kafka.reader import Log, Reader
from tests.flow.watching import SHORT, watching
from tests.kit.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flow.deployment import Deployment
    from tests.flow.watching import Prometheus

QUICK: Final[dict[str, Any]] = {"RUNG_ENGINE_SESSION_MS": "2000", "RUNG_ENGINE_COMMIT_MS": "20"}
TAKEOVER_S: Final = 40

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


async def fires(prometheus: Prometheus, alert: str, **labels: str) -> None:
    async def told() -> bool:
        found = [one["labels"] for one in await prometheus.alerts(alert)]
        return any(labels.items() <= one.items() for one in found)

    await until(f"{alert} fires", told, 60)


async def clears(prometheus: Prometheus, alert: str, **labels: str) -> None:
    async def silent() -> bool:
        found = [one["labels"] for one in await prometheus.alerts(alert)]
        return not any(labels.items() <= one.items() for one in found)

    await until(f"{alert} is over", silent, 60)


# --- EngineFencedOften --------------------------------------------------------------------------


@pytest.mark.follows("EngineFencedOften")
async def test_an_engine_that_sleeps_and_wakes_is_told_of_until_it_is_stopped(
    deployment: Deployment, tmp_path: Path
) -> None:
    sleeper, other = await deployment.engine(**QUICK), await deployment.engine(**QUICK)

    async def has_all() -> bool:
        return await other.metric("rung_engine_partitions") == deployment.partitions

    async def shares() -> bool:
        return not await has_all()

    async def counts() -> bool:
        return await sleeper.metric("rung_engine_records_total") > before

    async def knows() -> bool:
        return await sleeper.metric("rung_engine_rebalances_total") > rebalances

    async def watched() -> bool:
        return await prometheus.ask('count(rung_engine_task_endings_total{ending="fenced"} == 0)') == [2]

    listeners = {"trigger_engine": [sleeper.port, other.port]}
    window = {**SHORT, "[15m]": "[25s]"}  # longer than it sleeps: what it counted before has to be known when it wakes
    async with watching(tmp_path, listeners, patient=False, instead=window) as prometheus:
        await until("what both count is known", watched)
        await clears(prometheus, "EngineFencedOften")
        async with deployment.flowing("report.exported", accounts=12):
            while not await sleeper.fenced():  # until it was over a transaction that it fell asleep
                before = await sleeper.metric("rung_engine_records_total")
                rebalances = await sleeper.metric("rung_engine_rebalances_total")
                await until("it is at work", counts)
                await until("the other knows", shares)
                sleeper.process.send_signal(signal.SIGSTOP)
                await until("the other has all partitions", has_all, TAKEOVER_S)
                sleeper.process.send_signal(signal.SIGCONT)
                await until("it found out", knows)
            await fires(prometheus, "EngineFencedOften")
        # the page: rebalances grow too, and the log of the one that comes back names new generations
        assert await sleeper.metric("rung_engine_rebalances_total") >= 1
        assert '"event": "partitions"' in sleeper.log.read_text()
        assert "never retrieved" not in sleeper.log.read_text()  # to be shut out is no error
        # 3. it sleeps: stop it
        assert await sleeper.stop() == 0
        await until("the other has all partitions", has_all, TAKEOVER_S)
        await clears(prometheus, "EngineFencedOften")


# --- RestoreSlow --------------------------------------------------------------------------------

SLOW_S: Final = "2.5"
"""Instead of a minute; one of the bounds of the histogram."""

QUICKLY: Final = f'sum(rung_engine_restore_seconds_bucket{{le="{SLOW_S}"}})'

TIMES_WRITTEN: Final = 500_000
"""At a time, of one slice: what a topic holds that nobody compacts for long."""


@pytest.mark.follows("RestoreSlow")
async def test_a_state_that_is_not_compacted_is_told_of_and_restores_quickly_once_it_is(
    deployment: Deployment, tmp_path: Path
) -> None:
    engine = await deployment.engine()
    await deployment.send(deployment.event("acme", "report.exported"))
    await deployment.until_events(topics.OFFERS, 1, "acme")
    assert await engine.stop() == 0
    await policy(deployment, "delete")
    port, bound = engine.port, {**SHORT, 'le="60.0"': f'le="{SLOW_S}"'}
    async with watching(tmp_path, {"trigger_engine": port}, patient=False, instead=bound) as prometheus:

        async def restored(quickly: int) -> bool:
            return await prometheus.ask(QUICKLY) == [quickly]

        async def slowly() -> bool:
            await until("all is restored", lambda: engine_restored(prometheus, deployment), 60)
            return await prometheus.ask(QUICKLY) != [deployment.partitions]

        while True:  # it grows until it is felt, which a quick machine does later
            written = await write_again(deployment)
            engine = await deployment.engine(RUNG_ENGINE_HTTP_PORT=str(port))
            if await slowly():
                break
            assert await engine.stop() == 0
        await fires(prometheus, "RestoreSlow")
        # 1. is it compacted? it is not: mend it, and wait until the cleaner was there
        assert await described(deployment) == "delete"
        await policy(deployment, "compact")
        await until("it is compacted", lambda: is_compacted(deployment, written), 90)
        # over when the next restores are quick
        assert await engine.stop() == 0
        await deployment.engine(RUNG_ENGINE_HTTP_PORT=str(port))
        await until("all is restored, and quickly", lambda: restored(deployment.partitions), 60)
        await clears(prometheus, "RestoreSlow")


async def engine_restored(prometheus: Prometheus, deployment: Deployment) -> bool:
    return await prometheus.ask("rung_engine_restore_seconds_count") == [deployment.partitions]


def state_log(deployment: Deployment) -> ConfigResource:
    return ConfigResource(ResourceType.TOPIC, topics.ENGINE_STATE.under(deployment.prefix))


async def policy(deployment: Deployment, wanted: str) -> None:
    """Do to the state log what an operator can: its ``cleanup.policy``, and segments that do not wait to be full."""
    settings = {"cleanup.policy": wanted, "segment.bytes": str(1024 * 1024), "min.cleanable.dirty.ratio": "0.01"}
    told = state_log(deployment)
    for name, value in settings.items():
        told.add_incremental_config(ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET))
    admin = AdminClient({"bootstrap.servers": deployment.bootstrap})
    for done in admin.incremental_alter_configs([told]).values():
        await asyncio.to_thread(done.result, 30)


async def described(deployment: Deployment) -> str:
    """As ``kafka-configs --describe`` tells it."""
    admin = AdminClient({"bootstrap.servers": deployment.bootstrap})
    (found,) = admin.describe_configs([state_log(deployment)]).values()
    return str((await asyncio.to_thread(found.result, 30))["cleanup.policy"].value)


async def write_again(deployment: Deployment) -> Log:
    """Write one slice again and again, as the engine does over months; returns the log that has it."""
    record = [record for record in await deployment.read(topics.ENGINE_STATE) if b"acme" in (record.key or b"")][-1]
    producer = Producer({"bootstrap.servers": deployment.bootstrap, "linger.ms": 50, "compression.type": "lz4"})
    for _ in range(TIMES_WRITTEN):
        while True:
            try:
                producer.produce(record.topic, record.value, record.key, record.partition, headers=list(record.headers))
                break
            except BufferError:
                await asyncio.to_thread(producer.poll, 1)
    assert await asyncio.to_thread(producer.flush, 60) == 0
    return Log(record.topic, record.partition)


async def is_compacted(deployment: Deployment, log: Log) -> bool:
    """Whether most of what was written is gone: behind the first records come those near the end."""
    async with Reader(deployment.bootstrap, "test") as reader:
        reader.assign({log: 1_000})
        found = (await reader.read(2_000)).get(log, [])
    return bool(found) and found[0].offset > TIMES_WRITTEN // 2
