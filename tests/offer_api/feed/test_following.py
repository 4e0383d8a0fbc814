"""Opening and running a stream, over the real database, with a hub that the test tells."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from services.kit.clock import SystemClock
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.kit.kafka.partitioning import partition_of
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.domain.shown import Viewer
from services.offer_api.feed.following import ComeBack, Following, KeepAlive, Position, Resync, Told
from services.offer_api.feed.hub import MAX_WAITING, Heard, Hub
from services.offer_api.metrics import Metrics
from services.offer_api.ports import Change
from tests.offer_api.makers import an_offer, erased, made
from tests.offer_api.running import PARTITIONS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from services.offer_api.feed.following import Sent

pytestmark = pytest.mark.postgres

P = partition_of("acme", PARTITIONS)
ACME = Viewer("acme")


class Stage:
    """A database, a hub, and streams over both."""

    def __init__(self, database: Database) -> None:
        self.offers = PostgresOffers(database)
        self.hub = Hub()
        self.hub.begin({})
        self.metrics = Metrics()
        self.following = Following(self.offers, self.hub, PARTITIONS, SystemClock(), self.metrics)

    @asynccontextmanager
    async def stream(self, last_id: str | None = None, life_s: float = 5) -> AsyncIterator[AsyncGenerator[Sent]]:
        start = await self.following.open(ACME, last_id)
        async with aclosing(self.following.run(start, life_s)) as stream:
            assert isinstance(await anext(stream), ComeBack)
            yield stream


@pytest.fixture
async def stage(fresh_database_url: str) -> AsyncIterator[Stage]:
    await migrate(fresh_database_url, SCHEMA)
    database = Database(fresh_database_url, SCHEMA, "test")
    yield Stage(database)
    await database.close()


async def test_a_database_that_is_behind_the_tail_is_not_passed_off_as_the_present(stage: Stage) -> None:
    await stage.offers.fold(P, [Change(made(), 0)], 0, 1)
    stage.hub.passed(P, 2)
    async with stage.stream() as stream:
        assert [type(sent) async for sent in stream] == [Resync]
    assert not stage.hub.is_looking("acme")


async def test_what_the_tail_tells_while_the_backlog_is_read_is_neither_lost_nor_told_twice(stage: Stage) -> None:
    stage.hub.passed(P, 0)
    start = await stage.following.open(ACME, None)
    # stored after the backlog was read, and told by the tail
    stage.hub.tell("acme", Heard(made(offer=an_offer("new")), 0))
    async with aclosing(stage.following.run(start, 0.3)) as stream:
        told = [sent.said for sent in [item async for item in stream] if isinstance(sent, Told)]
    assert [one.offset for one in told] == [0]

    await stage.offers.fold(P, [Change(made(offer=an_offer("new")), 0)], 0, 1)
    start = await stage.following.open(ACME, None)
    # stored before the backlog was read, and told by the tail afterwards
    stage.hub.tell("acme", Heard(made(offer=an_offer("new")), 0))
    async with aclosing(stage.following.run(start, 0.3)) as stream:
        told = [sent.said for sent in [item async for item in stream] if isinstance(sent, Told)]
    assert [one.offset for one in told] == [0]


async def test_a_slow_reader_is_cut_and_starts_all_over(stage: Stage) -> None:
    async with stage.stream() as stream:
        for number in range(MAX_WAITING + 1):
            stage.hub.tell("acme", Heard(made(offer=an_offer(f"o{number}")), number))
        assert [type(sent) async for sent in stream] == [Resync]
    assert stage.metrics.streams_ended.labels("slow")._value.get() == 1


async def test_silence_is_broken_before_a_proxy_cuts_it(stage: Stage) -> None:
    stage.following.keep_alive_s = 0.2
    async with stage.stream(life_s=0.7) as stream:
        sent = [type(item) async for item in stream]
    assert sent == [KeepAlive] * 3


async def test_a_start_that_is_never_run_is_forgotten(stage: Stage) -> None:
    start = await stage.following.open(ACME, None)
    assert stage.hub.is_looking("acme")
    stage.following.forget(start)
    stage.following.forget(start)
    assert not stage.hub.is_looking("acme")


async def test_an_id_past_what_is_stored_is_none_of_ours(stage: Stage) -> None:
    await stage.offers.fold(P, [Change(made(), 0)], 0, 1)
    for last_id, resync in ((f"{P}-0", False), (f"{P}-1", True)):
        start = await stage.following.open(ACME, last_id)
        assert start.resync is resync
        stage.hub.leave("acme", start.subscription)


async def test_an_id_that_is_older_than_the_log_is_too_old(stage: Stage) -> None:
    await stage.offers.fold(P, [Change(made(), 9)], 9, 10)
    stage.hub.begin({P: 5})
    for last_id, resync in ((f"{P}-3", True), (f"{P}-4", False)):
        start = await stage.following.open(ACME, last_id)
        assert start.resync is resync
        stage.hub.leave("acme", start.subscription)


async def test_who_was_away_when_the_account_was_erased_begins_anew(stage: Stage) -> None:
    await stage.offers.fold(P, [Change(made(), 0), Change(erased(), 1), Change(made(offer=an_offer("new")), 2)], 0, 3)
    for last_id, resync in ((f"{P}-0", True), (f"{P}-1", False)):
        async with stage.stream(last_id) as stream:
            assert isinstance(await anext(stream), Resync) is resync


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("3-14", Position(3, 14)),
        ("0-0", Position(0, 0)),
        ("3", None),
        ("-3", None),
        ("3-", None),
        ("3-x", None),
        ("3-1-4", None),
        ("3-٣", None),
        ("3- 1", None),
        (f"3-{'9' * 40}", None),
        ("", None),
    ],
)
def test_a_position_is_read_from_nothing_else(text: str, position: Position | None) -> None:
    assert Position.read(text) == position
    assert position is None or str(position) == text
