"""Verifying: how long `rung verify` takes over what an engine did, and what it needs for that."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

from benchmarks.processes import own_python, running

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.processes import Child

LOOK_S: Final = 0.1
BYTES_PER_MIB: Final = 1024 * 1024


class Verified(NamedTuple):
    """``seconds`` from the command to its last word; ``mib`` is the most that all its processes held together."""

    events: int
    seconds: float
    mib: float

    @property
    def per_second(self) -> float:
        """Events verified a second, the start of the command included."""
        return self.events / self.seconds


async def verified(bootstrap: str, prefix: str, home: Path) -> Verified:
    """Verify all that lies under ``prefix``. Raises ``RuntimeError`` when anything is wrong with it."""
    log = home / f"{prefix}-verify.log"
    environment = {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "RUNG_TOPIC_PREFIX": prefix}
    began, mib = time.monotonic(), 0.0
    async with running([own_python(), "-m", "services.cli", "verify", "--json"], log, environment) as child:
        while child.process.returncode is None:
            mib = max(mib, _held(child))
            await asyncio.sleep(LOOK_S)
        seconds = time.monotonic() - began
        if child.process.returncode != 0:
            raise child.fault()
    told = json.loads(log.read_text().splitlines()[-1])
    return Verified(sum(partition["inputs"] for partition in told["partitions"].values()), seconds, mib)


def _held(child: Child) -> float:
    """MiB of memory of ``child`` and all that it started; what two of them share is counted twice."""
    try:
        one = psutil.Process(child.process.pid)
        return sum(each.memory_info().rss for each in (one, *one.children(recursive=True))) / BYTES_PER_MIB
    except psutil.NoSuchProcess:
        return 0.0
