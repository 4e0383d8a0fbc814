"""A producer whose broker goes away while it has something to send."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil
import pytest
from aiokafka import AIOKafkaProducer

from schemas.topics import OUTCOMES
from services.kit.kafka.admin import create_topics
from services.kit.kafka.stopping import stopped
from services.kit.tasks import cancel
from tests.kit.brokers import away
from tests.kit.waiting import until

if TYPE_CHECKING:
    from services.local_stack.stack import LocalStack

IN_TIME_S = 0.5


@pytest.fixture
async def topic(broker: LocalStack, topic_prefix: str) -> str:
    await create_topics(broker.kafka_bootstrap, topic_prefix, partitions=2, topics=(OUTCOMES,))
    return OUTCOMES.under(topic_prefix)


def connections(broker: LocalStack) -> int:
    """How many this process has to the broker."""
    port = int(broker.kafka_bootstrap.rsplit(":", 1)[1])
    return sum(bool(one.raddr) and one.raddr.port == port for one in psutil.Process().net_connections())


async def at_work(broker: LocalStack, topic: str, transactional: str | None) -> AIOKafkaProducer:
    """A producer that has sent a record, and knows who leads."""
    made = AIOKafkaProducer(
        bootstrap_servers=broker.kafka_bootstrap, enable_idempotence=True, transactional_id=transactional
    )
    await made.start()
    if transactional:
        await made.begin_transaction()
    await made.send_and_wait(topic, b"before", partition=0)
    return made


@pytest.mark.parametrize("transactional", [None, "somebody"])
async def test_a_producer_that_can_send_no_more_is_given_up_with_its_tasks_and_connections(
    broker: LocalStack, topic: str, transactional: str | None
) -> None:
    before = asyncio.all_tasks()
    producer = await at_work(broker, topic, transactional)
    async with away(broker, broker.kill):
        sending = asyncio.create_task(producer.send_and_wait(topic, b"in vain", partition=1))
        await asyncio.sleep(IN_TIME_S)
        with pytest.raises(TimeoutError):
            await stopped(producer, IN_TIME_S)
        assert sending.done()
        await cancel(sending)
    await until("its tasks are over", lambda: asyncio.all_tasks() == before)
    assert connections(broker) == 0


async def test_a_producer_sends_what_it_has_before_it_stops(broker: LocalStack, topic: str) -> None:
    producer = await at_work(broker, topic, None)
    sent = await producer.send(topic, b"last", partition=0)
    await stopped(producer, 10 * IN_TIME_S)
    assert sent.result().topic == topic
    assert connections(broker) == 0
