from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from prometheus_client import CollectorRegistry
from typing_extensions import override

from services.kit.db.faults import DatabaseAway
from services.metrics_sink.domain.guard import Guard, Reaction
from services.metrics_sink.domain.sets import InForce
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.sample_ratio import Split
from services.metrics_sink.metrics import SinkMetrics
from services.metrics_sink.runtime.guarding import Guarding

GUARD = Guard(after=20, dismissed=Decimal("0.4"))
NONE = Arm.of_share(0, 0)


@dataclass
class World:
    """A set of two guarded offers, and how many of 100 accounts dismissed each."""

    noes: dict[str, int]
    force: InForce | None = field(
        default_factory=lambda: InForce(3, "files", {"a": GUARD, "b": GUARD}, {3: Decimal("0.05")})
    )
    told: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    async def in_force(self) -> InForce | None:
        return self.force

    async def of(self, offer: str, in_force: InForce) -> Reaction:
        assert in_force is self.force
        self.asked.append(offer)
        return Reaction(100, self.noes[offer], (NONE, NONE), Split(0, 0, Fraction(1, 2)))

    async def pause(self, offer: str, why: str, in_force: InForce) -> None:
        assert in_force is self.force
        self.told.append((offer, why))

    def guarding(self, every_s: float = 60.0) -> Guarding:
        return Guarding(self, self, self, SinkMetrics(self.registry), every_s)

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"rung_sink_{name}", labels)


async def test_what_broke_its_guard_is_stopped_and_nothing_else() -> None:
    world = World({"a": 90, "b": 10})
    await world.guarding().look()
    assert world.told == [("a", "stop_if: dismissed by 90 of 100 accounts that saw it, for certain more than 40%")]
    assert (world.metric("guarded_offers"), world.metric("guard_stops_total")) == (2, 1)


async def test_what_is_paused_already_is_left_alone() -> None:
    world = World({"a": 90, "b": 10})
    assert world.force is not None
    world.force = replace(world.force, paused=frozenset({"a"}))
    await world.guarding().look()
    assert (world.told, world.asked) == ([], ["b"])
    assert (world.metric("guarded_offers"), world.metric("guard_stops_total")) == (1, 0)


async def test_without_a_set_there_is_nothing_to_watch() -> None:
    world = World({}, force=None)
    await world.guarding().look()
    assert world.told == []


async def test_a_database_that_is_away_stops_nothing() -> None:
    class Away(World):
        @override
        async def of(self, offer: str, in_force: InForce) -> Reaction:
            raise DatabaseAway(f"{offer} of {in_force.version}")

    world = Away({})
    with pytest.raises(DatabaseAway):
        await world.guarding().look()
    assert world.told == []


async def test_each_look_is_counted_also_one_that_was_not_possible() -> None:
    @dataclass
    class Flaky(World):
        looks: int = 0

        @override
        async def in_force(self) -> InForce | None:
            self.looks += 1
            if self.looks in {2, 3}:
                raise DatabaseAway("gone")
            if self.looks == 5:
                raise asyncio.CancelledError  # the sink stops
            return self.force

    world = Flaky({"a": 0, "b": 0})
    with pytest.raises(asyncio.CancelledError):
        await world.guarding(every_s=0.0).run()
    looks = {look: world.metric("guard_looks_total", look=look) for look in ("done", "away")}
    assert looks == {"done": 2, "away": 2}
