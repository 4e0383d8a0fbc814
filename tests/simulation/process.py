"""An engine as a process: it can be killed at any await, sleep, and be started again."""

from __future__ import annotations

import asyncio
import contextvars
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry

from services.kit.errors import Fatal
from services.trigger_engine.adapters.wire import EventWire
from services.trigger_engine.metrics import EngineMetrics
from services.trigger_engine.runtime.engine import Engine, Terms
from services.trigger_engine.runtime.halts import PositionGone
from services.trigger_engine.runtime.rules import Rules, Told
from services.trigger_engine.runtime.sets import Sets
from tests.simulation.virtual_time import OWNER, Frozen
from tests.simulation.workload import PREFIX, US_PER_S

if TYPE_CHECKING:
    from services.trigger_engine.runtime.memory import Memory
    from services.trigger_engine.runtime.task import PartitionTask
    from tests.simulation.shell import Shell
    from tests.simulation.world import World

HOT_SLICES = 6
"""So few that slices are let go and opened again all the time."""

WIRE = EventWire()
"""One for all seeds: what it has learned makes it quicker, and changes nothing of what it says."""

MAX_INVALID_RUN: Final = 1_000
HALTS: Final = (65, 78)
"""Exit codes after which a supervisor does not start the process again."""


@lru_cache
def metrics() -> EngineMetrics:
    """One for all: nobody looks at it, and making it takes longer than a short seed."""
    return EngineMetrics(CollectorRegistry())


class EngineClock:
    """The wall as one machine sees it; another may be ahead, or be set back."""

    def __init__(self, world: World, skew_us: int) -> None:
        self.skew_us = skew_us
        self.ahead_s = 0.0
        self._world = world

    def now_us(self) -> int:
        return self._world.wall() + self.skew_us

    def monotonic(self) -> float:
        return self._world.loop.time() + self.ahead_s


class Process(Frozen):
    """One life of one engine. ``ended`` holds how it ended, once it has."""

    def __init__(self, world: World, shell: Shell, name: str, skew_us: int) -> None:
        super().__init__(world.loop)
        self.name = name
        self.ended: BaseException | bool = False
        self.killed = False
        self.tasks: dict[int, PartitionTask] = {}
        self.in_doubt: set[int] = set()
        self.clock = EngineClock(world, skew_us)
        self.stopping = asyncio.Event()
        self._world = world
        self._shell = shell
        context = contextvars.copy_context()
        context.run(OWNER.set, self)
        self.running_task = world.loop.create_task(self._run(), context=context)

    def kill(self) -> None:
        """SIGKILL: it stands still for ever, and what it has sent is on its way."""
        self.killed = True
        self.freeze()

    @property
    def alive(self) -> bool:
        return not self.killed and self.ended is False

    async def _run(self) -> None:
        try:
            await self._engine().run(self.stopping)
            self.ended = True
        except Fatal as fault:
            self.ended = fault
            self._world.reached[f"a process ended with {type(fault).__name__}"] += 1
            if fault.exit_code in HALTS and not self._is_due(fault):
                self._world.failures.append(f"{self.name} halted for nothing: {fault!r}")
        except Exception as fault:  # noqa: BLE001 - the seed fails with it
            self.ended = fault
            self._world.failures.append(f"{self.name} ended with {fault!r}")

    def _is_due(self, halt: Fatal) -> bool:
        """Whether the weather gave reason for it."""
        return isinstance(halt, PositionGone) and self._world.plan.position_lost

    def _engine(self) -> Engine:
        shell, plan = self._shell, self._world.plan
        logs = shell.logs(self)
        sets = Sets(logs, PREFIX, metrics(), in_backfill=plan.by_log)

        def task(partition: int, memory: Memory | None) -> PartitionTask:
            rules = Rules(
                prefix=PREFIX,
                partition=partition,
                partitions=plan.partitions,
                lateness_us=plan.lateness_s * US_PER_S,
                by_log=plan.by_log,
                max_invalid_run=MAX_INVALID_RUN,
                commit_every_ms=plan.commit_ms,
                max_seen=plan.max_seen,
                most_timers=plan.most_timers,
            )
            told = Told(self.clock, WIRE, metrics())
            made = shell.task(self, rules, shell.transactions(self, partition), logs, sets, told, memory)
            self.tasks[partition] = made
            return made

        terms = Terms(HOT_SLICES, plan.session_s)
        return Engine(shell.membership(self), task, sets, self.clock, metrics(), terms)
