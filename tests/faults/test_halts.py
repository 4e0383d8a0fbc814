"""What an engine refuses to work on: it says so by name, and what its page tells to do gets it going again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewPartitions, RecordsToDelete
from msgspec.structs import replace

from schemas import topics
from services.kit.kafka.admin import create_topics
from services.trigger_engine.metrics import Halt
from services.trigger_engine.runtime.position import POSITION_KEY, decode, encode
from tests.faults import newer_engine
from tests.faults.ending import assert_all_is_well, assert_settles
from tests.faults.place import Place
from tests.faults.traffic import Traffic
from tests.flow.test_engine import assert_journal_is_whole
from tests.kit.waiting import until

if TYPE_CHECKING:
    from schemas.topics import Topic
    from tests.flow.deployment import Engine

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
HALTS_S = 40
"""Longest until an engine that can not work says so, on a busy machine."""


@pytest.fixture
async def worked(place: Place) -> Place:
    """A deployment that has worked, and whose engine is down."""
    engine = await place.engine()
    async with Traffic(place, flowing=False) as traffic:
        await traffic.some(20)
    await assert_settles(place)
    assert await engine.stop() == 0
    return place


async def assert_halts(place: Place, halt: Halt, code: int, **settings: str) -> Engine:
    """Start an engine: it shows the halt as a metric, names the page, and ends with ``code``."""
    engine = await place.engine(wait=False, **settings)
    await until(f"halted as {halt}", lambda: shows(engine, halt), HALTS_S)
    assert not await engine.ready()
    engine.process.terminate()  # nobody has to wait for the metric to have been scraped
    assert await asyncio.wait_for(engine.process.wait(), HALTS_S) == code
    page = f"docs/runbooks/{halt}.md"
    told = [line for line in engine.log.read_text().splitlines() if '"halted"' in line]
    assert len(told) == 1
    assert page in told[0]
    assert (RUNBOOKS / f"{halt}.md").exists()
    return engine


async def shows(engine: Engine, halt: Halt) -> bool:
    """Whether the metric of ``halt`` is up."""
    if engine.process.returncode is not None:
        raise AssertionError(f"ended with {engine.process.returncode}: {engine.log.read_text()[-2_000:]}")
    try:
        return await engine.metric("rung_engine_halted", halt=halt) == 1
    except httpx.TransportError:  # not up yet
        return False


async def start_again(place: Place, tmp_path: Path, partitions: int | None = None) -> Place:
    """As the pages tell: a new topic prefix, the set published, what is kept of the intake copied, time by the log."""
    anew = Place(place.bootstrap, f"{place.prefix}b", tmp_path, partitions or place.partitions)
    await anew.prepare()
    for topic in (topics.USAGE, topics.RESPONSES):
        kept = await place.read(topic)
        await anew.send_raw([((record.key or b"").decode(), record.value or b"") for record in kept], topic)
    await anew.engine(RUNG_ENGINE_TIME="log")
    return anew


# --- position_gone ------------------------------------------------------------------------------


async def test_retention_that_passed_the_position_halts_and_a_new_prefix_goes_on(worked: Place, tmp_path: Path) -> None:
    await worked.send(*(worked.event(f"new-{number}", "report.exported") for number in range(50)))
    ends = await worked.ends(topics.USAGE)
    usage = topics.USAGE.under(worked.prefix)
    async with worked.admin() as admin:
        await admin.delete_records({TopicPartition(usage, p): RecordsToDelete(end - 2) for p, end in ends.items()})
    await assert_halts(worked, Halt.POSITION_GONE, 65)
    before = await worked.ends(topics.ENGINE_JOURNAL)
    anew = await start_again(worked, tmp_path)
    try:
        await anew.until_events(topics.OFFERS, 4)
        await assert_all_is_well(anew)
    finally:
        await anew.end()
    assert await worked.ends(topics.ENGINE_JOURNAL) == before


async def test_an_intake_that_was_made_anew_halts(worked: Place) -> None:
    await make_anew(worked, topics.USAGE)
    await assert_halts(worked, Halt.POSITION_GONE, 65)


# --- state_truncated ----------------------------------------------------------------------------


async def make_anew(place: Place, topic: Topic) -> None:
    """Delete a topic and create it again, empty."""
    name = topic.under(place.prefix)
    async with place.admin() as admin:
        await admin.delete_topics([name])

        async def gone() -> bool:
            return name not in await admin.list_topics()

        await until("it is gone", gone)
    await create_topics(place.bootstrap, place.prefix, partitions=place.partitions)


async def test_a_state_log_that_was_made_anew_halts_and_a_replay_into_a_new_prefix_goes_on(
    worked: Place, tmp_path: Path
) -> None:
    offers = {event["id"] for event in await worked.events(topics.OFFERS)}
    await make_anew(worked, topics.ENGINE_STATE)
    await assert_halts(worked, Halt.STATE_TRUNCATED, 65)
    anew = await start_again(worked, tmp_path)
    try:
        await assert_all_is_well(anew)
        assert {event["id"] for event in await anew.events(topics.OFFERS)} == offers
    finally:
        await anew.end()


# --- state_newer --------------------------------------------------------------------------------


async def test_a_state_that_a_newer_version_wrote_halts_until_that_version_runs_again(worked: Place) -> None:
    state = await worked.read(topics.ENGINE_STATE)
    last = {record.partition: decode(record.value or b"") for record in state if record.key == POSITION_KEY}
    newer = encode(replace(last[0], format=newer_engine.FORMAT))
    async with AIOKafkaProducer(bootstrap_servers=worked.bootstrap) as producer:
        await producer.send_and_wait(topics.ENGINE_STATE.under(worked.prefix), newer, key=POSITION_KEY, partition=0)
    await assert_halts(worked, Halt.STATE_NEWER, 78)
    await worked.engine(program="tests.faults.newer_engine")
    async with Traffic(worked, flowing=False, name="after") as traffic:
        await traffic.some(20)
    await assert_settles(worked)
    await assert_journal_is_whole(worked)
    await traffic.assert_each_offer_was_made_once()


# --- partitions_changed -------------------------------------------------------------------------


async def test_topics_that_all_have_more_partitions_halt_and_a_new_prefix_goes_on(
    worked: Place, tmp_path: Path
) -> None:
    per_account = [topic for topic in topics.FLOW if topic.per_account]
    async with worked.admin() as admin:
        await admin.create_partitions(
            {topic.under(worked.prefix): NewPartitions(total_count=3) for topic in per_account}
        )
    await assert_halts(worked, Halt.PARTITIONS_CHANGED, 78)
    anew = await start_again(worked, tmp_path, partitions=3)
    try:
        await assert_all_is_well(anew)
        assert len(await anew.events(topics.OFFERS)) == 40
    finally:
        await anew.end()


async def test_one_topic_with_more_partitions_is_named_before_any_work_begins(place: Place) -> None:
    async with place.admin() as admin:
        await admin.create_partitions({topics.RESPONSES.under(place.prefix): NewPartitions(total_count=3)})
    engine = await place.engine(wait=False)
    assert await asyncio.wait_for(engine.process.wait(), HALTS_S) == 78
    assert f"{topics.RESPONSES.under(place.prefix)} has 3" in engine.log.read_text()


# --- too_many_invalid ---------------------------------------------------------------------------


async def test_nothing_but_dead_letters_halts_and_a_higher_bound_lets_them_pass(place: Place) -> None:
    await place.send_raw([("acme", b"not json")] * 30)
    await assert_halts(place, Halt.TOO_MANY_INVALID, 65, RUNG_ENGINE_MAX_INVALID_RUN="10")
    await place.engine()
    await place.send(place.event("acme", "report.exported"))
    await place.until_events(topics.OFFERS, 1, "acme")
    await assert_all_is_well(place)
    assert len(await place.read(topics.DEAD_LETTERS)) == 30


# --- the pages ----------------------------------------------------------------------------------


def test_every_halt_has_a_page_and_every_page_a_halt() -> None:
    pages = {page.stem for page in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {halt.value for halt in Halt}
    index = (RUNBOOKS / "README.md").read_text()
    assert [halt for halt in Halt if f"({halt}.md)" not in index] == []
