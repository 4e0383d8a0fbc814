"""What goes wrong, and when."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from schemas import topics
from services.trigger_engine.adapters.simulated.broker import Refused
from services.trigger_engine.ports import Outgoing
from services.trigger_engine.runtime.position import POSITION_KEY, decode
from tests.simulation.workload import PREFIX, log_of

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.process import Process
    from tests.simulation.world import World

NAP_S: Final = (0.05, 0.8)
LONG_NAP_S: Final = (1.5, 4.0)
"""Past the session of the group and the time-out of transactions."""

DOWN_S: Final = (0.3, 4.0)
FOREIGN_TIMEOUT_S: Final = (0.5, 5.0)
AHEAD_S: Final = (65.0, 4_000.0)
"""Past the wait before ids are trimmed; past the time that a memory is kept for."""

STORM: Final = 6
STORM_EVERY_S: Final = 0.35


class Chaos:
    """Strikes at the times of the plan; whom, the seed says."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world = world
        self._rng = rng
        self._foreign = 0
        self._over = False

    def schedule(self) -> None:
        loop, plan = asyncio.get_running_loop(), self._world.plan
        for at, fault in plan.faults:
            loop.call_later(at, self._strike, fault)
        if plan.position_lost:
            loop.call_later(plan.duration_s * 0.7, self._lose_position)

    def _strike(self, fault: str) -> None:
        if self._over:
            return
        {
            "kill": self._kill,
            "sleep": lambda: self._sleep(NAP_S),
            "long sleep": lambda: self._sleep(LONG_NAP_S),
            "cut": self._cut,
            "broker restart": self._broker_restart,
            "coordinator move": self._coordinator_move,
            "foreign transaction": self._foreign_transaction,
            "compaction": self._compaction,
            "retention": self._retention,
            "stop": self._stop,
            "storm": self._storm,
            "long time": self._long_time,
        }[fault]()

    def heal(self) -> None:
        """Peace: what sleeps wakes, what is cut off is heard again."""
        world = self._world
        self._over = True
        world.network.heal()
        world.broker.coordinator_away = world.group.away = False
        for process in world.processes:
            if process.alive and not process.running:
                self._wake(process)

    def _one(self) -> Process | None:
        awake = [process for process in self._world.processes if process.alive and process.running]
        return self._rng.choice(awake) if awake else None

    # --- engines --------------------------------------------------------------------------------

    def _kill(self) -> None:
        victim = self._one()
        if victim is not None:
            victim.kill()

    def kill_all(self) -> None:
        for process in self._world.processes:
            process.kill()

    def _stop(self) -> None:
        victim = self._one()
        if victim is not None:
            victim.stopping.set()

    def _storm(self) -> None:
        """Members come and go."""
        loop = asyncio.get_running_loop()
        for number in range(STORM):
            loop.call_later(number * STORM_EVERY_S, self._strike, self._rng.choice(("kill", "stop")))

    def _long_time(self) -> None:
        """As if everybody had slept for long: what is due by the machine's own clock, and not by the wall, is due."""
        ahead = self._rng.choice(AHEAD_S)
        for process in self._world.processes:
            process.clock.ahead_s += ahead

    def _sleep(self, bounds: tuple[float, float]) -> None:
        victim = self._one()
        if victim is None:
            return
        victim.freeze()
        asyncio.get_running_loop().call_later(self._rng.uniform(*bounds), self._wake, victim, self._owned(victim))

    def _wake(self, process: Process, owned: dict[int, int] | None = None) -> None:
        if process.running or not process.alive:
            return
        if owned and any(self._epoch(partition) > epoch for partition, epoch in owned.items()):
            self._world.reached["a zombie woke after the takeover"] += 1
        process.thaw()

    def _owned(self, process: Process) -> dict[int, int]:
        return {partition: self._epoch(partition) for partition in process.tasks}

    def _epoch(self, partition: int) -> int:
        return self._world.broker.owner(f"{PREFIX}-engine-{partition}").epoch

    # --- the way to the broker ------------------------------------------------------------------

    def _cut(self) -> None:
        victim = self._one()
        if victim is not None:
            until = asyncio.get_running_loop().time() + self._rng.uniform(*LONG_NAP_S)
            self._world.network.cut(victim.name, until)

    def _broker_restart(self) -> None:
        self._world.network.broker_down(asyncio.get_running_loop().time() + self._rng.uniform(*DOWN_S))

    def _coordinator_move(self) -> None:
        """Both coordinators are away for a while: requests to them are answered so."""
        world = self._world
        world.broker.coordinator_away = world.group.away = True

        def back() -> None:
            world.broker.coordinator_away = world.group.away = False

        asyncio.get_running_loop().call_later(self._rng.uniform(*DOWN_S), back)

    # --- the logs -------------------------------------------------------------------------------

    def _foreign_transaction(self) -> None:
        """Somebody else writes to a state log in a transaction, and never ends it."""
        world, rng = self._world, self._rng
        where = log_of(topics.ENGINE_STATE, rng.randrange(world.plan.partitions))
        self._foreign += 1
        try:
            who = world.broker.initialise(f"foreign-{self._foreign}", rng.uniform(*FOREIGN_TIMEOUT_S))
            world.broker.add(who, [where])
            world.broker.produce(who, where, 0, [Outgoing(where.topic, b"Z", b"not of the engine")])
        except Refused:
            return
        world.reached["a foreign transaction was left open"] += 1

    def _compaction(self) -> None:
        world = self._world
        for partition in range(world.plan.partitions):
            log = world.broker.log(log_of(topics.ENGINE_STATE, partition))
            log.compact(log.end - self._rng.randrange(4))

    def _retention(self) -> None:
        """Input that is in a committed position is let go."""
        for partition in range(self._world.plan.partitions):
            position = self._position(partition)
            if position is not None:
                self._world.broker.log(log_of(topics.USAGE, partition)).delete(position[0])
                self._world.broker.log(log_of(topics.RESPONSES, partition)).delete(position[1])

    def _lose_position(self) -> None:
        """Retention passes what is not yet in a committed position, while nobody works on it."""
        self.kill_all()
        partition = self._rng.randrange(self._world.plan.partitions)
        log = self._world.broker.log(log_of(topics.USAGE, partition))
        position = self._position(partition)
        if position is not None and log.stable > position[0]:
            log.delete(log.stable)

    def _position(self, partition: int) -> tuple[int, int] | None:
        for record in reversed(self._world.broker.log(log_of(topics.ENGINE_STATE, partition)).committed()):
            if record.key == POSITION_KEY:
                position = decode(record.value or b"")
                return position.usage, position.responses
        return None
