"""Many wait for the database to come to a place of the log, and look as one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from services.kit.clock import SystemClock
from services.kit.db.faults import DatabaseAway
from services.kit.db.sessions import Database
from services.offer_api.adapters.postgres import PostgresOffers
from services.offer_api.feed.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITING = 300


class Stored(PostgresOffers):
    """Positions that move by one at each look, or a database that is away."""

    def __init__(self, moves: Iterator[int], *, away: bool = False) -> None:
        super().__init__(Database("postgresql://nobody@127.0.0.1:1/none", "none", "test"))
        self.looks = 0
        self.at_once = 0
        self._moves = moves
        self._away = away

    @override
    async def positions(self) -> dict[int, int]:
        self.looks += 1
        self.at_once += 1
        try:
            await asyncio.sleep(0.01)
            assert self.at_once == 1
            if self._away:
                raise DatabaseAway("gone")
            return {0: next(self._moves)}
        finally:
            self.at_once -= 1


async def test_hundreds_wait_by_one_look_at_a_time() -> None:
    stored = Stored(iter(range(100)))
    reach = Reach(stored, SystemClock())
    assert await asyncio.gather(*(reach.comes_to(0, 4, 5) for _ in range(WAITING))) == [True] * WAITING
    assert 5 <= stored.looks < 10


async def test_who_has_waited_long_enough_is_told_so() -> None:
    stored = Stored(iter([0] * 100))
    assert not await Reach(stored, SystemClock()).comes_to(0, 1, 0.2)
    assert stored.looks > 1


async def test_a_partition_that_was_never_folded_is_at_its_beginning() -> None:
    assert await Reach(Stored(iter([7])), SystemClock()).comes_to(1, 0, 0)


async def test_all_who_wait_learn_that_the_database_is_away() -> None:
    reach = Reach(Stored(iter(()), away=True), SystemClock())
    told = await asyncio.gather(*(reach.comes_to(0, 4, 5) for _ in range(WAITING)), return_exceptions=True)
    assert {type(one) for one in told} == {DatabaseAway}


async def test_one_who_leaves_takes_nobody_elses_answer_along() -> None:
    reach = Reach(Stored(iter(range(100))), SystemClock())
    leaves, stays = (asyncio.create_task(reach.comes_to(0, 2, 5)) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert await stays
