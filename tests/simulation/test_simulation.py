"""The engine's shell under virtual time: whatever happens, the logs tell one story."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.architecture.tree import ROOT
from tests.simulation.running import CHUNK, ENOUGH, MUST_BE_REACHED, Report, hunt, regressions, remember, run
from tests.simulation.virtual_time import OWNER, Frozen, Stuck, VirtualLoop

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from pathlib import Path

SEEDS = 300


@pytest.fixture(scope="module")
def report(pool: ProcessPoolExecutor) -> Report:
    return run(pool, [*range(SEEDS), *regressions()])


def test_no_seed_finds_anything_lost_doubled_or_torn(report: Report) -> None:
    assert [(verdict.seed, verdict.failures) for verdict in report.failed] == []


def test_the_seeds_meet_with_everything_that_they_are_for(report: Report) -> None:
    assert report.seeds >= ENOUGH
    assert report.blind_to == []


def test_a_run_that_misses_something_is_told_to_be_blind() -> None:
    found = Report(seeds=ENOUGH)
    found.reached.update(MUST_BE_REACHED - {"a tick"})
    assert found.blind_to == ["a tick"]
    assert "  blind: no seed reached: a tick" in found.lines()


def test_a_seed_is_the_same_in_every_process_whatever_the_order_of_sets() -> None:
    told = [_fingerprints(hash_seed) for hash_seed in ("1", "2")]
    assert told[0] == told[1]
    assert len(set(told[0])) == CHUNK


def _fingerprints(hash_seed: str) -> list[str]:
    program = (
        "from tests.simulation.running import prepare\n"
        "from tests.simulation.world import simulate\n"
        f"prepare()\nprint(*[simulate(seed).fingerprint for seed in range({CHUNK})])"
    )
    done = subprocess.run(  # noqa: S603  - our own program
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.split()


def test_a_failing_seed_tells_in_one_line_how_to_repeat_it(pool: ProcessPoolExecutor) -> None:
    report = hunt(pool, "random-transactional-id", range(20 * CHUNK))
    (line, *_) = report.lines()
    assert re.match(r"make simulate FIRST=\d+ SEEDS=1  # partition \d: ", line), line


def test_a_failing_seed_joins_the_regression_list_once(pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    listed = tmp_path / "regressions.txt"
    listed.write_text("# found before\n7  # something\n")
    report = hunt(pool, "state-outside", range(SEEDS))
    failed = [str(verdict.seed) for verdict in report.failed]
    for _ in range(2):
        remember(report, listed)
    assert [line.split()[0] for line in listed.read_text().splitlines()] == ["#", "7", *failed]


# --- virtual time -------------------------------------------------------------------------------


def test_an_hour_passes_at_once_and_timers_keep_their_order() -> None:
    loop = VirtualLoop(Random(1))
    order: list[tuple[float, float]] = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append((seconds, loop.time()))

    async def all_of_them() -> None:
        await asyncio.gather(*(wait(seconds) for seconds in (3_600, 0.5, 60)))

    loop.run_until_complete(all_of_them())
    loop.close()
    assert order == [(0.5, 0.5), (60, 60), (3_600, 3_600)]


def test_what_is_ready_at_once_goes_in_an_order_that_the_seed_gives() -> None:
    def order(seed: int) -> list[int]:
        loop = VirtualLoop(Random(seed))
        found: list[int] = []
        for number in range(8):
            loop.call_soon(found.append, number)
        loop.run_until_complete(asyncio.sleep(1))
        loop.close()
        return found

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(10)}) > 5


def test_what_is_frozen_stands_still_at_its_await_and_goes_on_when_thawed() -> None:
    loop = VirtualLoop(Random(1))
    seen: list[float] = []

    async def tick(frozen: Frozen) -> None:
        OWNER.set(frozen)
        for _ in range(10):
            seen.append(loop.time())
            await asyncio.sleep(1)

    async def freeze_for_a_while() -> None:
        frozen = Frozen(loop)
        ticking = asyncio.create_task(tick(frozen))
        await asyncio.sleep(2.5)
        frozen.freeze()
        await asyncio.sleep(5)
        assert seen == [0, 1, 2]
        frozen.thaw()
        await ticking

    loop.run_until_complete(freeze_for_a_while())
    loop.close()
    assert seen[3] == 7.5


def test_a_loop_with_nothing_left_to_do_says_so() -> None:
    loop = VirtualLoop(Random(1))
    with pytest.raises(Stuck):
        loop.run_until_complete(loop.create_future())
    loop.close()
