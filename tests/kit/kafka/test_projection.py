"""On a real broker and a real PostgreSQL; the store has no key, so a record folded twice would show."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from typing_extensions import override

from schemas.topics import OUTCOMES
from services.kit.clock import SystemClock
from services.kit.db.engine import Pool
from services.kit.db.sessions import Database
from services.kit.kafka.admin import create_topics
from services.kit.kafka.faults import PositionLost
from services.kit.kafka.group import Group
from services.kit.kafka.projection import BATCH, Projection
from tests.kit.kafka.logbook import Doubtful, Logbook
from tests.kit.network import network_to
from tests.kit.producing import producing, send_all
from tests.kit.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from services.kit.kafka.projection import Store

PARTITIONS = 3
IMPATIENT = Pool(size=3, connect_s=1.0, statement_s=2.0, answer_s=2.0)


@dataclass
class Told:
    """Remembers what a projection tells."""

    paused_to: list[bool] = field(default_factory=list)
    folded: int = 0

    def applied(self, records: int, seconds: float, delay_s: float) -> None:
        assert min(seconds, delay_s) >= 0
        self.folded += records

    def paused(self, *, paused: bool) -> None:
        self.paused_to.append(paused)


@dataclass
class Place:
    """A topic of the test's own and a book to write it down in."""

    bootstrap: str
    prefix: str
    url: str
    book: Logbook

    @property
    def topic(self) -> str:
        return OUTCOMES.under(self.prefix)

    def projection(self, group: str = "g", store: Store[Any] | None = None, told: Told | None = None) -> Projection:
        member = Group(self.bootstrap, f"{self.prefix}-{group}", self.topic, "test", session_ms=2_000)
        return Projection(member, store or self.book, SystemClock(), told)

    async def send(self, partition: int, values: Iterable[object]) -> None:
        async with producing(self.bootstrap) as producer:
            await send_all(producer, self.topic, partition, (str(value).encode() for value in values))

    async def folded(self, count: int) -> None:
        async def enough() -> bool:
            return len(await self.book.values()) >= count

        await until(f"{count} records folded", enough)


@pytest.fixture
async def place(kafka_bootstrap: str, topic_prefix: str, fresh_database_url: str) -> AsyncIterator[Place]:
    await create_topics(kafka_bootstrap, topic_prefix, partitions=PARTITIONS, topics=(OUTCOMES,))
    database = Database(fresh_database_url, "public", "test", IMPATIENT)
    book = Logbook(database)
    await book.make()
    yield Place(kafka_bootstrap, topic_prefix, fresh_database_url, book)
    await database.close()


@asynccontextmanager
async def running(*projections: Projection) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(projection.run(stop)) for projection in projections]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)


async def test_every_record_is_folded_once_and_in_order_from_the_logs_start(place: Place) -> None:
    await place.send(0, range(1_200))
    await place.send(2, range(5))
    told = Told()
    projection = place.projection(told=told)
    assert not projection.caught_up
    async with running(projection):
        await until("caught up", lambda: projection.caught_up)
        assert await place.book.values(0) == [str(n) for n in range(1_200)]
        assert await place.book.values(2) == [str(n) for n in range(5)]
        assert projection.lag() == 0
        assert projection.last_poll_age_s < 2
    assert (await place.book.positions(), told.folded) == ({0: 1_200, 2: 5}, 1_205)


async def test_a_log_without_records_is_caught_up_with(place: Place) -> None:
    projection = place.projection()
    async with running(projection):
        await until("caught up", lambda: projection.caught_up)


async def test_the_stores_position_counts_and_not_the_groups(place: Place) -> None:
    await place.send(0, range(10))
    async with running(place.projection()):
        await place.folded(10)  # and the group is told 10 at the stop
    await place.send(0, range(10, 20))
    # a backup of the database is brought back: it is behind what the group was told
    await place.book.restore(0, 4)
    async with running(place.projection()):
        await place.folded(16)
    assert await place.book.values() == [str(n) for n in range(4, 20)]


async def test_two_owners_of_one_log_fold_every_record_once(place: Place) -> None:
    one, two = place.projection("one"), place.projection("two")
    async with running(one, two):
        for round_ in range(10):
            await place.send(round_ % PARTITIONS, range(round_ * 200, round_ * 200 + 200))
        await place.folded(2_000)
        await until("both at the end", lambda: one.caught_up and two.caught_up)
    assert sorted(map(int, await place.book.values())) == list(range(2_000))


async def test_a_position_that_another_owner_moved_is_read_again_and_followed(place: Place) -> None:
    async with running(place.projection()):
        await place.send(0, range(10))
        await place.folded(10)
        await place.book.skip(0, 12)
        await place.send(0, range(10, 20))
        await place.folded(18)
    assert await place.book.values() == [str(n) for n in (*range(10), *range(12, 20))]


