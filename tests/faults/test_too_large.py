"""What the broker will never take, in the midst of what it takes."""

from __future__ import annotations

import base64
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaProducer

from schemas import dead_letters, topics
from services.kit.kafka.partitioning import partition_of
from tests.faults.ending import assert_all_is_well
from tests.faults.traffic import Traffic
from tests.kit.waiting import until

if TYPE_CHECKING:
    from services.kit.kafka.reader import Record
    from tests.faults.place import Place

NOISE = random.Random(7)  # noqa: S311 - bytes that do not compress
ROOM = 100
"""Bytes by which two offers of ordinary accounts may differ after compression."""


def noise(length: int) -> str:
    """Characters that compress to three quarters at best."""
    return base64.b64encode(NOISE.randbytes(length))[:length].decode()


def reason(record: Record) -> str:
    """Why it is a dead letter."""
    return dict(record.headers)[dead_letters.REASON].decode()


async def size_of(record: Record) -> int:
    """Bytes of ``record`` as a batch of its own."""
    producer = AIOKafkaProducer(compression_type="zstd", transactional_id="none")
    batch = producer.create_batch()
    batch.append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
    size = len(batch._build())
    await producer.stop()
    return size


async def test_an_offer_that_the_broker_does_not_take_sets_its_cause_aside_and_nothing_else(place: Place) -> None:
    engine = await place.engine()
    await place.send(place.event("one", "report.exported"))
    await place.until_events(topics.OFFERS, 1)
    (ordinary,) = await place.read(topics.OFFERS)
    await place.set_largest(topics.OFFERS, await size_of(ordinary) + ROOM)
    causes: list[dict[str, Any]] = []
    async with Traffic(place, flowing=False) as traffic:
        for _ in range(2):
            await traffic.some(6)
            account = noise(240)
            causes.append(place.event(account, "report.exported"))
            await place.send(causes[-1], place.event(account, "file.stored", properties={"size_gb": 0.1}))
            await traffic.some(6)
    await assert_all_is_well(place, traffic)
    letters = await place.read(topics.DEAD_LETTERS)
    assert sorted(record.key or b"" for record in letters) == sorted(cause["subject"].encode() for cause in causes)
    assert {reason(record) for record in letters} == {"too_large"}
    assert await engine.metric("rung_engine_dead_letters_total", reason="too_large") == len(causes)


@pytest.mark.parametrize(("largest", "kept"), [(1_000_000, 64 * 1024), (20_000, 0)])
async def test_a_poison_that_is_too_large_for_the_dead_letters_leaves_its_beginning_or_a_mark(
    place: Place, largest: int, kept: int
) -> None:
    await place.engine()
    await place.set_largest(topics.DEAD_LETTERS, largest)
    await place.send_raw([("acme", noise(1_500_000).encode())])
    await until("it is set aside", lambda: has_letters(place, 1))
    (letter,) = await place.read(topics.DEAD_LETTERS)
    assert (reason(letter), len(letter.value or b"")) == ("too_large", kept)
    # and then many records go into one transaction again
    before = len(await place.read(topics.ENGINE_JOURNAL))
    await place.send(*(place.event("acme", "file.stored", properties={"size_gb": 0}) for _ in range(200)))
    await assert_all_is_well(place)
    assert len(await place.read(topics.ENGINE_JOURNAL)) - before < 50


async def test_headers_that_are_too_large_for_the_dead_letters_go_and_a_mark_stays(place: Place) -> None:
    await place.engine()
    await place.set_largest(topics.DEAD_LETTERS, 20_000)
    async with AIOKafkaProducer(bootstrap_servers=place.bootstrap, max_request_size=4_000_000) as producer:
        headers = [("trace", noise(1_500_000).encode())]
        name = topics.USAGE.under(place.prefix)
        await producer.send_and_wait(name, b"not an event", key=b"acme" * 100, partition=0, headers=headers)
    await until("it is set aside", lambda: has_letters(place, 1))
    (letter,) = await place.read(topics.DEAD_LETTERS)
    assert (reason(letter), letter.value, letter.key) == ("too_large", b"", b"acme" * 64)
    assert "trace" not in dict(letter.headers)
    await assert_all_is_well(place)


async def has_letters(place: Place, count: int) -> bool:
    """Whether there are so many dead letters."""
    return len(await place.read(topics.DEAD_LETTERS)) >= count


async def test_poison_in_the_midst_of_traffic_is_set_aside_once_and_the_neighbours_go_on(place: Place) -> None:
    engine = await place.engine()
    elsewhere = next(name for name in ("a", "b", "c", "d", "e") if partition_of(name, place.partitions) == 1)
    async with Traffic(place) as traffic, AIOKafkaProducer(bootstrap_servers=place.bootstrap) as producer:
        for _ in range(5):
            event = place.event(elsewhere, "report.exported")
            for key, value in (
                (b"acc-0", b"\xff\xfe"),
                (b"acc-0", b'{"specversion": "1.0"'),
                (b"acc-0", None),
                (elsewhere.encode(), place.encoded(event)),
                (b"acc-0", place.encoded(place.event("acc-1", "report.exported"))),
            ):
                await producer.send_and_wait(topics.USAGE.under(place.prefix), value, key=key, partition=0)
        await until("the poison is set aside", lambda: has_letters(place, 25))
        await engine.kill()
        await place.engine()
    await assert_all_is_well(place, traffic)
    letters = await place.read(topics.DEAD_LETTERS)
    assert Counter(reason(record) for record in letters) == {"unreadable": 15, "wrong_partition": 10}
    origins = Counter(dict(record.headers)[dead_letters.OFFSET] for record in letters)
    assert set(origins.values()) == {1}
