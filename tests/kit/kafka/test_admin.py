"""On a real broker."""

from __future__ import annotations

import asyncio

import pytest

from schemas.topics import DECISIONS, ENGINE_STATE, FLOW, OUTCOMES, PLAYBOOKS
from services.kit.kafka.admin import TopicRefused, check_topics, create_topics
from services.kit.kafka.faults import KafkaUnreachable, TopicsMissing
from services.kit.kafka.reader import Log, Reader
from tests.kit.giving_up import given_up_midway
from tests.kit.producing import producing, send_all

NOWHERE = "127.0.0.1:1"


async def test_all_topics_of_the_flow_are_made_once(kafka_bootstrap: str, topic_prefix: str) -> None:
    made = await create_topics(kafka_bootstrap, topic_prefix, partitions=2)
    assert made == [topic.under(topic_prefix) for topic in FLOW]
    assert await create_topics(kafka_bootstrap, topic_prefix, partitions=2) == []
    await check_topics(kafka_bootstrap, topic_prefix, FLOW)


async def test_only_topics_keyed_by_account_have_many_partitions(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=3, topics=(PLAYBOOKS, OUTCOMES))
    async with Reader(kafka_bootstrap, "test") as reader:
        assert await reader.partitions(PLAYBOOKS.under(topic_prefix)) == 1
        assert await reader.partitions(OUTCOMES.under(topic_prefix)) == 3


async def test_a_second_run_adds_what_is_missing_and_leaves_the_rest(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=2, topics=(OUTCOMES,))
    made = await create_topics(kafka_bootstrap, topic_prefix, partitions=5, topics=(OUTCOMES, DECISIONS))
    assert made == [DECISIONS.under(topic_prefix)]
    async with Reader(kafka_bootstrap, "test") as reader:
        assert await reader.partitions(OUTCOMES.under(topic_prefix)) == 2


async def test_two_at_once_are_one(kafka_bootstrap: str, topic_prefix: str) -> None:
    await asyncio.gather(*(create_topics(kafka_bootstrap, topic_prefix, partitions=1) for _ in range(3)))
    await check_topics(kafka_bootstrap, topic_prefix, FLOW)


async def test_a_record_of_four_mebibytes_fits_a_topic(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=1, topics=(ENGINE_STATE,))
    name = ENGINE_STATE.under(topic_prefix)
    async with producing(kafka_bootstrap) as producer, Reader(kafka_bootstrap, "test") as reader:
        producer._max_request_size = 8 * 1024 * 1024
        await producer.send_and_wait(name, b"x" * (4 * 1024 * 1024 - 1_024), key=b"k", partition=0)
        assert await reader.ends([Log(name, 0)]) == {Log(name, 0): 1}


async def test_missing_topics_are_named_with_what_to_run(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=1, topics=(OUTCOMES,))
    with pytest.raises(TopicsMissing, match=rf"no topic {topic_prefix}.decisions: run `rung topics`"):
        await check_topics(kafka_bootstrap, topic_prefix, (OUTCOMES, DECISIONS))


async def test_what_the_broker_refuses_is_told_in_its_words(kafka_bootstrap: str, topic_prefix: str) -> None:
    with pytest.raises(TopicRefused, match="eplication factor"):
        await create_topics(kafka_bootstrap, topic_prefix, replication=99, topics=(OUTCOMES,))


async def test_a_broker_that_does_not_answer_is_told() -> None:
    with pytest.raises(KafkaUnreachable, match=f"Kafka does not answer at {NOWHERE}"):
        await check_topics(NOWHERE, "rung", FLOW)
    with pytest.raises(KafkaUnreachable):
        await create_topics(NOWHERE, "rung")


async def test_sent_records_are_acknowledged(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=1, topics=(OUTCOMES,))
    async with producing(kafka_bootstrap) as producer:
        await send_all(producer, OUTCOMES.under(topic_prefix), 0, [b"1", b"2"])
    async with Reader(kafka_bootstrap, "test") as reader:
        log = Log(OUTCOMES.under(topic_prefix), 0)
        assert await reader.ends([log]) == {log: 2}


async def test_a_question_that_nobody_waits_for_any_more_leaves_nothing_open(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    await given_up_midway(kafka_bootstrap, lambda through: check_topics(through, topic_prefix, FLOW))
