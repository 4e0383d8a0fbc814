"""Reading several logs at once, on a real broker."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from schemas.topics import RESPONSES, USAGE
from services.kit.kafka.admin import create_topics
from services.kit.kafka.reader import Log
from services.trigger_engine.adapters.logs import KafkaLogs, KafkaReading
from services.trigger_engine.ports import Away
from tests.kit.producing import producing, send_all

if TYPE_CHECKING:
    from services.trigger_engine.ports import Logs

LONG_MS = 10_000


@pytest.fixture
async def logs(kafka_bootstrap: str, topic_prefix: str) -> tuple[Log, Log]:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=1, topics=(USAGE, RESPONSES))
    return Log(USAGE.under(topic_prefix), 0), Log(RESPONSES.under(topic_prefix), 0)


async def values(reading: Logs, count: int) -> list[tuple[Log, bytes | None]]:
    """The next ``count`` records, as they come."""
    found: list[tuple[Log, bytes | None]] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            for log, raws in (await reading.read(LONG_MS)).items():
                found += [(log, raw.value) for raw in raws]
    return found


async def test_whichever_log_has_news_is_read_at_once(kafka_bootstrap: str, logs: tuple[Log, Log]) -> None:
    usage, responses = logs
    async with producing(kafka_bootstrap) as producer, KafkaLogs(kafka_bootstrap, "test")("both") as reading:
        reading.assign({usage: 0, responses: 0})
        for number in range(3):
            for log in (usage, responses, responses):
                coming = asyncio.create_task(values(reading, 1))
                await asyncio.sleep(0.05)  # it waits by now
                await send_all(producer, log.topic, 0, [b"%d" % number])
                assert await coming == [(log, b"%d" % number)]
        assert (reading.position(usage), reading.position(responses)) == (3, 6)


async def test_a_position_never_runs_ahead_of_what_was_handed_out(kafka_bootstrap: str, logs: tuple[Log, Log]) -> None:
    usage, responses = logs
    async with producing(kafka_bootstrap) as producer, KafkaLogs(kafka_bootstrap, "test")("both") as reading:
        reading.assign({usage: 0, responses: 0})
        await reading.read(0)
        handed = {usage: 0, responses: 0}
        for round_ in range(20):
            coming = asyncio.create_task(reading.read(LONG_MS, 1))
            await asyncio.sleep(0)
            await asyncio.gather(*(send_all(producer, log.topic, 0, [b"%d" % round_]) for log in logs))
            for log, raws in (await coming).items():
                handed[log] += len(raws)
            await asyncio.sleep(0.02)  # whatever goes on behind the scenes has time to go wrong
            assert {log: reading.position(log) for log in logs} == handed


async def test_a_limit_is_one_of_all_logs_together_and_none_of_them_is_left_out(
    kafka_bootstrap: str, logs: tuple[Log, Log]
) -> None:
    async with producing(kafka_bootstrap) as producer, KafkaLogs(kafka_bootstrap, "test")("both") as reading:
        for log in logs:
            await send_all(producer, log.topic, 0, [b"%d" % number for number in range(20)])
        reading.assign(dict.fromkeys(logs, 0))
        handed: list[Log] = []
        while len(handed) < 20:
            found = await reading.read(LONG_MS, 1)
            assert sum(map(len, found.values())) == 1
            handed += list(found)
            await asyncio.sleep(0.05)  # what is fetched meanwhile lies ready, of both
        assert set(handed[-4:]) == set(logs)


async def test_waiting_beside_a_silent_log_leaves_nothing_behind(kafka_bootstrap: str, logs: tuple[Log, Log]) -> None:
    usage, responses = logs
    async with producing(kafka_bootstrap) as producer, KafkaLogs(kafka_bootstrap, "test")("both") as reading:
        reading.assign({usage: 0, responses: 0})
        for number in range(30):
            coming = asyncio.create_task(values(reading, 1))
            await asyncio.sleep(0)
            await send_all(producer, usage.topic, 0, [b"%d" % number])
            await coming
        assert isinstance(reading, KafkaReading)
        silent: Any = reading._readers[responses.topic]._consumer._fetcher
        assert len(silent._fetch_waiters) <= 1


async def test_a_position_that_one_of_the_logs_does_not_have_is_told(
    kafka_bootstrap: str, logs: tuple[Log, Log]
) -> None:
    usage, responses = logs
    async with KafkaLogs(kafka_bootstrap, "test")("both") as reading:
        reading.assign({usage: 0, responses: 99})
        with pytest.raises(Away, match="OffsetOutOfRange"):
            await values(reading, 1)
