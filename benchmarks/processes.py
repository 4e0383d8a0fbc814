"""Child processes that are measured: their CPU is read from outside, their progress is what they print or write."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import Process
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from benchmarks.rates import CpuUse, Progress, Rate, rate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
CPU_EVERY_S: Final = 0.05
STOP_S: Final = 15.0
PROGRESS: Final = b"P "
"""A line of a reference's output: ``P <seconds of the monotonic clock> <events done>``."""


@dataclass
class Child:
    """A running child. ``cpu`` is by the monotonic clock, which all processes of a machine share."""

    process: Process
    log: Path
    cpu: CpuUse = field(default_factory=CpuUse)

    async def watch(self) -> None:
        """Read the CPU time it and its children use, until it ends."""
        seen = psutil.Process(self.process.pid)
        with suppress(psutil.Error):
            while self.process.returncode is None:
                times = seen.cpu_times()
                self.cpu.add(time.monotonic(), times.user + times.system)
                await asyncio.sleep(CPU_EVERY_S)

    def fault(self) -> RuntimeError:
        """What to raise when it ended though it should not have."""
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-3_000:]
        return RuntimeError(f"a measured process ended with {self.process.returncode}: {tail}")

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when that does not help."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.returncode is not None:
                return
            with suppress(ProcessLookupError):
                self.process.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), STOP_S)


@asynccontextmanager
async def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Run ``command`` for the block, with its output in ``log``."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}  # noqa: TID251 - for a child
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command, env={**inherited, **(environment or {})}, stdout=out, stderr=out, cwd=ROOT
        )
    child = Child(process, log)
    watching = asyncio.create_task(child.watch())
    try:
        yield child
    finally:
        await child.stop()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def reference(command: Sequence[str], log: Path, total: int, limit_s: float) -> Rate:
    """Run a reference until it has done ``total`` events or ``limit_s`` is over; what its progress lines make.

    A run cut off at the limit counts as far as it came: a slow reference would else hold up all.
    """
    async with running(command, log) as child:
        deadline = time.monotonic() + limit_s
        while child.process.returncode is None and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            done = told(log)
            if done and done[-1].count >= total:
                break
        else:
            if child.process.returncode not in (None, 0):
                raise child.fault()
        done = told(log)
        if not done:
            raise child.fault()
        return rate(done, child.cpu)


def told(log: Path) -> list[Progress]:
    """The progress lines so far; one that is being written is left for later."""
    found = []
    with log.open("rb") as lines:
        for line in lines:
            if line.startswith(PROGRESS) and line.endswith(b"\n"):
                _, seconds, count = line.split()
                found.append(Progress(float(seconds), int(count)))
    return found


def python_of_references() -> str:
    """The interpreter of `make bench`'s own environment, in which the other engines are installed."""
    return str(ROOT / ".venv-bench" / "bin" / "python")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_python() -> str:
    """The interpreter that the product runs on."""
    return sys.executable
