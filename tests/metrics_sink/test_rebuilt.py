"""A database that is lost is made anew from Kafka, and says the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services.kit.clock import SystemClock
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.metrics_sink import wiring
from services.metrics_sink.adapters.views import VIEWS
from tests.metrics_sink.events import AT, erased, fact
from tests.metrics_sink.place import SCHEMA, Place
from tests.metrics_sink.processes import all_folded, flow
from tests.metrics_sink.telling import seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TABLES = ("outcomes", "facts", "decisions", "erasures")


@pytest.fixture
async def elsewhere(place: Place, another_database_url: str) -> AsyncIterator[Place]:
    """The same logs, and tables of their own."""
    await migrate(another_database_url, SCHEMA)
    database = Database(another_database_url, SCHEMA, "test")
    yield replace(place, url=another_database_url, database=database)
    await database.close()


async def folded_by_a_sink(place: Place, pieces: int = 1) -> None:
    """A sink folds all that there is; stopped and started so many times."""
    for piece in range(pieces):
        stop = asyncio.Event()
        running = asyncio.create_task(wiring.run(place.settings(), SystemClock(), stop))
        await (all_folded(place) if piece == pieces - 1 else asyncio.sleep(1))
        stop.set()
        await running


async def told(place: Place) -> dict[str, object]:
    """All that tables and views say."""
    rows = {name: sorted(map(repr, await place.rows(f"select * from {name}"))) for name in TABLES}  # noqa: S608 - ours
    return {**rows, **{view: await seen(place.database, row) for row, view in VIEWS.items()}}


@pytest.mark.timeout(180)
async def test_what_is_rebuilt_says_the_same(place: Place, elsewhere: Place) -> None:
    enough = asyncio.Event()
    flowing = asyncio.create_task(flow(place, enough))
    first = asyncio.create_task(folded_by_a_sink(place, pieces=3))
    await asyncio.sleep(2)
    await place.outcomes([erased("account-1", AT), fact("late", "account-0", pays=7, plan="team")])
    enough.set()
    await flowing
    await first
    await folded_by_a_sink(elsewhere)
    before, after = await told(place), await told(elsewhere)
    assert len(before["outcomes"]) > 100  # type: ignore[arg-type]  # a list of rows
    assert before == after
