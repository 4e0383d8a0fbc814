"""One seed: a broker, engines, customers, and what goes wrong; then peace, and a look at the logs."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from schemas import topics
from services.trigger_engine.adapters.simulated.broker import Broker
from services.trigger_engine.adapters.simulated.group import Group
from services.trigger_engine.runtime.position import POSITION_KEY, decode
from tests.simulation.chaos import Chaos
from tests.simulation.checker import check
from tests.simulation.network import Weather
from tests.simulation.plan import Plan, plan_of
from tests.simulation.process import HALTS, Process
from tests.simulation.shell import Shell
from tests.simulation.virtual_time import Stuck, VirtualLoop
from tests.simulation.workload import MAX_MESSAGE_BYTES, Workload, log_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.kit.kafka.reader import Log

NOON: Final = 1_772_366_400_000_000
"""2026-03-01T12:00:00Z, microseconds: when each simulation begins."""

US_PER_S: Final = 1_000_000
MARKER_S: Final = (0.0, 0.02)
EXPIRY_S: Final = (0.0, 3.0)
SKEW_US: Final = 400 * US_PER_S
"""Beyond what the engine takes for the future."""

RESTART_S: Final = (0.05, 1.0)
LOOK_S: Final = 0.25
PEACE_S: Final = 90.0
"""For all faults to pass: time limits of calls, sessions and transactions together take a tenth of it."""

CLEAN_UP_S: Final = 60.0
LAST_MARKER_S: Final = 10.0
"""For what is still under way: late frames, markers, and transactions that nobody ends."""


@dataclass(frozen=True)
class Verdict:
    """What came of a seed: what was wrong, if anything, and what it got to see."""

    seed: int
    failures: tuple[str, ...]
    reached: Counter[str]
    fingerprint: int


class World:
    """Everything there is, by one seed."""

    def __init__(self, plan: Plan, make_shell: Callable[[World], Shell]) -> None:
        seed = plan.seed
        self.plan = plan
        self.reached: Counter[str] = Counter()
        self.failures: list[str] = []
        self.rng = Random(f"world {seed}")
        self.loop = VirtualLoop(Random(f"order {seed}"))
        self.network = Weather(Random(f"network {seed}"), plan.latency_s, self.reached)
        markers = Random(f"markers {seed}")
        self.broker = Broker(
            self._wall_ms,
            lambda: markers.uniform(*MARKER_S),
            MAX_MESSAGE_BYTES,
            lambda: markers.uniform(*EXPIRY_S),
        )
        self.group = Group(plan.partitions, plan.session_s, self.loop.time)
        self.shell = make_shell(self)
        self.processes: list[Process] = []
        self.told: dict[Log, int] = {}
        """Offsets that the group was told; no engine should believe them."""

        self._begun: Counter[str] = Counter()

    # --- time -----------------------------------------------------------------------------------

    def wall(self) -> int:
        """Microseconds since 1970 UTC."""
        return NOON + int(self.loop.time() * self.plan.speed * US_PER_S)

    def _wall_ms(self) -> int:
        return self.wall() // 1_000

    # --- the course of it -----------------------------------------------------------------------

    async def run(self) -> None:
        plan = self.plan
        self.network.troubles = plan.troubles
        workload = Workload(plan, Random(f"work {plan.seed}"), self.broker, self.wall)
        workload.schedule()
        chaos = Chaos(self, Random(f"chaos {plan.seed}"))
        chaos.schedule()
        for number in range(plan.engines):
            self.start(f"engine-{number}")
        keeping = asyncio.create_task(self._supervise())
        await asyncio.sleep(plan.duration_s)
        chaos.heal()
        if plan.echo and not self.halted:
            chaos.kill_all()
            workload.echo()
        await self._settled()
        keeping.cancel()
        await self._stop()
        await asyncio.sleep(LAST_MARKER_S)

    def start(self, name: str) -> None:
        skew = self.rng.choice((0, SKEW_US, -SKEW_US)) if self.plan.skew else 0
        self.processes.append(Process(self, self.shell, name, skew))

    @property
    def halted(self) -> bool:
        """Whether an engine refused to go on for good."""
        return any(getattr(process.ended, "exit_code", None) in HALTS for process in self.processes)

    async def _supervise(self) -> None:
        """Start again what ended, after a while, under its name."""
        while True:
            newest = {process.name: process for process in self.processes}
            for process in newest.values():
                if not process.alive and not self.halted:
                    await asyncio.sleep(self.rng.uniform(*RESTART_S))
                    self.start(process.name)
            await asyncio.sleep(LOOK_S)

    async def _settled(self) -> None:
        """Wait until every input is in a committed position."""
        for _ in range(int(PEACE_S / LOOK_S)):
            if self.halted or self.failures or all(map(self._is_done, range(self.plan.partitions))):
                return
            await asyncio.sleep(LOOK_S)
        self.failures.append("stuck: not all input was taken in after peace came")

    def _is_done(self, partition: int) -> bool:
        state = self.broker.log(log_of(topics.ENGINE_STATE, partition)).committed()
        position = next((decode(r.value or b"") for r in reversed(state) if r.key == POSITION_KEY), None)
        for topic, known in (
            (topics.USAGE, position.usage if position else 0),
            (topics.RESPONSES, position.responses if position else 0),
        ):
            log = self.broker.log(log_of(topic, partition))
            if log.stable != log.end or any(entry.visible for entry in log.history[known:]):
                return False
        return True

    async def _stop(self) -> None:
        """SIGTERM for all that live."""
        living = [process for process in self.processes if process.alive]
        for process in living:
            process.stopping.set()
        if living:
            _, late = await asyncio.wait([process.running_task for process in living], timeout=CLEAN_UP_S)
            if late:
                self.failures.append("stuck: an engine did not stop")

    def close(self) -> None:
        """Let go of everything that still waits for something."""
        self.network.closed = True
        for process in self.processes:
            process.thaw()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        if left:
            self.loop.run_until_complete(asyncio.wait(left, timeout=CLEAN_UP_S))
        self.loop.close()

    # --- what restores tell ---------------------------------------------------------------------

    def restore_began(self, purpose: str) -> None:
        self._begun[purpose] += 1
        if self._begun[purpose] > 2:
            self.reached["a restore was interrupted twice"] += 1

    def restore_ended(self, purpose: str) -> None:
        self._begun[purpose] = 0


def simulate(seed: int, make_shell: Callable[[World], Shell] = Shell) -> Verdict:
    """Run one seed and judge it."""
    world = World(plan_of(seed), make_shell)
    asyncio.set_event_loop(None)
    try:
        world.loop.run_until_complete(world.run())
    except Stuck as stuck:
        world.failures.append(f"stuck: {stuck}")
    failures = [*world.failures, *check(world.broker, world.plan, world.reached, halted=world.halted)]
    world.close()
    return Verdict(seed, tuple(failures), world.reached, _fingerprint(world.broker))


def _fingerprint(broker: Broker) -> int:
    """Equal for equal histories, also in another process."""
    told = 0
    for where in sorted(broker.logs):
        for entry in broker.logs[where].history:
            told = zlib.crc32(repr(entry[:5]).encode(), told)
    return told
