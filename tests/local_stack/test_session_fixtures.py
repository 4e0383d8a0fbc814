from __future__ import annotations

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


@pytest.mark.kafka
async def test_what_was_sent_is_read_by_a_group(kafka_bootstrap: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}.things"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
        await producer.send_and_wait(topic, b"one")
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka_bootstrap, group_id=topic_prefix, auto_offset_reset="earliest"
    )
    async with consumer:
        assert (await consumer.getone()).value == b"one"


@pytest.mark.kafka
async def test_a_topic_that_nobody_created_does_not_come_into_being(kafka_bootstrap: str, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    [described] = await admin.describe_topics([f"{topic_prefix}.typo"])
    await admin.close()
    assert described["error_code"] == 3  # UNKNOWN_TOPIC_OR_PARTITION


@pytest.mark.postgres
@pytest.mark.parametrize("turn", [1, 2])
async def test_a_fresh_database_is_empty_whatever_another_test_wrote(fresh_database_url: str, turn: int) -> None:
    connection = await asyncpg.connect(fresh_database_url)
    await connection.execute("create table things (turn int)")
    await connection.execute("insert into things values ($1)", turn)
    assert await connection.fetchval("select array_agg(turn) from things") == [turn]
    await connection.close()


@pytest.mark.postgres
def test_a_fresh_database_is_there_for_a_synchronous_test_too(fresh_database_url: str) -> None:
    assert fresh_database_url.startswith("postgresql://")
