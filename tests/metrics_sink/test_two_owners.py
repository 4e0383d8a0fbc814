"""Two sinks that both believe a partition to be theirs."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.kit.waiting import until
from tests.metrics_sink.place import PARTITIONS
from tests.metrics_sink.processes import RUNNING, all_folded, flow, process, totals_are_exact

if TYPE_CHECKING:
    from pathlib import Path

    from tests.metrics_sink.place import Place

WAITS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and application_name = 'rung-metrics_sink' and wait_event_type = 'Lock'
"""
HOLDING = """
    select pid from pg_locks join pg_stat_activity using (pid)
    where application_name = 'rung-metrics_sink' and mode = 'RowExclusiveLock' and granted
        and relation = 'rung.outcome_positions'::regclass
"""
"""Who has moved a position, or waits to, in a transaction that is still open."""


@pytest.mark.timeout(180)
async def test_a_sink_that_freezes_within_a_transaction_and_wakes_when_another_has_gone_on_changes_nothing(
    place: Place, tmp_path: Path
) -> None:
    """The first moved its position and waits to add rows when it freezes; PostgreSQL then ends its transaction."""
    first_log, second_log = tmp_path / "first.log", tmp_path / "second.log"
    enough = asyncio.Event()
    flowing = asyncio.create_task(flow(place, enough))

    async def waits() -> bool:
        return await place.rows(WAITS) != [(0,)]

    async def let_go() -> bool:
        return not sleepers & set(await place.rows(HOLDING))

    with process(place, first_log) as first:
        await place.folded("outcomes", 1)
        async with place.database.writing() as session:
            await session.execute(text("lock table outcomes in exclusive mode"))
            await until("the first sink waits to add rows", waits)
            first.send_signal(signal.SIGSTOP)
        sleepers = set(await place.rows(HOLDING))
        assert sleepers
        already = await place.count("outcomes")
        with process(place, second_log) as second:

            async def goes_on() -> bool:
                return await place.count("outcomes") > already

            await until("the transaction was ended", let_go, timeout_s=60)
            await until("the second sink goes on", goes_on, timeout_s=60)
            first.send_signal(signal.SIGCONT)
            await until("both have run", lambda: RUNNING in second_log.read_text())
            await until("the first sink found out", lambda: "folding pauses" in first_log.read_text())
            enough.set()
            committed = await flowing
            await all_folded(place)
            for one in (first, second):
                one.send_signal(signal.SIGTERM)
                assert one.wait(timeout=20) == 0
    await totals_are_exact(place, committed, "after a freeze")


async def _folded(place: Place) -> dict[int, int]:
    return await place.positions("outcome_positions")


async def _went_on(place: Place, before: dict[int, int]) -> bool:
    now = await _folded(place)
    return len(now) == PARTITIONS and all(now[partition] > before.get(partition, 0) for partition in now)


@pytest.mark.timeout(180)
async def test_sinks_that_take_turns_to_freeze_count_everything_once(place: Place, tmp_path: Path) -> None:
    """Each freezes wherever it is, until the other has gone on with what was its own."""
    log = tmp_path / "sinks.log"
    enough = asyncio.Event()
    flowing = asyncio.create_task(flow(place, enough, pause_s=0.02))
    with process(place, log) as first, process(place, log) as second:
        await until("both run", lambda: log.read_text().count(RUNNING) == 2)
        for sleeper in (first, second, first, second):
            sleeper.send_signal(signal.SIGSTOP)
            await until("the other goes on with all partitions", partial(_went_on, place, await _folded(place)))
            sleeper.send_signal(signal.SIGCONT)
            await asyncio.sleep(1)
        enough.set()
        committed = await flowing
        await all_folded(place)
        for one in (first, second):
            one.send_signal(signal.SIGTERM)
            assert one.wait(timeout=20) == 0, log.read_text()
    await totals_are_exact(place, committed, "after four freezes")
