"""One part of a running stack: a child process that is started, watched, started again, stopped."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.local_stack.errors import PartFailed
from services.local_stack.launch import tied
from services.local_stack.parts import Manners
from services.local_stack.plan import PartPhase
from services.local_stack.probes import Probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.local_stack.plan import PartState

_PROBE_S: Final = 0.1
# Exit codes after which trying again is pointless: it was done, or a setting is wrong (EX_CONFIG of sysexits.h).
_FINAL: Final = (0, 78)
# a part that failed this often without ever being ready is not waited for any longer
PATIENCE: Final = 3
_TAIL: Final = 2000  # characters of a log that are shown with an error


@dataclass(frozen=True)
class Recipe:
    """How to run a part."""

    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    probe: Probe
    manners: Manners
    uid: int | None = None
    inherits: int | None = None
    """A descriptor that the child keeps open: the stack's lock."""


class Part:
    """A part and its process. Used from one event loop, on the thread that lives as long as the process."""

    def __init__(self, state: PartState, recipe: Recipe, changed: Callable[[], None]) -> None:
        self.state = state
        self._recipe = recipe
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._life: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # ready, or over

    async def start(self) -> None:
        """Start it, and wait until it is ready. Only waits when it is running.

        Raises:
            PartFailed: it ended for good, or was not ready in time; in the second case it goes on.
        """
        if self._life is None or self._life.done():
            self._settled.clear()
            self._life = asyncio.create_task(self._live())
        elif self.state.phase is PartPhase.BACKING_OFF:
            await self._end_life()
            await self.start()
            return
        within = self._recipe.manners.ready_within_s
        try:
            await asyncio.wait_for(self._settled.wait(), within)
        except TimeoutError:
            raise self._failure(f"was not ready within {within:g} s") from None
        if self.state.phase is not PartPhase.READY:
            raise self._failure(f"ended ({self.state.exits}) and is {self.state.phase}")

    async def stop(self) -> None:
        """Ask it to end, and kill it when it does not within its grace."""
        process = self._process
        await self._end_life()
        if process is not None and process.returncode is None:
            process.send_signal(self._recipe.manners.stop)
            try:
                await asyncio.wait_for(process.wait(), self._recipe.manners.grace_s)
            except TimeoutError:
                process.kill()
                await process.wait()
        self.state.exits = None if process is None else process.returncode
        self._become(PartPhase.STOPPED)

    async def kill(self, *, stay_down: bool) -> None:
        """End it by SIGKILL. It comes back if that is its manner and ``stay_down`` is not wanted."""
        process = self._process
        if stay_down or not self._recipe.manners.comes_back:
            await self._end_life()
        if process is not None and process.returncode is None:
            self._settled.clear()
            process.kill()
            await process.wait()
            self.state.exits = process.returncode
        if self._life is None:
            self._become(PartPhase.DOWN)

    async def _end_life(self) -> None:
        """Leave the process, if any, to the caller."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
            self._life = None

    async def _live(self) -> None:
        """Run it, and again when it fails, until it ends for good or this is cancelled."""
        manners = self._recipe.manners
        back_off = manners.back_off_first_s
        for attempt in itertools.count(1):
            began = asyncio.get_running_loop().time()
            exits = await self._run_once()
            if not manners.comes_back or exits in _FINAL:
                self._become(PartPhase.DOWN if exits else PartPhase.STOPPED)
                return
            if asyncio.get_running_loop().time() - began > manners.back_off_most_s:
                back_off = manners.back_off_first_s
            self._become(PartPhase.BACKING_OFF)
            if attempt >= PATIENCE:
                self._settled.set()
            await asyncio.sleep(back_off)
            self.state.restarts += 1
            back_off = min(back_off * 2, manners.back_off_most_s)

    async def _run_once(self) -> int:
        self._process = process = await self._spawn()
        self.state.pid, self.state.exits = process.pid, None
        self._become(PartPhase.STARTING)
        watch = asyncio.create_task(self._watch_for_readiness())
        try:
            self.state.exits = await process.wait()
        finally:
            watch.cancel()
        return self.state.exits

    async def _spawn(self) -> asyncio.subprocess.Process:
        recipe = self._recipe
        with recipe.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *tied(recipe.command, recipe.manners.death, recipe.uid),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=recipe.directory,
                env=dict(recipe.environment),
                pass_fds=() if recipe.inherits is None else (recipe.inherits,),
            )

    async def _watch_for_readiness(self) -> None:
        while not await self._recipe.probe():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(_PROBE_S)
        self._become(PartPhase.READY)

    def _become(self, phase: PartPhase) -> None:
        self.state.phase = phase
        if phase not in (PartPhase.STARTING, PartPhase.READY):
            self.state.pid = None
        if phase in (PartPhase.READY, PartPhase.DOWN, PartPhase.STOPPED):
            self._settled.set()
        print(f"{self.state.name}: {phase}", file=sys.stderr, flush=True)  # noqa: T201 - the supervisor's log
        self._changed()

    def _failure(self, why: str) -> PartFailed:
        try:
            tail = self._recipe.log.read_text(encoding="utf-8", errors="replace")[-_TAIL:]
        except OSError:
            tail = ""
        return PartFailed(self.state.name, why, self._recipe.log, tail)
