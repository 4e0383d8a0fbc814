from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from typing_extensions import override

from services.kit.db.faults import DatabaseAway
from services.metrics_sink.domain.guard import Guard, Reaction
from services.metrics_sink.domain.sets import InForce
from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.sample_ratio import Split
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

    async def in_force(self) -> InForce | None:
        return self.force

    async def of(self, offer: str, in_force: InForce) -> Reaction:
        assert in_force is self.force
        self.asked.append(offer)
        return Reaction(100, self.noes[offer], (NONE, NONE), Split(0, 0, Fraction(1, 2)))

    async def pause(self, offer: str, why: str, in_force: InForce) -> None:
        assert in_force is self.force
        self.told.append((offer, why))

    def guarding(self) -> Guarding:
        return Guarding(self, self, self, every_s=60.0)


async def test_what_broke_its_guard_is_stopped_and_nothing_else() -> None:
    world = World({"a": 90, "b": 10})
    await world.guarding().look()
    assert world.told == [("a", "stop_if: dismissed by 90 of 100 accounts that saw it, for certain more than 40%")]


async def test_what_is_paused_already_is_left_alone() -> None:
    world = World({"a": 90, "b": 10})
    assert world.force is not None
    world.force = replace(world.force, paused=frozenset({"a"}))
    await world.guarding().look()
    assert (world.told, world.asked) == ([], ["b"])


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
