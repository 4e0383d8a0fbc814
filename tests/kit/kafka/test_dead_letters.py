"""On a real broker."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaError

from schemas.dead_letters import DeadLetterReason
from schemas.topics import DEAD_LETTERS
from services.kit.kafka.admin import create_topics
from services.kit.kafka.dead_letters import MAX_DETAIL_BYTES, DeadLetterSender, dead_letter_id
from services.kit.kafka.faults import KafkaUnreachable
from services.kit.kafka.reader import Log, Reader, Record
from tests.kit.giving_up import given_up_midway

RECORD = Record("rung.outcomes", 1, 7, b"acme", b"\xff not json", (("h", b"1"),), 0)


async def test_the_whole_record_is_set_aside_with_why_and_where_it_lay(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=2, topics=(DEAD_LETTERS,))
    sender = DeadLetterSender(kafka_bootstrap, topic_prefix, "test")
    await sender.start()
    await sender.send(RECORD, DeadLetterReason.UNREADABLE, "not JSON: " + "☂" * 1_000)
    await sender.stop()
    log = Log(DEAD_LETTERS.under(topic_prefix), 1)
    async with Reader(kafka_bootstrap, "test") as reader:
        reader.assign({log: 0})
        (found,) = (await reader.read(5_000))[log]
    headers = dict(found.headers)
    detail = headers.pop("rung_detail")
    assert (found.key, found.value) == (RECORD.key, RECORD.value)
    assert headers == {
        "h": b"1",
        "rung_reason": b"unreadable",
        "rung_topic": b"rung.outcomes",
        "rung_partition": b"1",
        "rung_offset": b"7",
        "rung_dead_letter_id": dead_letter_id(RECORD).encode(),
    }
    assert detail.startswith(b"not JSON: ")
    assert len(detail) <= MAX_DETAIL_BYTES


def test_a_record_set_aside_twice_has_one_id_and_its_neighbour_another() -> None:
    assert dead_letter_id(RECORD) == dead_letter_id(RECORD._replace(value=b"seen again"))
    others = [RECORD._replace(offset=8), RECORD._replace(partition=0), RECORD._replace(topic="rung.offers")]
    assert len({dead_letter_id(record) for record in (RECORD, *others)}) == 4


async def test_what_the_broker_does_not_take_is_an_error(kafka_bootstrap: str, topic_prefix: str) -> None:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=1, topics=(DEAD_LETTERS,))
    sender = DeadLetterSender(kafka_bootstrap, topic_prefix, "test")
    await sender.start()
    with pytest.raises((KafkaError, AssertionError)):
        await sender.send(RECORD, DeadLetterReason.UNREADABLE, "its partition does not exist here")
    await sender.stop()


async def test_a_broker_that_does_not_answer_is_told_at_the_start() -> None:
    with pytest.raises(KafkaUnreachable):
        await DeadLetterSender("127.0.0.1:1", "rung", "test").start()


async def test_a_sender_that_nobody_waits_for_any_more_leaves_nothing_open(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    await given_up_midway(kafka_bootstrap, lambda through: DeadLetterSender(through, topic_prefix, "test").start())