async def test_members_that_come_and_go_fold_every_record_once(place: Place) -> None:
    async with running(place.projection()):
        await place.send(0, range(500))
        async with running(place.projection()):
            await place.send(1, range(500, 1_000))
            await place.send(0, range(1_000, 1_500))
        await place.send(2, range(1_500, 2_000))
        await place.folded(2_000)
    assert sorted(map(int, await place.book.values())) == list(range(2_000))


async def test_what_was_aborted_is_not_folded_and_is_passed(place: Place) -> None:
    async with producing(place.bootstrap, f"{place.prefix}-t") as producer:
        for round_ in range(6):
            await producer.begin_transaction()
            await send_all(producer, place.topic, 0, [f"{round_}".encode()] * 3)
            await (producer.commit_transaction() if round_ % 2 == 0 else producer.abort_transaction())
    async with running(projection := place.projection()):
        await place.folded(9)
        await until("caught up", lambda: projection.caught_up)
    assert await place.book.values() == ["0"] * 3 + ["2"] * 3 + ["4"] * 3
    # 6 transactions of 3 records and a marker each: the last ones were aborted, and are passed all the same
    assert await place.book.positions() == {0: 24}


async def test_an_open_transaction_is_waited_for(place: Place) -> None:
    async with producing(place.bootstrap, f"{place.prefix}-t") as producer, running(place.projection()):
        await producer.begin_transaction()
        await send_all(producer, place.topic, 0, [b"late"])
        await place.send(0, ["after"])
        await asyncio.sleep(0.5)
        assert await place.book.values() == []
        await producer.commit_transaction()
        await place.folded(2)
    assert await place.book.values() == ["late", "after"]


async def test_a_database_that_goes_away_and_comes_back_loses_and_doubles_nothing(place: Place) -> None:
    told = Told()
    async with network_to(place.url) as (network, url):
        database = Database(url, "public", "test", IMPATIENT)
        projection = place.projection(store=Logbook(database), told=told)
        async with running(projection):
            await place.send(0, range(300))
            await place.folded(1)
            await network.cut()
            await place.send(1, range(300, 600))
            await until("trouble", lambda: projection.trouble is not None)
            assert projection.last_poll_age_s < 5
            await asyncio.sleep(1)
            await network.up()
            await place.folded(600)
            await until("well", lambda: projection.trouble is None)
        await database.close()
    assert sorted(map(int, await place.book.values())) == list(range(600))
    assert told.paused_to == [True, False]


@pytest.mark.parametrize("commits", [True, False], ids=["it was made", "it was not"])
@pytest.mark.parametrize("records", [100, 1_200], ids=["nothing more read", "more read meanwhile"])
async def test_a_commit_in_doubt_is_settled_by_the_position(place: Place, records: int, commits: bool) -> None:
    store = Doubtful(place.book._database, commits=commits, reads=1 + (records > BATCH))
    await place.send(0, range(records))
    async with running(place.projection(store=store)):
        await place.folded(records)
        await place.send(0, range(records, records + 100))
        await place.folded(records + 100)
    assert store.doubted
    assert await place.book.values() == [str(n) for n in range(records + 100)]


async def test_a_position_that_retention_has_passed_stops_the_reader(place: Place) -> None:
    await place.send(0, range(10))
    await delete_before(place, 0, 5)
    await place.book.restore(0, 2)
    with pytest.raises(PositionLost, match=rf"{place.topic}\[0\] at 2"):
        await place.projection().run(asyncio.Event())
    assert await place.book.values() == []


async def test_a_position_beyond_the_log_stops_the_reader(place: Place) -> None:
    await place.send(0, range(10))
    await place.book.restore(0, 11)
    with pytest.raises(PositionLost, match=rf"{place.topic}\[0\] at 11"):
        await place.projection().run(asyncio.Event())


async def test_a_new_store_begins_where_the_log_begins_now(place: Place) -> None:
    await place.send(0, range(10))
    await delete_before(place, 0, 5)
    async with running(place.projection()):
        await place.folded(5)
    assert await place.book.values() == ["5", "6", "7", "8", "9"]


async def test_what_a_store_raises_beyond_its_contract_ends_the_reader(place: Place) -> None:
    class Broken(Logbook):
        @override
        async def positions(self) -> dict[int, int]:
            raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        await place.projection(store=Broken(place.book._database)).run(asyncio.Event())


async def delete_before(place: Place, partition: int, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=place.bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(place.topic, partition): RecordsToDelete(before_offset=offset)})
    await admin.close()


async def test_a_member_that_nobody_waits_for_any_more_leaves_nothing_open(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    member = Group(kafka_bootstrap, f"{topic_prefix}-given-up", OUTCOMES.under(topic_prefix), "test")
    joining = asyncio.create_task(member.start())
    await asyncio.sleep(0)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining
    del member, joining
    gc.collect()  # what is not closed warns as it goes, and a warning fails this test
