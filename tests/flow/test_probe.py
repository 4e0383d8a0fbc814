"""The probe beside the three services: it measures the whole flow, is in no number, and tells of a fault."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from oracle.verify import check
from schemas import topics
from schemas.probe import MARK
from services.cli.report import reported
from services.kit.settings import DatabaseSettings, KafkaSettings
from services.local_stack.launch import tied
from tests.flow.deployment import Deployment, free_port
from tests.flow.watching import watching
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from services.local_stack.stack import LocalStack

PARTITIONS: Final = 12
ACCOUNTS: Final = tuple(f"customer-{number}" for number in range(6))
COUNTED: Final = ("rung_engine_decisions", "rung_engine_moments", "rung_engine_offer_changes", "rung_engine_withheld")
"""Counters of the engine that people read as figures of the business."""


@pytest.fixture
def deployment(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Deployment:
    return Deployment(kafka_bootstrap, topic_prefix, tmp_path, partitions=PARTITIONS)


@asynccontextmanager
async def probing(services: LocalStack, home: Path, **settings: str) -> AsyncIterator[int]:
    """A probe as a process of its own; the port of its listener."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251 - for a child
        "KAFKA_BOOTSTRAP_SERVERS": services.kafka_bootstrap,
        "RUNG_PROBE_API": f"http://127.0.0.1:{services.port('offer_api', 'RUNG_API_PORT')}",
        "RUNG_PROBE_KEY": str(services.private_key),
        "RUNG_PROBE_HTTP_PORT": str(port),
        "RUNG_PROBE_EVERY_S": "1",
        **settings,
    }
    with (home / "probe.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *tied([sys.executable, "-m", "services.probe"], signal.SIGKILL), env=environment, stdout=log, stderr=log
        )
        try:
            yield port
        finally:
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 20) == 0


