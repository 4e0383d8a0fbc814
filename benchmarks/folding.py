"""How fast the metrics sink folds outcomes into PostgreSQL, beside a bare COPY of the same rows into the same table.

The sink is the process as it is shipped; outcomes wait for it in a real Kafka. The COPY is asyncpg's, of rows that lie
in memory ready-made, all in one transaction: nothing is read, checked or counted.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import msgspec

from benchmarks import job
from benchmarks.cluster import Cluster
from benchmarks.processes import free_port, own_python, running
from benchmarks.rates import Progress, Rate, Spread, rate
from benchmarks.table import Goal, Row
from schemas import topics
from schemas.codec import encode
from schemas.offers import MomentKind, Verb
from schemas.outcomes import Change, OfferJudged, Outcome
from services.kit.db.migrations import migrate
from services.kit.kafka.admin import create_topics
from services.kit.kafka.partitioning import partition_of
from services.local_stack.stack import LocalStack, Wanted
from services.metrics_sink.domain.rows import OutcomeRow, outcome_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIFE: Final = (Change.MADE, Change.PRESENTED, Change.CLICKED, Change.ACCEPTED)
ACCOUNTS: Final = 50_000
BEGIN: Final = datetime(2026, 3, 1, tzinfo=UTC)
PREFIX: Final = "fold"
POLL_S: Final = 0.1
LIMIT_S: Final = 180.0
WANTED: Final = 20.0
"""Thousands of outcomes a second."""


def outcomes(count: int) -> Iterator[OfferJudged]:
    """Lives of offers, each of four changes, as the engine tells them."""
    for number in range(count):
        offer, change = divmod(number, len(LIFE))
        at = BEGIN + timedelta(seconds=offer)
        data = Outcome(
            offer_id=f"04591f1e-ccec-511b-9740-{offer:012}",
            sequence=change + 1,
            change=LIFE[change],
            at=at + timedelta(seconds=change),
            offer="more_storage",
            playbook="storage",
            family="capacity",
            verb=Verb.UPGRADE_TO,
            target="plus",
            moment="storage_full",
            moment_kind=MomentKind.LIMIT,
            step=Decimal(90),
            plan="free",
            term="month",
            segments=("small_team",),
            levels={"engagement": "high"},
            price_difference=Decimal(10),
            currency="USD",
            version=41,
            made_at=at,
            decision_id=f"9f3fc386-db71-55bb-8fc3-{offer:012}",
        )
        yield OfferJudged(
            id=f"b42a5e58-6b6e-514d-{number:017}",
            source="rung/trigger_engine",
            subject=f"account-{offer % ACCOUNTS}",
            time=at,
            data=data,
        )


async def rows(home: Path, rounds: int, count: int) -> list[Row]:
    """The rows of the table."""
    wanted = Wanted(name="benchmarks-folding", tie_to_parent=True)
    with LocalStack.running(wanted, keep_data=False) as stack:
        await create_topics(stack.kafka_bootstrap, PREFIX, partitions=job.PARTITIONS)
        await Cluster(stack.kafka_bootstrap).load(topics.OUTCOMES.under(PREFIX), _messages(count))
        pairs = []
        for number in range(rounds):
            copied = await _copied(stack.database_url, f"copied{number}", count)
            pairs.append((copied, await _folded(stack, home, f"folded{number}", count)))
    by_time = Spread(tuple(copied for copied, _ in pairs)), Spread(tuple(own.per_second for _, own in pairs))
    by_cpu = Spread(tuple(own.per_cpu_second or 0.0 for _, own in pairs))
    ratio = Spread(tuple(own.per_second / copied for copied, own in pairs))
    reference, ours = (one.told(1, 1_000.0, "k outcomes/s") for one in by_time)
    told = f"{ours}, {by_cpu.told(1, 1_000.0, 'k/CPU s')}"
    name = f"{count:,} outcomes folded by the metrics sink; asyncpg COPY"
    return [Row(name, ratio, told, reference, Goal.AT_LEAST, WANTED, by_time[1].median / 1_000.0, "k/s")]


def _messages(count: int) -> Iterator[job.Message]:
    for event in outcomes(count):
        partition = partition_of(event.subject, job.PARTITIONS)
        yield job.Message(partition, event.subject.encode(), encode(event)[0])


async def _copied(url: str, schema: str, count: int) -> float:
    """Outcomes a second."""
    await migrate(url, schema)
    ready = [_values(outcome_row(event)) for event in outcomes(count)]
    connection = await asyncpg.connect(url)
    try:
        began = time.perf_counter()
        columns = OutcomeRow.__dataclass_fields__
        await connection.copy_records_to_table("outcomes", schema_name=schema, columns=columns, records=ready)
        return count / (time.perf_counter() - began)
    finally:
        await connection.execute(f'drop schema "{schema}" cascade')
        await connection.close()


def _values(row: OutcomeRow) -> tuple[Any, ...]:
    values = vars(row) | {name: msgspec.json.encode(getattr(row, name)).decode() for name in ("levels", "report")}
    return tuple(values.values())


async def _folded(stack: LocalStack, home: Path, schema: str, count: int) -> Rate:
    """From the log into the tables of a schema of its own, which is empty."""
    await migrate(stack.database_url, schema)
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap,
        "RUNG_TOPIC_PREFIX": PREFIX,
        "DATABASE_URL": stack.database_url,
        "RUNG_DATABASE_SCHEMA": schema,
        "RUNG_SINK_HTTP_PORT": str(free_port()),
    }
    reached = f'select coalesce(sum(next_offset), 0) from "{schema}".outcome_positions'  # noqa: S608 - our own name
    connection = await asyncpg.connect(stack.database_url)
    try:
        async with running([own_python(), "-m", "services.metrics_sink"], home / f"{schema}.log", environment) as child:
            found, deadline = [Progress(time.monotonic(), 0)], time.monotonic() + LIMIT_S
            while found[-1].count < count:
                if child.process.returncode is not None or time.monotonic() > deadline:
                    raise child.fault()
                done = await connection.fetchval(reached)
                found.append(Progress(time.monotonic(), int(done)))
                await asyncio.sleep(POLL_S)
            return rate(found, child.cpu)
    finally:
        await connection.execute(f'drop schema "{schema}" cascade')
        await connection.close()
