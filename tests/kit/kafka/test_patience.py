"""On a real broker that goes away, and may come back, or that does not know what it is asked about."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import DECISIONS, OUTCOMES
from services.kit.kafka.admin import create_topics
from services.kit.kafka.group import LEAVE_S, Group
from services.kit.kafka.reader import Log, Reader
from services.kit.kafka.sender import Sender
from services.kit.tasks import cancel
from tests.kit.brokers import away
from tests.kit.producing import producing
from tests.kit.waiting import until

if TYPE_CHECKING:
    from services.local_stack.stack import LocalStack

WATCHED_S = 3.0
MOST = 60
"""Failed tries to connect in `WATCHED_S`. There are at most some 20; without patience 100, 300, or 15 000."""

CLOSED_S = 0.3
"""Less than a client waits by then."""

BACK_S = 2.0
"""From a broker that is ready to a record of it."""


@pytest.fixture
async def log(broker: LocalStack, topic_prefix: str) -> Log:
    await create_topics(broker.kafka_bootstrap, topic_prefix, partitions=2, topics=(OUTCOMES, DECISIONS))
    return Log(OUTCOMES.under(topic_prefix), 0)


class Tries:
    """Failed ones to connect, as the client's log tells of them."""

    def __init__(self, said: pytest.LogCaptureFixture) -> None:
        self._said = said

    @property
    def made(self) -> int:
        """How many since they were last forgotten."""
        return sum(message.startswith("Unable connect to node") for message in self._said.messages)

    async def watched(self) -> int:
        """How many there are in `WATCHED_S`."""
        self._said.clear()
        await asyncio.sleep(WATCHED_S)
        return self.made

    async def going_on(self) -> None:
        """Return once clients wait as long as they ever do."""
        await until("clients have tried for a while", lambda: self.made >= 10)


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    """All that the client says is heard, whatever was told to be left unsaid before."""
    caplog.set_level(logging.INFO, logger="aiokafka")


@pytest.fixture
def tries(caplog: pytest.LogCaptureFixture) -> Tries:
    return Tries(caplog)


async def joined(group: Group) -> None:
    """Have ``group`` read all that it is given."""
    await group.start()
    await until("it has joined", lambda: group.joined)
    for partition in tuple(group.waiting):
        group.place(partition, 0)
    await group.poll(100, 1)


async def test_a_reader_tries_a_few_times_a_second(broker: LocalStack, log: Log, tries: Tries) -> None:
    async with Reader(broker.kafka_bootstrap, "test") as reader:
        reader.assign({log: 0})
        await reader.read(100)
        async with away(broker, broker.kill):
            assert 0 < await tries.watched() <= MOST


async def test_a_reader_that_never_heard_who_leads_tries_a_few_times_a_second(
    broker: LocalStack, log: Log, topic_prefix: str, tries: Tries
) -> None:
    async with Reader(broker.kafka_bootstrap, "test") as reader:
        reader.assign({log: 0})
        await reader.read(100)
        async with away(broker, broker.kill):
            reader.assign({Log(DECISIONS.under(topic_prefix), 0): 0})
            assert 0 < await tries.watched() <= MOST


async def test_a_member_of_a_group_tries_a_few_times_a_second(broker: LocalStack, log: Log, tries: Tries) -> None:
    group = Group(broker.kafka_bootstrap, f"{log.topic}-group", log.topic, "test")
    await joined(group)
    async with away(broker, broker.kill):
        assert 0 < await tries.watched() <= MOST
    await group.leave({})


async def test_a_sender_whose_broker_was_shut_down_meanwhile_tries_a_few_times_a_second(
    broker: LocalStack, log: Log, topic_prefix: str, tries: Tries
) -> None:
    assert log.topic == OUTCOMES.under(topic_prefix)

    async def send_on() -> None:
        while True:
            with suppress(KafkaError):
                await sender.send_raw(OUTCOMES, "somebody", b"something")
            await asyncio.sleep(0.01)  # here it can be cancelled: a client that has given up raises at once

    async with Sender(broker.kafka_bootstrap, topic_prefix, "test") as sender:
        sending = asyncio.create_task(send_on())
        try:
            async with away(broker, broker.stop):
                assert 0 < await tries.watched() <= MOST
        finally:
            await cancel(sending)


async def test_a_reader_of_a_topic_that_is_not_there_asks_for_it_a_few_times_a_second(
    broker: LocalStack, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    missing = Log(OUTCOMES.under(topic_prefix), 0)
    async with Reader(broker.kafka_bootstrap, "test") as reader:
        reader.assign({missing: 0})
        caplog.clear()
        await asyncio.sleep(WATCHED_S)
        asked = sum(f"Topic {missing.topic} " in message for message in caplog.messages)
        assert 0 < asked <= MOST
        await create_topics(broker.kafka_bootstrap, topic_prefix, partitions=1, topics=(OUTCOMES,))
        began = time.monotonic()
        async with producing(broker.kafka_bootstrap) as producer:
            await producer.send_and_wait(missing.topic, b"news", partition=0)
        read = await reader.read(30_000)
    assert [record.value for record in read[missing]] == [b"news"]
    assert time.monotonic() - began < BACK_S


async def test_a_broker_that_is_back_is_read_on_from_at_once(broker: LocalStack, log: Log, tries: Tries) -> None:
    async with Reader(broker.kafka_bootstrap, "test") as reader:
        reader.assign({log: 0})
        await reader.read(100)
        async with away(broker, broker.kill):
            await tries.going_on()
        began = time.monotonic()
        async with producing(broker.kafka_bootstrap) as producer:
            await producer.send_and_wait(log.topic, b"news", partition=0)
        read = await reader.read(30_000)
        took = time.monotonic() - began
    assert [record.value for record in read[log]] == [b"news"]
    assert took < BACK_S


async def test_a_reader_is_closed_at_once_without_a_broker(broker: LocalStack, log: Log, tries: Tries) -> None:
    before = asyncio.all_tasks()
    reader = await Reader(broker.kafka_bootstrap, "test").__aenter__()
    reader.assign({log: 0})
    await reader.read(100)
    async with away(broker, broker.kill):
        await tries.going_on()
        began = time.monotonic()
        await reader.__aexit__(None, None, None)
        assert time.monotonic() - began < CLOSED_S
        assert asyncio.all_tasks() == before


async def test_a_consumer_that_waits_to_fetch_again_is_closed_at_once(
    broker: LocalStack, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    before = asyncio.all_tasks()
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.kafka_bootstrap, retry_backoff_ms=60_000)
    await consumer.start()
    consumer.assign([TopicPartition(*log)])
    consumer.seek(TopicPartition(*log), 0)
    await consumer.getmany(timeout_ms=100)
    async with away(broker, broker.kill):
        await until("a fetch has failed", lambda: any(said.startswith("Failed fetch") for said in caplog.messages))
        await asyncio.sleep(2 * CLOSED_S)
        began = time.monotonic()
        await consumer.stop()
        assert time.monotonic() - began < CLOSED_S
        assert asyncio.all_tasks() == before


async def test_a_group_is_left_in_time_without_a_broker(broker: LocalStack, log: Log, tries: Tries) -> None:
    before = asyncio.all_tasks()
    group = Group(broker.kafka_bootstrap, f"{log.topic}-group", log.topic, "test")
    await joined(group)
    async with away(broker, broker.kill):
        await tries.going_on()
        began = time.monotonic()
        await group.leave({})
        assert time.monotonic() - began < LEAVE_S
        assert asyncio.all_tasks() == before
