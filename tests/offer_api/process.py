"""The offer API as its own process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from services.local_stack.launch import tied
from tests.offer_api.running import LOCALHOST, NO_TLS, free_ports, until_ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.offer_api.running import Ground

STOP_S = 10
"""What a supervisor waits after SIGTERM before it kills."""


async def spawned(environment: dict[str, str], program: str = "services.offer_api") -> Process:
    """Start ``program`` with ``environment`` beside what programs need to run."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - for a child
    return await asyncio.create_subprocess_exec(
        *tied([sys.executable, "-m", program], signal.SIGKILL),
        env={**inherited, **environment},
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: Process) -> tuple[int, str]:
    """Exit code and what was said on standard error."""
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, err.decode()


@dataclass(frozen=True)
class Running:
    """A process that is ready."""

    process: Process
    http: httpx.AsyncClient

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        await asyncio.wait_for(self.process.communicate(), STOP_S)
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def started(ground: Ground) -> AsyncIterator[Running]:
    """A ready process; killed when the context ends and it still runs."""
    port, http_port = free_ports()
    process = await spawned(ground.environment(port, http_port))
    async with httpx.AsyncClient(base_url=f"http://{LOCALHOST}:{port}", timeout=15, verify=NO_TLS) as http:
        try:
            await until_ready(http, "/readyz")
            yield Running(process, http)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
