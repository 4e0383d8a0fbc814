"""Passes for ever: each partition in turn; what is counted of them; an end within a pass."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from services.kit.clock import SystemClock
from services.probe.domain.passes import Failed, Failure, Pass
from services.probe.metrics import ProbeMetrics
from services.probe.runtime.probing import Probing
from tests.kit.waiting import until

if TYPE_CHECKING:
    from services.probe.runtime.passing import Passing

ACCOUNTS = ["rung-probe:t:0", "rung-probe:t:1", "rung-probe:t:2"]


class Scripted:
    """Makes the passes that it is told to, and then one that does not end."""

    def __init__(self, *failing: int, turns: int) -> None:
        self.left = turns
        self.failing = failing
        self.asked: list[tuple[int, str]] = []

    async def make(self, partition: int, account: str) -> Pass:
        self.asked.append((partition, account))
        if len(self.asked) > self.left:
            await asyncio.Event().wait()
        if partition in self.failing:
            return Pass(partition, account, failed=Failed(Failure.NOT_FETCHABLE, "not in time"))
        return Pass(partition, account, 0.08, 0.07)


async def probed(passing: Scripted) -> CollectorRegistry:
    registry = CollectorRegistry()
    made: Passing = passing  # type: ignore[assignment]  # the one method that is asked
    probing = Probing(made, ACCOUNTS, SystemClock(), ProbeMetrics(registry), 0.001)
    stop = asyncio.Event()
    running = asyncio.create_task(probing.run(stop))
    await until("all passes are made", lambda: len(passing.asked) > passing.left)
    stop.set()
    await asyncio.wait_for(running, 2)
    return registry


async def test_partitions_are_asked_in_turn_and_a_stop_waits_for_no_pass() -> None:
    passing = Scripted(turns=4)
    registry = await probed(passing)
    assert passing.asked[:4] == [(0, ACCOUNTS[0]), (1, ACCOUNTS[1]), (2, ACCOUNTS[2]), (0, ACCOUNTS[0])]
    assert registry.get_sample_value("rung_probe_passes_total") == 4
    assert registry.get_sample_value("rung_probe_up") == 1
    assert registry.get_sample_value("rung_probe_partitions") == 3
    assert registry.get_sample_value("rung_probe_pushed_seconds_count") == 4


async def test_one_partition_that_fails_is_told_though_the_newest_pass_went_through() -> None:
    registry = await probed(Scripted(1, turns=6))
    assert registry.get_sample_value("rung_probe_failures_total", {"reason": "not_fetchable"}) == 2
    assert registry.get_sample_value("rung_probe_failures_total", {"reason": "not_pushed"}) == 0
    assert registry.get_sample_value("rung_probe_partitions_failing") == 1
    assert registry.get_sample_value("rung_probe_up") == 1
    assert (registry.get_sample_value("rung_probe_last_success_timestamp_seconds") or 0) > 1_700_000_000


async def test_a_probe_that_never_came_through_says_so() -> None:
    registry = await probed(Scripted(0, 1, 2, turns=3))
    assert registry.get_sample_value("rung_probe_up") == 0
    assert registry.get_sample_value("rung_probe_partitions_failing") == 3
    assert registry.get_sample_value("rung_probe_last_success_timestamp_seconds") == 0
    assert registry.get_sample_value("rung_probe_fetchable_seconds_count") == 0
