"""One account at one input: what detection looks at, and where it keeps what it found."""

from collections.abc import Container, Iterator, Sequence
from typing import Final, Protocol, Self, TypeVar

from msgspec import Struct

from services.trigger_engine.domain.account import AccountSlice, MomentState, UserSlice
from services.trigger_engine.domain.bounds import Bound, too_many
from services.trigger_engine.domain.inputs import Clocks
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition
from services.trigger_engine.domain.playbook.moments import AnyMoment
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.profile import created
from services.trigger_engine.domain.quiet import forget_lanes
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.slices import Holder, Slices, held_by
from services.trigger_engine.domain.standing import knows

MAX_FORMER: Final = 16
"""Meters, or moments, of former sets that a slice remembers, for a set may come back; the first is forgotten."""

FORMER_BYTES: Final = 2 * 1024
"""Of them as they are stored: a number takes some 40, a full window that rolls is forgotten with its set."""

V = TypeVar("V")
S = TypeVar("S", bound=MomentState)


class Keeps(Protocol[V]):
    """What is kept by name, in an order: a dictionary, or `PlainMeters`."""

    def __contains__(self, name: object, /) -> bool:
        """Whether something is kept under the name."""

    def __iter__(self) -> Iterator[str]:
        """The names."""

    def __getitem__(self, name: str, /) -> V:
        """What is kept under it."""

    def __setitem__(self, name: str, value: V, /) -> None:
        """Keep it, in place of what was kept."""

    def __delitem__(self, name: str, /) -> None:
        """Keep it no more."""


class Scene(Struct, frozen=True):
    """One account at one input, under one version of the set.

    ``when`` is what times are held against: whoever has changed the facts of the account asks a `fresh` one.
    """

    id: str
    account: AccountSlice
    slices: Slices
    rules: CompiledSet
    clocks: Clocks
    when: When

    @classmethod
    def of(cls, account: str, slices: Slices, rules: CompiledSet, clocks: Clocks) -> Self:
        """The account as it is now."""
        state = slices.account(account)
        return cls(account, state, slices, rules, clocks, When(state.zone(), state.period(), clocks.floor))

    def fresh(self) -> "Scene":
        """The same account, as it is by now."""
        return Scene.of(self.id, self.slices, self.rules, self.clocks)

    def holder(self, part: Part | None) -> Holder:
        """The slice of the account, or of one part of it."""
        return self.account if part is None else held_by(self.slices, self.id, part)

    def knows(self, meter: MeterDefinition, at: int) -> bool:
        """Whether all that ``meter`` counts of the account at ``at`` was seen."""
        return knows(self.rules, self.account, meter, at, self.when)

    def began(self) -> int | None:
        """When the account began; None when unknown."""
        return created(self.account, self.rules.product)

    def notice(self) -> bool:
        """Something was heard of the account; whether it was the first."""
        is_first = self.account.first_seen is None
        if is_first:
            self.account.first_seen = self.clocks.now
        return is_first

    def situation(self, user: UserSlice | None = None) -> Situation:
        """What judging may look at, as it is now; ``user`` is the slice of whom the input is about."""
        clocks = self.clocks
        return Situation(self.id, self.account, self.rules, clocks.now, user, clocks.floor, self.slices)

    # --- what is kept ---------------------------------------------------------------------------

    def state(self, holder: Holder, moment: AnyMoment, empty: S) -> S:
        """What ``moment`` remembers of ``holder``; ``empty`` when that is nothing, or of another kind of moment."""
        found = holder.moments.get(moment.name)
        return found if isinstance(found, type(empty)) else empty

    def keep(self, holder: Holder, moment: AnyMoment, state: MomentState) -> None:
        """Have ``moment`` remember."""
        self.put(holder.moments, moment.name, state, self.rules.moments)

    def put(self, held: Keeps[V], name: str, value: V, present: Container[str]) -> None:
        """Keep ``value`` under ``name``; of what is not ``present`` in the set any more, only so much is kept."""
        if name not in held:
            former = [known for known in held if known not in present]
            if former:
                self._forget(held, former)
        held[name] = value

    def _forget(self, held: Keeps[V], former: Sequence[str]) -> None:
        left = too_many([(known, held[known]) for known in former[-MAX_FORMER:]], FORMER_BYTES, 0)
        for gone in former[: max(0, len(former) - MAX_FORMER) + left]:
            del held[gone]
            forget_lanes(self.account)  # the numbers of meters behind it have moved up
            self.reached(Bound.FORMER_FORGOTTEN)

    def reached(self, bound: Bound, times: int = 1) -> None:
        """So many ``times`` there was more than is kept."""
        if times:
            self.slices.bounds[bound] += times
