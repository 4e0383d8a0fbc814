"""Real processes of the sink, killed without warning while records flow."""

from __future__ import annotations

import asyncio
import random
import secrets
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from schemas.outcomes import Change
from tests.kit.waiting import until
from tests.metrics_sink.events import life
from tests.metrics_sink.killing import KILLS
from tests.metrics_sink.processes import (
    RUNNING,
    all_folded,
    environment,
    flow,
    process,
    told_to_kafka,
    totals_are_exact,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.metrics_sink.place import Place


@pytest.mark.timeout(120 + 10 * KILLS)
async def test_killed_between_database_and_kafka_again_and_again_the_totals_are_exact(
    place: Place, tmp_path: Path
) -> None:
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
            running.wait()
        folded_at_kills.append(await place.count("outcomes"))
        behind, folded = await told_to_kafka(place), await place.positions("outcome_positions")
        assert any(behind.get(partition, 0) < position for partition, position in folded.items())
    enough.set()
    committed = await flowing
    before = log.read_text().count(RUNNING)
    with process(place, log) as running:
        # there may be nothing left to fold, and a process that is not up yet would just be ended by a signal
        await until("the last sink runs", lambda: log.read_text().count(RUNNING) > before)
        await all_folded(place)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=20) == 0
    await totals_are_exact(place, committed, f"seed {seed}, folded at the kills: {folded_at_kills}")


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
