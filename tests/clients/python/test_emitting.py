"""Events that a backend emits, on a real Kafka: none is lost, each lies where Rung looks for it."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from rung_client import AsyncEmitter, Emitter, Event, EventRefused, NoRoom, NotDelivered, fact, usage
from schemas.codec import decode_usage
from schemas.topics import USAGE
from schemas.traces import kept_trace
from services.kit.kafka.admin import create_topics
from services.kit.kafka.partitioning import partition_of
from tests.offer_api.running import PARTITIONS, Ground, free_ports

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.facts import Fact
    from schemas.usage import UsageEvent

SOURCE = "//files.example/backend"
ACCOUNTS = ("acme", "globex", "größe", "initech", "umbrella")

pytestmark = pytest.mark.kafka


class Place:
    """A topic of the test's own."""

    def __init__(self, bootstrap: str, prefix: str, nowhere: Path) -> None:
        self.bootstrap = bootstrap
        self.topic = USAGE.under(prefix)
        self._ground = Ground(bootstrap, prefix, "", nowhere)

    def emitter(self, max_waiting: int = 10_000) -> AsyncEmitter:
        return AsyncEmitter(self.bootstrap, SOURCE, topic=self.topic, max_waiting=max_waiting)

    async def read(self) -> list[UsageEvent | Fact]:
        """All that lies there, as the engine reads it and where it looks for it."""
        events = []
        for partition, value, headers in await self.raw():
            event = decode_usage(value, headers)
            assert partition == partition_of(event.subject, PARTITIONS)
            events.append(event)
        return events

    async def raw(self) -> list[tuple[int, bytes, tuple[tuple[str, bytes], ...]]]:
        """Partition, value and headers of all that lies there."""
        return await self._ground.read(self.topic)


@pytest.fixture
async def place(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> Place:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=(USAGE,))
    return Place(kafka_bootstrap, topic_prefix, tmp_path)


def several(count: int) -> list[Event]:
    return [usage("file.stored", ACCOUNTS[n % len(ACCOUNTS)], id=f"e-{n}") for n in range(count)]


async def test_what_is_emitted_lies_where_rung_looks_for_it_in_order(place: Place) -> None:
    events = several(2_500)
    async with place.emitter() as emitter:
        for event in events:
            await emitter.emit(event)
        await emitter.flush()
        found = await place.read()
    by_account = defaultdict(list)
    for read in found:
        by_account[read.subject].append(read.id)
    assert by_account == {account: [event.id for event in events if event.account == account] for account in ACCOUNTS}


async def test_facts_and_usage_are_read_by_the_engine(place: Place) -> None:
    async with place.emitter() as emitter:
        await emitter.emit(fact("rung.account_created", "acme", data={"plan": "free"}))
        await emitter.emit(usage("file.stored", "acme", user="maria", properties={"size_gb": 1.7}))
    assert [event.type for event in await place.read()] == ["rung.account_created", "file.stored"]


async def test_leaving_the_block_sends_what_waits(place: Place) -> None:
    async with place.emitter() as emitter:
        await emitter.emit(usage("file.stored", "acme"))
    assert len(await place.read()) == 1


async def test_an_event_that_would_not_be_read_holds_up_nothing(place: Place) -> None:
    async with place.emitter() as emitter:
        with pytest.raises(EventRefused):
            await emitter.emit(usage("file.stored", "acme", properties={"x": float("nan")}))
        await emitter.emit(usage("file.stored", "acme"))
    assert len(await place.read()) == 1


async def test_without_kafka_events_wait_until_there_is_no_room_and_are_told(place: Place) -> None:
    (nowhere,) = free_ports(1)
    emitter = AsyncEmitter(f"127.0.0.1:{nowhere}", SOURCE, topic=place.topic, max_waiting=2)
    await emitter.__aenter__()
    events = several(3)
    await emitter.emit(events[0])
    await emitter.emit(events[1])
    with pytest.raises(NoRoom):
        await emitter.emit(events[2], timeout_s=0.1)
    with pytest.raises(NotDelivered) as told:
        await emitter.close(timeout_s=0.1)
    assert told.value.events == (events[0], events[1])


async def test_events_that_were_emitted_before_there_was_kafka_arrive_when_there_is(place: Place) -> None:
    host, _, port = place.bootstrap.rpartition(":")
    (door,) = free_ports(1)
    emitter = AsyncEmitter(f"127.0.0.1:{door}", SOURCE, topic=place.topic)
    async with emitter:
        for event in several(5):
            await emitter.emit(event)
        with pytest.raises(NotDelivered):
            await emitter.flush(timeout_s=0.5)
        async with await asyncio.start_server(lambda *streams: _through(host, int(port), *streams), "127.0.0.1", door):
            await emitter.flush()
    assert sorted(event.id for event in await place.read()) == [f"e-{n}" for n in range(5)]


async def _through(host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A door to the broker, opened late."""
    there, back = await asyncio.open_connection(host, port)

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while part := await source.read(65_536):
            sink.write(part)
        sink.close()

    await asyncio.gather(pass_on(reader, back), pass_on(there, writer), return_exceptions=True)


async def test_an_event_carries_the_span_it_is_emitted_in_also_from_another_thread(
    place: Place, kafka_bootstrap: str
) -> None:
    tracer = TracerProvider(sampler=ALWAYS_ON).get_tracer("backend")
    told = {}

    def from_a_thread() -> None:
        with Emitter(kafka_bootstrap, SOURCE, topic=place.topic) as emitter, tracer.start_as_current_span("two") as two:
            emitter.emit(usage("file.stored", "acme", id="two"))
        told["two"] = two.get_span_context()

    async with place.emitter() as emitter:
        await emitter.emit(usage("file.stored", "acme", id="none"))
        with tracer.start_as_current_span("one") as one:
            await emitter.emit(usage("file.stored", "acme", id="one"))
        told["one"] = one.get_span_context()
        await emitter.flush()
    await asyncio.to_thread(from_a_thread)
    found = {decode_usage(value, headers).id: kept_trace(headers) for _, value, headers in await place.raw()}
    spans = {name: (f"{of.trace_id:032x}", f"{of.span_id:016x}", True) for name, of in told.items()}
    assert found == {"none": None, **spans}


def emit_all(emitter: Emitter, events: list[Event]) -> None:
    for event in events:
        emitter.emit(event)


def test_threads_share_one_emitter(kafka_bootstrap: str, topic_prefix: str, tmp_path: Path) -> None:
    asyncio.run(create_topics(kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=(USAGE,)))
    place = Place(kafka_bootstrap, topic_prefix, tmp_path)
    events = several(90)
    with Emitter(kafka_bootstrap, SOURCE, topic=place.topic) as emitter:
        threads = [threading.Thread(target=emit_all, args=(emitter, events[start::3])) for start in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        emitter.flush()
        assert len(asyncio.run(place.read())) == 90


def test_a_program_without_a_loop_is_told_what_did_not_arrive() -> None:
    (nowhere,) = free_ports(1)
    emitter = Emitter(f"127.0.0.1:{nowhere}", SOURCE)
    event = usage("file.stored", "acme")
    emitter.emit(event)
    with pytest.raises(NotDelivered) as told:
        emitter.close(timeout_s=0.1)
    assert told.value.events == (event,)
