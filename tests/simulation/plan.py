"""What a seed stands for: how large the world is, how bad its weather, and which faults may strike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from services.kit.kafka.partitioning import partition_of
from services.trigger_engine.runtime.pacing import MOST
from tests.simulation.network import Troubles

FAULTS: Final = (
    "kill", "sleep", "long sleep", "cut", "broker restart", "coordinator move", "foreign transaction", "compaction",
    "retention", "stop", "storm", "long time",
)  # fmt: skip
RESTLESS: Final = ("retention", "retention", "long sleep", "long sleep", "kill", "stop", "storm")
RESTLESS_COUNT: Final = (4, 12)
RESTLESS_OF: Final = 10
"""One seed in so many has engines that come, go and sleep, and logs that are let go, all the time: what goes wrong only
when several such things meet is found ten times sooner."""

RARE: Final = 0.05
"""How many seeds have a retention that passes the position: it ends them early."""

BACKFILLS: Final = 0.15
HOUR_S: Final = 3_600
RATES: Final = (0.0, 0.01, 0.03, 0.08)
LATENCIES_S: Final = ((0.0005, 0.006), (0.0005, 0.006), (0.01, 0.08))
"""A slow network gives late frames more of a chance to meet with something."""

FEW_TIMERS: Final = (1, 1, 2)
FEW_OF: Final = 4
"""In one seed of so many only few fire in one go, so that goes are cut."""

NAMES: Final = tuple(f"a{number}" for number in range(64))


@dataclass(frozen=True)
class Plan:
    """All that is drawn before anything happens. ``speed``: seconds on the wall for each second of the simulation.

    ``echo``: in the end all engines are killed, and usage that was sent before is sent once more. ``by_log``: time is
    what the log says, as in a backfill. ``most_timers`` fire in one go.
    """

    seed: int
    partitions: int
    engines: int
    accounts: tuple[str, ...]
    duration_s: float
    inputs: int
    faults: tuple[tuple[float, str], ...]
    troubles: Troubles
    latency_s: tuple[float, float]
    lateness_s: int
    speed: int
    session_s: float
    commit_ms: int
    max_seen: int
    skew: bool
    echo: bool
    position_lost: bool
    by_log: bool
    most_timers: int


def plan_of(seed: int) -> Plan:
    """The plan of ``seed``."""
    rng = Random(f"plan {seed}")
    partitions = rng.choice((1, 1, 2, 2, 3))
    duration = rng.uniform(3.0, 8.0)
    kinds = [fault for fault in FAULTS if rng.random() < 0.45]
    count = rng.choice((0, 1, 2, 3, 4, 6)) if kinds else 0
    plan = Plan(
        seed=seed,
        partitions=partitions,
        engines=rng.choice((1, 2, 2, 3)),
        accounts=_accounts(rng, partitions, rng.choice((2, 3, 4))),
        duration_s=duration,
        inputs=rng.choice((8, 16, 24, 36)),
        faults=tuple(sorted((rng.uniform(0.2, duration), rng.choice(kinds)) for _ in range(count))),
        troubles=Troubles(*(rng.choice(RATES) for _ in range(4))),
        latency_s=rng.choice(LATENCIES_S),
        lateness_s=rng.choice((0, HOUR_S, 24 * HOUR_S)),
        speed=rng.choice((1, 600, 4 * HOUR_S, 40 * HOUR_S)),
        session_s=rng.choice((1.0, 2.0)),
        commit_ms=rng.choice((20, 100, 300)),
        max_seen=rng.choice((6, 1_000, 1_000, 1_000)),
        skew=rng.random() < 0.3,
        echo=rng.random() < 0.5,
        position_lost=rng.random() < RARE,
        by_log=rng.random() < BACKFILLS,
        most_timers=Random(f"timers {seed}").choice(FEW_TIMERS) if seed % FEW_OF == FEW_OF - 1 else MOST,
    )
    return _restless(plan) if seed % RESTLESS_OF == RESTLESS_OF - 1 else plan


def _restless(plan: Plan) -> Plan:
    rng = Random(f"restless {plan.seed}")
    times = (rng.uniform(0.2, plan.duration_s) for _ in range(rng.randint(*RESTLESS_COUNT)))
    faults = tuple(sorted((at, rng.choice(RESTLESS)) for at in times))
    return replace(plan, engines=max(2, plan.engines), faults=faults, position_lost=False)


def _accounts(rng: Random, partitions: int, count: int) -> tuple[str, ...]:
    """Some accounts, at least one on each partition."""
    names = rng.sample(NAMES, len(NAMES))
    firsts = [next(name for name in names if partition_of(name, partitions) == p) for p in range(partitions)]
    others = [name for name in names if name not in firsts]
    return tuple(firsts + others[: max(0, count - partitions)])
