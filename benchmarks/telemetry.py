"""What part of the engine's CPU its metrics and traces take: ``python -m benchmarks.telemetry hot|even|all [EVENTS]``.

The engine's tasks on logs in memory, as in `benchmarks.inside`, every call of telemetry timed. A share of one run: two
runs, with and without, differ by more than what is looked for. Events come without a trace, with one that nobody keeps,
and with some that somebody keeps, each a run of its own; ``OTEL_EXPORTER_OTLP_ENDPOINT`` names who is told. Logs
go to standard error, as at work, and belong to what is timed.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import uvloop
from prometheus_client import CollectorRegistry

from benchmarks import job
from benchmarks.inside import AGO_US, LINES, LOOK_S, task_of, waiting
from schemas.traces import Trace
from services.kit.clock import SystemClock
from services.kit.settings import TraceSettings, load
from services.kit.telemetry import logs
from services.kit.telemetry.traces import UNTOLD, Traces
from services.kit.telemetry.tracing import tracing
from services.trigger_engine.__main__ import GC_EVERY
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.runtime.tracing import Tracing, Underway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.inside import Headers

CALLS: Final = ("handled", "dead_lettered", "bounded", "committed", "ended", "made", "told")
"""What the intake and the tasks call of metrics."""

TRACED: Final = ((Tracing, "decided"), (Underway, "is_published"))
"""What they call of traces; the latter calls metrics, too."""


class Traced(StrEnum):
    """What trace events come with."""

    NONE = "none"
    DROPPED = "dropped"
    SAMPLED = "sampled"  # one that somebody keeps, of `ONE_OF` events


ONE_OF: Final = 10
"""More than most who send many events keep."""


class Stopwatch:
    """How long calls took, and how many there were; of a call that calls another, the outer one is timed."""

    def __init__(self) -> None:
        self.spent_ns = 0
        self.calls = 0
        self._inside = False

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """``call``, timed."""

        def timed(*given: object, **named: object) -> object:
            if self._inside:
                return call(*given, **named)
            self._inside = True
            began = time.thread_time_ns()
            answer = call(*given, **named)
            self.spent_ns += time.thread_time_ns() - began
            self.calls += 1
            self._inside = False
            return answer

        return timed


def headers(traced: Traced) -> Iterator[Headers] | None:
    """For each event in its turn, another trace each."""
    if traced is Traced.NONE:
        return None
    every = ONE_OF if traced is Traced.SAMPLED else sys.maxsize
    return ([Trace(f"{number:032x}", f"{number:016x}", number % every == 0).header] for number in count(1))


async def share(
    accounts: int, events: int, traced: Traced = Traced.NONE, traces: Traces = UNTOLD
) -> tuple[float, int, float]:
    """Which part of the CPU of a run went to telemetry (from 0 to 1), in how many calls; CPU of an event (us)."""
    watch, metrics = Stopwatch(), EngineMetrics(CollectorRegistry())
    for name in CALLS:
        setattr(metrics, name, watch.timed(getattr(metrics, name)))
    plain = [(of, name, getattr(of, name)) for of, name in TRACED]
    for of, name, call in plain:
        setattr(of, name, watch.timed(call))
    try:
        made = job.messages(events, job.Accounts(accounts), SystemClock().now_us() - AGO_US)
        usages = waiting(made, headers(traced))
        tasks = [task_of(partition, usage, metrics, traces) for partition, usage in enumerate(usages)]
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
    finally:
        for of, name, call in plain:
            setattr(of, name, call)
    return watch.spent_ns / took, watch.calls, took / events / 1_000


def main(line: str, events: str = "") -> None:
    """Measure a line."""
    logs.configure("benchmark")
    gc.set_threshold(GC_EVERY, *gc.get_threshold()[1:])
    accounts, many = LINES[line]
    for traced in Traced:
        with (
            tracing(load(TraceSettings), "benchmark") as traces,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            part, calls, each_us = runner.run(share(accounts, int(events or many), traced, traces))
        told = "" if traces is UNTOLD else ", and a collector is told"
        print(  # noqa: T201 - the result
            f"traces {traced.value}{told}: telemetry takes {part:.2%} of the CPU, in {calls:,} calls; "
            f"{each_us:.2f} us of CPU an event"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
