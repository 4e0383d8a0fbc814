"""Others who touch what is the engine's: a transaction left open on its state, offsets of its group moved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas import topics
from services.kit.kafka.partitioning import partition_of
from tests.faults.ending import assert_all_is_well
from tests.faults.traffic import Traffic
from tests.kit.waiting import until

if TYPE_CHECKING:
    from tests.faults.place import Place
    from tests.flow.deployment import Engine

OPEN_MS = 8_000
"""Time-out of the foreign transaction: the broker ends it then. Longer than a start of an engine takes."""

ANSWERS_S = 30


def account_of(partition: int, partitions: int) -> str:
    """An account that lives there."""
    return next(name for name in map(str, range(100)) if partition_of(name, partitions) == partition)


async def in_doubt(engine: Engine) -> bool:
    """Whether a task of ``engine`` has begun anew."""
    return await engine.metric("rung_engine_task_endings_total", ending="doubt") >= 1


async def test_a_foreign_transaction_left_open_on_the_state_holds_up_its_partition_and_no_other(place: Place) -> None:
    await place.engine()
    async with Traffic(place, flowing=False) as traffic:
        await traffic.some(20)
    await assert_all_is_well(place, traffic)
    await place.engines[0].kill()
    foreign = AIOKafkaProducer(
        bootstrap_servers=place.bootstrap,
        transactional_id=f"{place.prefix}-foreign",
        transaction_timeout_ms=OPEN_MS,
    )
    await foreign.start()
    try:
        await foreign.begin_transaction()
        state = topics.ENGINE_STATE.under(place.prefix)
        await foreign.send_and_wait(state, b"never committed", key=b"foreign", partition=0)
        engine = await place.engine(wait=False)
        held_up, free = account_of(0, place.partitions), account_of(1, place.partitions)
        await place.send(place.event(held_up, "report.exported"), place.event(free, "report.exported"))
        await place.until_events(topics.OFFERS, 1, free)
        assert await place.events(topics.OFFERS, held_up) == []
        assert await in_doubt(engine)
        assert not await engine.ready()
        await until("the transaction timed out and the restore went on", engine.ready, 40)
        await place.until_events(topics.OFFERS, 1, held_up)
    finally:
        await foreign.stop()
    await assert_all_is_well(place, traffic)


async def test_offsets_of_the_group_that_somebody_moved_or_deleted_change_nothing(place: Place) -> None:
    async with Traffic(place, flowing=False) as traffic:
        for meddle in (to_the_start, far_beyond, delete):
            await place.engine()
            await traffic.some(20)
            await assert_all_is_well_when_flushed(place, traffic)
            assert await place.engines[-1].stop() == 0
            await meddle(place)
        await place.engine()
        await traffic.some(20)
        await assert_all_is_well_when_flushed(place, traffic)


async def assert_all_is_well_when_flushed(place: Place, traffic: Traffic) -> None:
    """All is well, also with what was just sent."""
    await traffic.flush()
    await assert_all_is_well(place, traffic)


async def to_the_start(place: Place) -> None:
    """As if nothing had been read."""
    await move_group(place, 0)


async def far_beyond(place: Place) -> None:
    """As if all had been read, and more."""
    await move_group(place, 10**6)


async def delete(place: Place) -> None:
    """Delete the group with its offsets. The engine's client library can not do that."""
    group = f"{place.prefix}-trigger_engine"
    admin = AdminClient({"bootstrap.servers": place.bootstrap})
    deleted = admin.delete_consumer_groups([group])[group]
    await asyncio.to_thread(deleted.result, ANSWERS_S)


async def move_group(place: Place, offset: int) -> None:
    """Commit ``offset`` for all partitions in the engine's name, and see that it stuck."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=place.bootstrap, group_id=f"{place.prefix}-trigger_engine", enable_auto_commit=False
    )
    await consumer.start()
    try:
        usage = topics.USAGE.under(place.prefix)
        moved = {TopicPartition(usage, partition): offset for partition in range(place.partitions)}
        consumer.assign(list(moved))
        await consumer.commit(moved)
        assert {tp: await consumer.committed(tp) for tp in moved} == moved
    finally:
        await consumer.stop()
