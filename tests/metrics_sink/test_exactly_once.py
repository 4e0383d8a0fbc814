"""Real processes of the sink, killed without warning while records flow."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from schemas import topics
from schemas.decisions import Reason
from schemas.outcomes import Change
from tests.kit.ports import free_port
from tests.kit.producing import producing, send_all
from tests.kit.waiting import until
from tests.metrics_sink.events import decided, life, value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.metrics_sink.place import Place

KILLS = 4
OFFERS = 15
"""Offers of one round, with three outcomes each."""


def environment(place: Place) -> dict[str, str]:
    return {**os.environ, **place.environment(free_port())}  # noqa: TID251 - what a process of ours is born with


RUNNING = '"event": "running"'


@contextmanager
def process(place: Place, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as told:
        started = subprocess.Popen(
            [sys.executable, "-m", "services.metrics_sink"],
            env=environment(place),
            stderr=told,
        )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.wait(timeout=20)


async def flow(place: Place, enough: asyncio.Event) -> int:
    """Rounds of outcomes and decisions in transactions, each third aborted; returns how many rounds were committed."""
    committed = 0
    async with producing(place.bootstrap, f"{place.prefix}-t") as producer:
        for number in itertools.count():
            if enough.is_set():
                break
            await producer.begin_transaction()
            offers = [
                event
                for offer in range(OFFERS)
                for event in life(f"o-{number}-{offer}", Change.MADE, Change.PRESENTED, Change.ACCEPTED)
            ]
            partition = number % 2
            await send_all(producer, topics.OUTCOMES.under(place.prefix), partition, map(value, offers))
            decision = value(decided(f"d-{number}", Reason.CAPPED))
            await send_all(producer, topics.DECISIONS.under(place.prefix), partition, [decision])
            if number % 3 == 2:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
                committed += 1
            await asyncio.sleep(0.05)
    return committed


@pytest.mark.timeout(180)
async def test_killed_again_and_again_while_records_flow_the_totals_are_exact(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "sink.log"
    seed = secrets.randbelow(1_000_000)
    moments = random.Random(seed)  # noqa: S311 - no secret
    enough = asyncio.Event()
    flowing = asyncio.create_task(flow(place, enough))
    folded_at_kills = []
    for _ in range(KILLS):
        with process(place, log) as running:
            already = await place.count("outcomes")
            # each kill meets a sink that is folding
            while await place.count("outcomes") == already:
                assert running.poll() is None, log.read_text()
                await asyncio.sleep(0.005)
            await asyncio.sleep(moments.uniform(0, 0.3))
            running.send_signal(signal.SIGKILL)
            folded_at_kills.append(await place.count("outcomes"))
    enough.set()
    committed = await flowing
    ends = await place.ends(topics.OUTCOMES), await place.ends(topics.DECISIONS)
    before = log.read_text().count(RUNNING)
    with process(place, log) as running:
        # there may be nothing left to fold, and a process that is not up yet would just be ended by a signal
        await until("the last sink runs", lambda: log.read_text().count(RUNNING) > before)

        async def at_the_end() -> bool:
            found = await place.positions("outcome_positions"), await place.positions("decision_positions")
            return found == ends

        await until("all is folded", at_the_end, timeout_s=60)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 0
    context = f"seed {seed}, folded at the kills: {folded_at_kills}"
    totals = "select made, presented, accepted from offer_funnel"
    assert await place.rows(totals) == [(committed * OFFERS,) * 3], context
    assert await place.count("outcomes") == committed * OFFERS * 3, context
    assert await place.count("decisions") == committed, context


async def test_a_stop_is_clean_and_hands_over_at_once(place: Place, tmp_path: Path) -> None:
    await place.outcomes(life("o-1", Change.MADE))
    log = tmp_path / "sink.log"
    for number in (1, 2):
        with process(place, log) as running:
            await place.folded("outcomes", number)
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=20) == 0, log.read_text()
        await place.outcomes(life(f"o-{number + 1}", Change.MADE))
    assert '"level": "error"' not in log.read_text()


async def test_a_wrong_setting_ends_the_process_with_one_line(place: Place) -> None:
    ended = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.metrics_sink",
        env=environment(place) | {"RUNG_SINK_HTTP_PORT": "high"},
        stderr=subprocess.PIPE,
    )
    _, told = await asyncio.wait_for(ended.communicate(), 60)
    assert ended.returncode == 78
    assert len(told.splitlines()) == 1
    assert b"RUNG_SINK_HTTP_PORT is wrong" in told
