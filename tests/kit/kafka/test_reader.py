"""On a real broker."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest
from aiokafka.errors import OffsetOutOfRangeError

from schemas.topics import OUTCOMES
from services.kit.kafka.admin import create_topics
from services.kit.kafka.reader import Log, Reader
from tests.kit.giving_up import BOOTSTRAP, given_up_midway
from tests.kit.producing import producing, send_all

if TYPE_CHECKING:
    from services.kit.kafka.reader import Record


@pytest.fixture
async def log(kafka_bootstrap: str, topic_prefix: str) -> Log:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=2, topics=(OUTCOMES,))
    return Log(OUTCOMES.under(topic_prefix), 0)


async def read(reader: Reader, log: Log, count: int) -> list[Record]:
    """Exactly the next ``count`` records."""
    records: list[Record] = []
    for _ in range(100):
        records += (await reader.read(200)).get(log, [])
        if len(records) >= count:
            break
    assert len(records) == count
    return records


async def test_records_are_read_from_the_position_given(kafka_bootstrap: str, log: Log) -> None:
    async with producing(kafka_bootstrap) as producer, Reader(kafka_bootstrap, "test") as reader:
        await send_all(producer, log.topic, log.partition, (str(n).encode() for n in range(10)))
        reader.assign({log: 7})
        assert [(r.offset, r.value) for r in await read(reader, log, 3)] == [(7, b"7"), (8, b"8"), (9, b"9")]
        assert reader.position(log) == 10
        reader.assign({log: 0})
        assert [r.offset for r in await read(reader, log, 10)] == list(range(10))


async def test_a_record_comes_with_all_that_its_producer_gave(kafka_bootstrap: str, log: Log) -> None:
    async with producing(kafka_bootstrap) as producer, Reader(kafka_bootstrap, "test") as reader:
        headers = [("a", b"1"), ("a", b"2")]
        await producer.send_and_wait(log.topic, b"v", key=b"k", partition=0, headers=headers, timestamp_ms=123_456)
        await producer.send_and_wait(log.topic, None, key=b"k", partition=0)
        reader.assign({log: 0})
        first, second = await read(reader, log, 2)
    assert (first.topic, first.partition, first.key, first.value) == (log.topic, 0, b"k", b"v")
    assert (first.headers, first.timestamp_ms) == ((("a", b"1"), ("a", b"2")), 123_456)
    assert (second.value, second.headers) == (None, ())


async def test_aborted_records_are_passed_over_and_the_position_tells(kafka_bootstrap: str, log: Log) -> None:
    async with producing(kafka_bootstrap, log.topic) as producer, Reader(kafka_bootstrap, "test") as reader:
        await producer.begin_transaction()
        await send_all(producer, log.topic, 0, [b"aborted"])
        await producer.abort_transaction()
        await producer.begin_transaction()
        await send_all(producer, log.topic, 0, [b"committed"])
        await producer.commit_transaction()
        reader.assign({log: 0})
        assert [r.value for r in await read(reader, log, 1)] == [b"committed"]
        await reader.read(200)
        assert reader.position(log) == 4
        assert await reader.ends([log]) == {log: 4}


async def test_the_end_is_before_an_open_transaction(kafka_bootstrap: str, log: Log) -> None:
    async with producing(kafka_bootstrap, log.topic) as producer, Reader(kafka_bootstrap, "test") as reader:
        await producer.begin_transaction()
        await send_all(producer, log.topic, 0, [b"open"])
        assert await reader.ends([log]) == {log: 0}
        await producer.commit_transaction()


async def test_a_position_that_the_log_does_not_have_is_never_skipped(kafka_bootstrap: str, log: Log) -> None:
    async with Reader(kafka_bootstrap, "test") as reader:
        reader.assign({log: 5})
        with pytest.raises(OffsetOutOfRangeError):
            await reader.read(5_000)


async def test_starts_and_partitions_are_told(kafka_bootstrap: str, log: Log) -> None:
    async with Reader(kafka_bootstrap, "test") as reader:
        assert await reader.starts([log, Log(log.topic, 1)]) == {log: 0, Log(log.topic, 1): 0}
        assert await reader.partitions(log.topic) == 2
        assert await reader.partitions(f"{log.topic}-nothing") == 0
        assert reader.position(log) is None


async def test_a_reader_that_nobody_waits_for_any_more_leaves_nothing_open(kafka_bootstrap: str) -> None:
    reader = Reader(kafka_bootstrap, "test")
    starting = asyncio.create_task(reader.__aenter__())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    del reader, starting
    gc.collect()  # what is not closed warns as it goes, and a warning fails this test


async def test_a_reader_that_is_given_up_while_it_asks_for_bounds_leaves_nothing_open(
    kafka_bootstrap: str, log: Log
) -> None:
    async def asking(through: str) -> None:
        async with Reader(through, "test") as reader:
            await reader.bounds(log)

    await given_up_midway(kafka_bootstrap, asking, 2 * BOOTSTRAP)  # what is written, it asks over another connection
