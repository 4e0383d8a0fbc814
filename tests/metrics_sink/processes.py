"""Real processes of the sink, and records that flow to them."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from aiokafka.admin import AIOKafkaAdminClient

from schemas import topics
from schemas.decisions import Reason
from schemas.outcomes import Change
from services.local_stack.launch import tied
from tests.kit.ports import free_port
from tests.kit.producing import producing, send_all
from tests.kit.waiting import until
from tests.metrics_sink.events import decided, fact, life, value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.metrics_sink.place import Place

OFFERS = 15
"""Offers of one round, with three outcomes each; the round's account then buys something for `PAID` a month."""

PAID = Decimal("0.10")
RUNNING = '"event": "running"'


def environment(place: Place, port: int | None = None) -> dict[str, str]:
    return {**os.environ, **place.environment(port or free_port())}  # noqa: TID251 - what a process of ours is born with


@contextmanager
def process(
    place: Place, log: Path, port: int | None = None, program: str = "services.metrics_sink"
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as told:
        started = subprocess.Popen(  # noqa: S603 - a program of ours
            tied([sys.executable, "-m", program], signal.SIGKILL),
            env=environment(place, port),
            stderr=told,
        )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait(timeout=20)


async def flow(place: Place, enough: asyncio.Event, pause_s: float = 0.05) -> int:
    """Rounds of outcomes and decisions in transactions, each third aborted; returns how many rounds were committed."""
    committed = 0
    async with producing(place.bootstrap, f"{place.prefix}-t") as producer:
        for number in itertools.count():
            if enough.is_set():
                break
            await producer.begin_transaction()
            account = f"account-{number}"
            offers = [
                event
                for offer in range(OFFERS)
                for event in life(
                    f"o-{number}-{offer}", Change.MADE, Change.PRESENTED, Change.ACCEPTED, account=account
                )
            ]
            bought = fact(f"f-{number}", account, "rung.product_bought", pays=str(PAID), product="photos")
            partition = number % 2
            await send_all(
                producer, topics.OUTCOMES.under(place.prefix), partition, [*map(value, offers), value(bought)]
            )
            decision = value(decided(f"d-{number}", Reason.CAPPED, account))
            await send_all(producer, topics.DECISIONS.under(place.prefix), partition, [decision])
            if number % 3 == 2:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
                committed += 1
            await asyncio.sleep(pause_s)
    return committed


async def all_folded(place: Place) -> None:
    """Wait until both positions are at the ends of their logs."""
    ends = await place.ends(topics.OUTCOMES), await place.ends(topics.DECISIONS)

    async def at_the_end() -> bool:
        found = await place.positions("outcome_positions"), await place.positions("decision_positions")
        return found == ends

    await until("all is folded", at_the_end, timeout_s=60)


async def told_to_kafka(place: Place) -> dict[int, int]:
    """The offsets of ``rung.outcomes`` that the sinks' group last committed to Kafka."""
    admin = AIOKafkaAdminClient(bootstrap_servers=place.bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(f"{place.prefix}-metrics_sink-{topics.OUTCOMES.name}")
    finally:
        await admin.close()
    return {partition.partition: told.offset for partition, told in found.items()}


async def totals_are_exact(place: Place, committed: int, context: str) -> None:
    """Each round that was committed counts once, to the cent, and no other."""
    totals = "select made, presented, accepted from offer_funnel"
    assert await place.rows(totals) == [(committed * OFFERS,) * 3], context
    assert await place.count("outcomes") == committed * OFFERS * 3, context
    assert await place.count("facts") == committed, context
    assert await place.count("decisions") == committed, context
    credited = "select conversions, increase from credited_months where offer is not null"
    assert await place.rows(credited) == [(committed, committed * PAID)], context
