"""Whole stacks of real brokers. Each costs seconds, so a test asks several things of one."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.local_stack.parts import KAFKA, POSTGRES
from services.local_stack.plan import PartPhase
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from services.local_stack.settings import StackSettings


async def keep_one_thing_in_each(stack: LocalStack) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap) as producer:
        await producer.send_and_wait("kept", b"this")
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute("create table kept as select 'this' as what")
    await connection.close()


async def kept_in_kafka(stack: LocalStack) -> bytes | None:
    async with AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition("kept", 0)])
        value: bytes | None = (await consumer.getone()).value
        return value


async def kept_in_postgres(stack: LocalStack) -> object:
    connection = await asyncpg.connect(stack.database_url)
    try:
        return await connection.fetchval("select what from kept")
    finally:
        await connection.close()


@pytest.mark.kafka
@pytest.mark.postgres
async def test_what_was_kept_survives_sigkill_of_a_part_and_down_and_up_of_all(
    settings: StackSettings,
) -> None:
    wanted = Wanted(name="keeps", tie_to_parent=True)
    with LocalStack.running(wanted, settings=settings) as stack:
        await keep_one_thing_in_each(stack)
        bootstrap, url, before = stack.kafka_bootstrap, stack.database_url, stack.state()
        assert before is not None

        for part in (KAFKA, POSTGRES):
            stack.kill(part)
            state = stack.state()
            assert state is not None
            killed = state.part(part)
            assert killed is not None
            assert (killed.phase, killed.pid, killed.exits) == (PartPhase.DOWN, None, -9)
            stack.start(part)

        assert (stack.kafka_bootstrap, stack.database_url) == (bootstrap, url)
        assert await kept_in_kafka(stack) == b"this"
        assert await kept_in_postgres(stack) == "this"

    assert LocalStack("keeps", settings).state() is None
    with LocalStack.running(wanted, settings=settings, keep_data=False) as stack:
        assert await kept_in_kafka(stack) == b"this"
        assert await kept_in_postgres(stack) == "this"
    assert not stack.directory.exists()


@pytest.mark.kafka
@pytest.mark.postgres
async def test_a_second_stack_runs_beside_the_first(stack: LocalStack, settings: StackSettings) -> None:
    with LocalStack.running(Wanted(name="beside"), settings=settings, keep_data=False) as second:
        assert second.kafka_bootstrap != stack.kafka_bootstrap
        assert second.database_url != stack.database_url
        await keep_one_thing_in_each(second)

        connection = await asyncpg.connect(stack.database_url)
        assert await connection.fetchval("select to_regclass('kept')") is None
        await connection.close()


@pytest.mark.postgres
def test_up_of_a_running_stack_changes_nothing(settings: StackSettings) -> None:
    wanted = Wanted(name="twice", runs=(POSTGRES,))
    with LocalStack.running(wanted, settings=settings, keep_data=False) as stack:
        before = stack.state()
        assert stack.up(wanted) is False
        assert stack.state() == before


@pytest.mark.postgres
def test_up_of_a_stack_that_lacks_a_part_starts_it_anew_with_all(
    settings: StackSettings,
) -> None:
    with LocalStack.running(Wanted(name="more", runs=()), settings=settings, keep_data=False) as stack:
        assert stack.up(Wanted(name="more", runs=(POSTGRES,))) is True
        assert stack.database_url.startswith("postgresql://")


@pytest.mark.postgres
def test_the_lock_of_a_killed_supervisor_is_recognised_and_its_children_are_gone(
    settings: StackSettings,
) -> None:
    wanted = Wanted(name="stale", runs=(POSTGRES,))
    with LocalStack.running(wanted, settings=settings, keep_data=False) as stack:
        state = stack.state()
        assert state is not None
        server = state.part(POSTGRES)
        assert server is not None
        assert server.pid is not None
        postmaster = psutil.Process(server.pid)
        os.kill(state.pid, signal.SIGKILL)
        while stack.state() is not None:
            time.sleep(0.01)

        stack.up(wanted)

        assert not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE
        after = stack.state()
        assert after is not None
        assert after.pid != state.pid
