"""What part of the engine's CPU its metrics take: ``python -m benchmarks.telemetry hot|even|all [EVENTS]``.

The engine's tasks on logs in memory, as in `benchmarks.inside`, every call of its metrics timed. A share of one run:
two runs, with and without, differ by more than what is looked for.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from typing import TYPE_CHECKING, Final

import structlog
import uvloop
from prometheus_client import CollectorRegistry

from benchmarks import job
from benchmarks.inside import AGO_US, LINES, LOOK_S, task_of, waiting
from services.kit.clock import SystemClock
from services.trigger_engine.__main__ import GC_EVERY
from services.trigger_engine.metrics import EngineMetrics

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: Final = ("handled", "dead_lettered", "bounded", "committed", "ended", "made", "told", "published")
"""What the intake and the tasks call."""


class Timed(EngineMetrics):
    """The engine's metrics, which know how long they took."""

    def __init__(self) -> None:
        super().__init__(CollectorRegistry())
        self.spent_ns = 0
        self.calls = 0
        self._inside = False
        for name in CALLS:
            setattr(self, name, self._timed(getattr(self, name)))

    def _timed(self, call: Callable[..., None]) -> Callable[..., None]:
        def timed(*given: object, **named: object) -> None:
            if self._inside:  # of a call that calls another, the outer one is timed
                call(*given, **named)
                return
            self._inside = True
            began = time.thread_time_ns()
            call(*given, **named)
            self.spent_ns += time.thread_time_ns() - began
            self.calls += 1
            self._inside = False

        return timed


async def share(accounts: int, events: int) -> tuple[float, int]:
    """Which part of the CPU of a run went to metrics (from 0 to 1), and in how many calls."""
    metrics = Timed()
    made = job.messages(events, job.Accounts(accounts), SystemClock().now_us() - AGO_US)
    tasks = [task_of(partition, usage, metrics) for partition, usage in enumerate(waiting(made))]
    began = time.process_time_ns()
    running = asyncio.gather(*(task.run() for task in tasks))
    while sum(task.memory.position.usage for task in tasks if task.memory.position is not None) < events:
        if running.done():
            await running  # raises what ended it
        await asyncio.sleep(LOOK_S)
    took = time.process_time_ns() - began
    for task in tasks:
        task.stop()
    await running
    return metrics.spent_ns / took, metrics.calls


def main(line: str, events: str = "") -> None:
    """Measure a line."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    gc.set_threshold(GC_EVERY, *gc.get_threshold()[1:])
    accounts, many = LINES[line]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        part, calls = runner.run(share(accounts, int(events or many)))
    print(f"metrics take {part:.2%} of the CPU, in {calls:,} calls")  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
