"""A database that is lost is made anew from Kafka, and says the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from services.kit.clock import SystemClock
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from services.metrics_sink import wiring
from services.metrics_sink.adapters.views import VIEWS, Conversion
from tests.kit.waiting import until
from tests.metrics_sink.events import AT, erased, fact
from tests.metrics_sink.place import SCHEMA, Place
from tests.metrics_sink.processes import all_folded, flow
from tests.metrics_sink.telling import seen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

TABLES = ("outcomes", "facts", "decisions", "erasures")


@pytest.fixture
async def elsewhere(place: Place, another_database_url: str) -> AsyncIterator[Place]:
    """The same logs, and tables of their own."""
    await migrate(another_database_url, SCHEMA)
    database = Database(another_database_url, SCHEMA, "test")
    yield replace(place, url=another_database_url, database=database)
    await database.close()


async def folded_by_a_sink(place: Place, so_far: Awaitable[None]) -> None:
    """A sink folds, and is stopped after ``so_far``."""
    stop = asyncio.Event()
    running = asyncio.create_task(wiring.run(place.settings(), SystemClock(), stop))
    await so_far
    stop.set()
    await running


async def more_than(place: Place, outcomes: int) -> None:
    async def are_there() -> bool:
        return await place.count("outcomes") > outcomes

    await until(f"more than {outcomes} outcomes", are_there)


async def told(place: Place) -> dict[str, object]:
    """All that tables and views say."""
    rows = {name: sorted(map(repr, await place.rows(f"select * from {name}"))) for name in TABLES}  # noqa: S608 - ours
    return {**rows, **{view: await seen(place.database, row) for row, view in VIEWS.items()}}


@pytest.mark.timeout(180)
async def test_what_is_rebuilt_says_the_same(place: Place, elsewhere: Place) -> None:
    enough = asyncio.Event()
    flowing = asyncio.create_task(flow(place, enough))
    for outcomes in (50, 200):
        await folded_by_a_sink(place, more_than(place, outcomes))
    # those before have no word of money paid once, as records of an engine that did not tell it yet
    bought = fact("cable", "account-0", "rung.product_bought", pays=7, once=12, product="cable")
    await place.outcomes([erased("account-1", AT), fact("late", "account-0", pays=7, plan="team"), bought])
    enough.set()
    await flowing
    for one in (place, elsewhere):
        await folded_by_a_sink(one, all_folded(one))
    before, after = await told(place), await told(elsewhere)
    assert len(before["outcomes"]) > 100  # type: ignore[arg-type]  # a list of rows
    assert before == after
    paid_once = [(row.fact_id, row.once) for row in await seen(elsewhere.database, Conversion) if row.once]
    assert paid_once == [("cable", Decimal(12))]