async def samples(port: int) -> dict[str, float]:
    """What a listener shows: by name, and ``name{value}`` where there is a label."""
    async with httpx.AsyncClient() as http:
        try:
            text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
        except httpx.TransportError:
            return {}
    return {
        sample.name + (f"{{{','.join(sample.labels.values())}}}" if sample.labels else ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def passes(port: int, at_least: int) -> None:
    async def made() -> bool:
        return (await samples(port)).get("rung_probe_passes_total", 0) >= at_least

    await until(f"{at_least} passes were made", made, 120)


async def business(services: LocalStack, prefix: str) -> dict[str, Any]:
    """All that anybody reads as a figure of the business: every table and view, the report, the engine's counters."""
    connection = await asyncpg.connect(services.database_url)
    try:
        names = await connection.fetch(
            "select table_name as name from information_schema.tables where table_schema = 'rung' "
            "and table_name not like '%positions%'"
        )
        tables = {
            row["name"]: sorted(
                str(found)
                for found in await connection.fetch(f'select * from rung."{row["name"]}"')  # noqa: S608 - ours
            )
            for row in names
            if row["name"] not in ("offers", "erasures", "alembic_version", "account_erasures")
        }
    finally:
        await connection.close()
    kafka = KafkaSettings(bootstrap_servers=services.kafka_bootstrap, topic_prefix=prefix)
    found = await reported(kafka, DatabaseSettings(url=services.database_url))
    engine = await samples(services.port("trigger_engine", "RUNG_ENGINE_HTTP_PORT"))
    api = await samples(services.port("offer_api", "RUNG_API_HTTP_PORT"))
    counted = {name: value for name, value in engine.items() if name.startswith(COUNTED)}
    stages = {name: value for shown in (engine, api) for name, value in shown.items() if "stage_latency" in name}
    assert found is not None
    report = str(found).replace(repr(found.at), "")  # when it was asked for
    return {"tables": tables, "report": report, "counted": counted, "stages": stages}


async def rows_of_probe(url: str) -> dict[str, int]:
    """How much of the probe lies in the offer API's tables."""
    connection = await asyncpg.connect(url)
    try:
        offers = await connection.fetchval("select count(*) from rung.offers where account like $1", f"{MARK}%")
        return {"offers": offers, "erasures": await connection.fetchval("select count(*) from rung.erasures")}
    finally:
        await connection.close()


async def kept_by_engines(deployment: Deployment) -> int:
    """State slices of the probe's accounts, as a restore would find them; without markers, which are hashes."""
    newest = {record.key: record.value for record in await deployment.read(topics.ENGINE_STATE)}
    return sum(MARK.encode() in (key or b"") for key, value in newest.items() if value is not None)


def run_by_hand(services: LocalStack, prefix: str) -> list[dict[str, Any]]:
    """`rung probe`, as in a shell."""
    api = f"http://127.0.0.1:{services.port('offer_api', 'RUNG_API_PORT')}"
    where = {"KAFKA_BOOTSTRAP_SERVERS": services.kafka_bootstrap, "RUNG_TOPIC_PREFIX": prefix, "RUNG_API_URL": api}
    words = ["probe", "--passes", "2", "--json", "--key", str(services.private_key)]
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-m", "services.cli", *words],
        env={"PATH": os.environ["PATH"], **where},  # noqa: TID251 - for a child
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(300)
async def test_every_partition_is_measured_and_no_number_knows_of_it(
    services: LocalStack, deployment: Deployment, tmp_path: Path
) -> None:
    await deployment.send(
        *(deployment.event(account, "file.stored", properties={"size_gb": 1.7}) for account in ACCOUNTS)
    )
    await deployment.until_events(topics.DECISIONS, len(ACCOUNTS))

    async def folded() -> bool:
        counted = await samples(services.port("metrics_sink", "RUNG_SINK_HTTP_PORT"))
        names = ("rung_sink_decisions_total{offered}", "rung_sink_outcomes_total{made}")
        if [counted.get(name) for name in names] != [len(ACCOUNTS)] * 2:
            return False
        api = await samples(services.port("offer_api", "RUNG_API_HTTP_PORT"))
        names = ("rung_api_decisions_folded_total", "rung_stage_latency_seconds_count{stored}")
        return [api.get(name) for name in names] == [len(ACCOUNTS)] * 2

    await until("sink and API have them all", folded)
    before = await business(services, deployment.prefix)
    async with probing(services, tmp_path, RUNG_TOPIC_PREFIX=deployment.prefix) as port:
        await passes(port, 2 * PARTITIONS)
        seen = await samples(port)
    lines = (tmp_path / "probe.log").read_text().splitlines()
    assert sum(json.loads(line)["event"] == "passed" for line in lines) >= 2 * PARTITIONS
    assert [line for line in lines if "HTTP" in line or "eyJ" in line] == []  # neither each request nor a token
    assert {name: value for name, value in seen.items() if "failures" in name and value} == {}
    for door in ("fetchable", "pushed"):
        assert seen[f"rung_probe_{door}_seconds_count"] >= 2 * PARTITIONS
        assert 0 < seen[f"rung_probe_{door}_seconds_sum"] / seen[f"rung_probe_{door}_seconds_count"] < 5
    assert (seen["rung_probe_up"], seen["rung_probe_partitions"], seen["rung_probe_partitions_failing"]) == (1, 12, 0)
    made = [event for event in await deployment.events(topics.OFFERS) if event["type"] == "rung.offer_made"]
    assert len({event["subject"] for event in made if event["subject"].startswith(MARK)}) == PARTITIONS
    assert len({event["data"]["offer"]["offer_id"] for event in made}) == len(made)

    by_hand = await asyncio.to_thread(run_by_hand, services, deployment.prefix)
    assert [made["failed"] for made in by_hand] == [None, None]
    assert [made["partition"] for made in by_hand] == [0, 1]

    # an offer of a customer after the probe's, so that all logs are read at least as far
    await deployment.send(deployment.event("another", "file.stored", properties={"size_gb": 0.1}))
    after = await business(services, deployment.prefix)
    assert {name for name in before["tables"] if after["tables"][name] != before["tables"][name]} == set()
    assert after == before

    assert await asyncio.to_thread(check, deployment.bootstrap, deployment.prefix) == []
    bounded = await rows_of_probe(services.database_url)
    accounts = PARTITIONS + len(by_hand)
    assert bounded["offers"] <= accounts
    assert bounded["erasures"] <= accounts
    assert await kept_by_engines(deployment) <= 2 * accounts  # the account, and the one user of its last pass


@pytest.mark.follows("ProbeFailing", "ProbePartitionFailing")
@pytest.mark.timeout(300)
async def test_an_engine_that_was_killed_fails_the_probe_and_the_page_leads_to_it(
    services_and_probe: LocalStack, tmp_path: Path
) -> None:
    services = services_and_probe
    port = services.port("probe", "RUNG_PROBE_HTTP_PORT")
    await passes(port, 2)
    ports = {"probe": port, "trigger_engine": services.port("trigger_engine", "RUNG_ENGINE_HTTP_PORT")}
    async with watching(tmp_path, ports, patient=False) as prometheus:

        async def fires(*alerts: str) -> None:
            async def told() -> bool:
                return await prometheus.firing() == set(alerts)

            await until(f"these fire: {alerts}", told, 120)

        async def works() -> bool:
            return await prometheus.ask("rung_probe_up == 1 and on() sum(rung_engine_partitions) == 12") == [1]

        await until("Prometheus knows that all is well", works)
        await fires()
        await asyncio.to_thread(services.kill, "trigger_engine", stay_down=True)
        # the first pass that fails is one of a partition; when a minute has passed without any, it is all of them
        await fires("ServiceDown", "EngineIdle", "ProbePartitionFailing")
        await fires("ServiceDown", "EngineIdle", "ProbePartitionFailing", "ProbeFailing")
        # the page: by which part? Not Kafka, the API or its streams: what was produced is not fetchable
        by_reason = "sum by (reason) (increase(rung_probe_failures_total[5m])) > 0"
        assert len(await prometheus.ask(by_reason)) == 1
        assert (await samples(port))["rung_probe_failures_total{not_fetchable}"] >= 2
        # so the engine: it is down; when it is back the probe goes on by itself, partition by partition
        await asyncio.to_thread(services.start, "trigger_engine")
        await fires()
        assert (await samples(port))["rung_probe_up"] == 1
