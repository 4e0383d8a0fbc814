"""The whole sink in this process, on a real broker and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import text

from schemas import topics
from schemas.dead_letters import DeadLetterReason
from schemas.decisions import Reason
from schemas.outcomes import Change
from services.kit.clock import SystemClock
from services.kit.db.faults import NotMigrated
from services.kit.kafka.faults import TopicsMissing
from services.metrics_sink import wiring
from services.metrics_sink.feed import TooManyUnreadable
from tests.kit.network import network_to
from tests.kit.ports import free_port
from tests.kit.producing import producing, send_all
from tests.kit.waiting import until
from tests.metrics_sink.events import AT, decided, erased, fact, judged, life, value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.metrics_sink.settings import Settings
    from tests.metrics_sink.place import Place

MADE, SEEN, YES = Change.MADE, Change.PRESENTED, Change.ACCEPTED


@asynccontextmanager
async def sink(settings: Settings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(wiring.run(settings, SystemClock(), stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await running


async def test_outcomes_facts_and_decisions_become_rows(place: Place) -> None:
    await place.outcomes([*life("o-1", MADE, SEEN, YES), fact("f-1", plan="team", seats=3)])
    await place.decisions([decided("d-1"), decided("d-2", Reason.CAPPED)], partition=1)
    async with sink(place.settings()):
        await place.folded("facts", 1)
        await place.folded("decisions", 2)
    assert await place.rows("select change from outcomes order by sequence") == [
        ("made",),
        ("presented",),
        ("accepted",),
    ]
    assert await place.rows("select source, fact_id, fact, value from facts") == [
        ("billing", "f-1", "rung.plan_changed", {"plan": "team", "seats": 3})
    ]
    assert await place.rows("select verdict, reason from decisions order by decision_id") == [
        ("offered", None),
        ("withheld", "capped"),
    ]
    assert await place.positions("outcome_positions") == {0: 4}
    assert await place.positions("decision_positions") == {1: 2}


async def test_the_same_log_folded_again_changes_nothing(place: Place) -> None:
    await place.outcomes(life("o-1", MADE, SEEN, YES))
    async with sink(place.settings()):
        await place.folded("outcomes", 3)
    before = await place.rows("select * from outcomes order by sequence")
    async with place.database.writing() as session:
        await session.execute(text("delete from outcome_positions"))
    await place.outcomes(life("o-2", MADE))
    async with sink(place.settings()):
        await place.folded("outcomes", 4)
    assert await place.rows("select * from outcomes where offer_id = 'o-1' order by sequence") == before


async def test_an_erased_account_stays_erased_whatever_is_read_of_it_later(place: Place) -> None:
    port, back = free_port(), AT + timedelta(hours=1)
    async with sink(place.settings(port=port)), httpx.AsyncClient() as client:
        await place.outcomes([*life("o-1", MADE, SEEN), erased("acme")])

        async def is_marked() -> bool:
            return await place.count("erasures") == 1

        await until("the erasure is folded", is_marked)
        await place.decisions([decided("d-old"), decided("d-new", at=back)])
        await place.folded("decisions", 1)
        async with place.database.writing() as session:
            await session.execute(text("delete from outcome_positions"))
        shown = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    assert 'rung_sink_erased_rows_total{log="decisions"} 1.0' in shown
    await place.outcomes(life("o-2", MADE, made_at=back, at=back))
    async with sink(place.settings(port=port)):
        await place.folded("outcomes", 1)
    assert await place.rows("select decision_id from decisions") == [("d-new",)]
    assert await place.rows("select offer_id from outcomes") == [("o-2",)]


async def test_what_was_aborted_is_not_counted(place: Place) -> None:
    async with producing(place.bootstrap, f"{place.prefix}-t") as producer:
        for number, ends_well in enumerate((True, False, True, False)):
            await producer.begin_transaction()
            values = [value(event) for event in life(f"o-{number}", MADE, SEEN)]
            await send_all(producer, topics.OUTCOMES.under(place.prefix), 0, values)
            await (producer.commit_transaction() if ends_well else producer.abort_transaction())
    async with sink(place.settings()):
        await place.folded("outcomes", 4)

        async def passed_all() -> bool:
            return await place.positions("outcome_positions") == {0: 12}

        await until("the aborted end is passed", passed_all)
    assert await place.rows("select distinct offer_id from outcomes order by 1") == [("o-0",), ("o-2",)]


async def test_a_record_that_can_not_be_read_is_set_aside_and_its_neighbours_go_on(place: Place) -> None:
    await place.outcomes([value(judged("o-1", 1, MADE)), b"{not json", value(judged("o-1", 2, SEEN))], partition=1)
    await place.decisions([b'{"specversion": "1.0"}', value(decided("d-1"))])
    port = free_port()
    async with sink(place.settings(port=port)), httpx.AsyncClient() as client:
        await place.folded("outcomes", 2)
        await place.folded("decisions", 1)
        shown = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    assert 'rung_sink_dead_letters_total{log="outcomes",reason="unreadable"} 1.0' in shown
    assert 'rung_sink_dead_letters_total{log="decisions",reason="invalid"} 1.0' in shown
    found = {dict(record.headers)["rung_topic"]: record for record in await place.dead_letters()}
    outcome = found[topics.OUTCOMES.under(place.prefix).encode()]
    headers = dict(outcome.headers)
    assert (outcome.value, outcome.partition) == (b"{not json", 1)
    assert (headers["rung_partition"], headers["rung_offset"]) == (b"1", b"1")
    assert headers["rung_reason"] == DeadLetterReason.UNREADABLE.encode()
    assert len(found) == 2


async def test_a_hundred_unreadable_records_in_a_row_stop_the_sink_before_any_is_passed(place: Place) -> None:
    await place.outcomes([value(judged("o-1", 1, MADE)), *[b"broken"] * 100])
    with pytest.raises(TooManyUnreadable, match=r"100 records in a row.*\[0\] at 100"):
        await wiring.run(place.settings(), SystemClock(), asyncio.Event())
    assert await place.dead_letters() == []
    assert await place.positions("outcome_positions") in ({}, {0: 1})


async def test_a_database_that_goes_away_and_comes_back_is_waited_for(place: Place) -> None:
    port = free_port()
    async with (
        network_to(place.url) as (network, url),
        sink(place.settings(url, port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        await place.outcomes(life("o-1", MADE, SEEN))
        await place.folded("outcomes", 2)
        await until("ready", lambda: _is(client, "/readyz", 200))
        await network.cut()
        await place.outcomes([*life("o-2", MADE, SEEN), b"broken"])
        await until("not ready", lambda: _is(client, "/readyz", 503))
        assert 'rung_sink_paused{log="outcomes"} 1.0' in (await client.get("/metrics")).text
        assert (await client.get("/healthz")).status_code == 200
        await asyncio.sleep(1)
        await network.up()
        await place.folded("outcomes", 4)
        await until("ready again", lambda: _is(client, "/readyz", 200))
    assert len(await place.dead_letters()) == 1


async def _is(client: httpx.AsyncClient, path: str, status: int) -> bool:
    try:
        return (await client.get(path)).status_code == status
    except httpx.ConnectError:
        return False


async def test_the_figures_are_shown_without_ids(place: Place) -> None:
    await place.outcomes([*life("o-1", MADE, SEEN), *life("o-2", MADE, held_out=True), fact("f")])
    await place.decisions([decided("d-1", Reason.CAPPED), decided("d-2")])
    port = free_port()
    async with sink(place.settings(port=port)):
        await place.folded("outcomes", 3)
        await place.folded("decisions", 2)
    async with sink(place.settings(port=port)), httpx.AsyncClient() as client:
        await until("figures", lambda: _shows(client, port, 'rung_sink_offers{stage="held_out"} 1.0'))
        await place.outcomes(life("o-3", MADE))
        await place.decisions([decided("d-3", Reason.DISMISSED)])
        await place.folded("decisions", 3)
        await place.folded("outcomes", 4)
        shown = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    assert 'rung_sink_offers{stage="made"} 1.0' in shown
    assert 'rung_sink_outcomes_total{change="made"} 1.0' in shown
    assert 'rung_sink_decisions_total{verdict="withheld"} 1.0' in shown
    assert 'rung_sink_withheld_total{reason="dismissed"} 1.0' in shown
    assert 'rung_sink_withheld_total{reason="capped"} 0.0' in shown
    assert 'rung_sink_apply_seconds_count{log="outcomes"} 1.0' in shown
    assert "o-1" not in shown
    assert "team_plan" not in shown


async def _shows(client: httpx.AsyncClient, port: int, line: str) -> bool:
    try:
        return line in (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    except httpx.ConnectError:
        return False


async def test_missing_topics_are_told_with_what_to_run(place: Place) -> None:
    settings = place.settings()
    elsewhere = settings.kafka.model_copy(update={"topic_prefix": f"{place.prefix}-else"})
    with pytest.raises(TopicsMissing, match="run `rung topics`"):
        await wiring.run(replace(settings, kafka=elsewhere), SystemClock(), asyncio.Event())


async def test_missing_tables_are_told_with_what_to_run(place: Place) -> None:
    settings = place.settings()
    elsewhere = settings.database.model_copy(update={"db_schema": "elsewhere"})
    with pytest.raises(NotMigrated, match="run `rung migrate`"):
        await wiring.run(replace(settings, database=elsewhere), SystemClock(), asyncio.Event())
