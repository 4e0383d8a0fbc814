"""What is known of an account and of its users, laid out as the engine stores it.

A stored slice is when it is next due (8 bytes, big-endian, all ones for never), a version byte, and msgpack arrays.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from oracle.numbers import ZERO, plus, times
from oracle.rules import UNLIMITED

if TYPE_CHECKING:
    from oracle.rules import Rules

VERSION: Final = 2
NEVER: Final = 2**64 - 1
HEAD: Final = 9
"""Bytes before the msgpack."""


class Period(Struct, frozen=True, array_like=True):
    """A billing period, from ``starts`` (included) to ``ends`` (not included)."""

    starts: int
    ends: int

    def holds(self, at: int) -> bool:
        """Whether ``at`` lies in it."""
        return self.starts <= at < self.ends


class Standing(Struct, frozen=True, array_like=True):
    """What a meter stands at, and the start of the billing period it counts (None: it counts for ever)."""

    value: Decimal = ZERO
    period: int | None = None


class LimitState(Struct, frozen=True, array_like=True, tag="limit"):
    """Highest step passed, where it was passed, and how often the moment was armed again."""

    passed: Decimal | None = None
    limit: Decimal | None = None
    plan: str | None = None
    period: int | None = None
    arm: int = 0


class MilestoneState(Struct, frozen=True, array_like=True, tag="milestone"):
    """Whether it was passed."""

    passed: bool = False


class OnboardingState(Struct, frozen=True, array_like=True, tag="onboarding"):
    """The first time of each step done; ``not_started``, ``started``, ``completed`` or ``abandoned``."""

    done: dict[str, int] = {}
    status: str = "not_started"


class Known(Struct, frozen=True, array_like=True):
    """A fact as it was told; a decimal stands in ``number``."""

    at: int
    id: str
    value: str | bool | int | Period | None = None
    number: Decimal | None = None


class Open(Struct, array_like=True):
    """An offer in the account's hands, or lately over."""

    offer_id: str
    offer: str
    playbook: str
    family: str
    verb: str
    target: str
    moment: str
    kind: str
    occurrence: str
    placements: tuple[str, ...]
    made_at: int
    expires_at: int
    decision_id: str
    version: int
    no_rule: str
    no_for: int | None
    user: str | None = None
    step: Decimal | None = None
    price_difference: Decimal | None = None
    sequence: int = 1
    seen: tuple[str, ...] = ()
    snoozed_until: int | None = None
    over: str | None = None


class Closed(Struct, frozen=True, array_like=True):
    """A family that was said no to: until a time, until a step above ``step``, or (neither) for ever."""

    at: int
    until: int | None = None
    step: Decimal | None = None


class Made(Struct, frozen=True, array_like=True):
    """An offer made, as caps count it."""

    at: int
    offer_id: str
    offer: str
    family: str
    placements: tuple[str, ...]


class User(Struct, array_like=True):
    """One user of an account."""

    meters: dict[str, Standing] = {}
    moments: dict[str, LimitState | MilestoneState | OnboardingState] = {}
    facts: dict[str, Known] = {}
    counted: dict[str, Any] = {}


class Account(Struct, array_like=True):
    """One account."""

    facts: dict[str, Known] = {}
    meters: dict[str, Standing] = {}
    moments: dict[str, LimitState | MilestoneState | OnboardingState] = {}
    offers: list[Open] = []
    closed: dict[str, Closed] = {}
    made: list[Made] = []
    erased_at: int | None = None
    """When the account before this one under the same name was erased."""

    counted: dict[str, Any] = {}
    first_seen: int | None = None
    """What time it was when the first was heard of it."""

    baselines: dict[str, int] = {}
    since: dict[str, int] = {}

    def told(self, slot: str) -> str | bool | int | Period | None:
        """What a fact says; None when nobody told."""
        known = self.facts.get(slot)
        return None if known is None else known.value

    def plan(self, rules: Rules) -> str | None:
        """The plan it is on."""
        told = self.told("plan")
        return told if isinstance(told, str) else rules.default_plan

    def term(self) -> str | None:
        """The term of its plan."""
        told = self.told("term")
        return told if isinstance(told, str) else None

    def seats(self) -> int | None:
        """Seats paid for."""
        told = self.told("seats")
        return told if isinstance(told, int) else None

    def period(self) -> Period | None:
        """The billing period announced last."""
        told = self.told("period")
        return told if isinstance(told, Period) else None

    def owned(self) -> list[str]:
        """Products beside the plan, sorted."""
        return sorted(
            slot.removeprefix("product:")
            for slot, known in self.facts.items()
            if slot.startswith("product:") and known.value is True
        )

    def open(self) -> list[Open]:
        """Offers that somebody may still see, oldest first."""
        return [offer for offer in self.offers if offer.over is None]

    def limit(self, meter: str, rules: Rules) -> Decimal | str | None:
        """The limit of a meter: its own, else that of its plan and products; None when unknown."""
        return self.limit_with(self.plan(rules), meter, rules)

    def limit_with(self, plan: str | None, meter: str, rules: Rules) -> Decimal | str | None:
        """The limit of a meter: its own, else that of ``plan``, on which it is, and of its products."""
        own = self.facts.get(f"limit:{meter}")
        if own is not None:
            return UNLIMITED if own.number is None else own.number
        return self.limit_on(plan, meter, rules)

    def limit_on(self, plan: str | None, meter: str, rules: Rules) -> Decimal | str | None:
        """What the limit would be on ``plan``, had the account none of its own."""
        written = rules.plans[plan].limits.get(meter) if plan is not None and plan in rules.plans else None
        if written is None:
            return None
        if written.fixed is None:
            return UNLIMITED
        value = written.fixed
        if written.per_seat:
            seats = self.seats()
            if seats is None:
                return None
            value = plus(value, times(written.per_seat, Decimal(seats)))
        for product, added in rules.adding.get(meter, ()):
            if self.told(f"product:{product}") is True:
                value = plus(value, added)
        return value


Slice = Account | User

_ENCODER: Final = msgspec.msgpack.Encoder()
_ACCOUNTS: Final = msgspec.msgpack.Decoder(Account)
_USERS: Final = msgspec.msgpack.Decoder(User)


def decoded(key: bytes, raw: bytes) -> Slice:
    """A stored slice; raises `msgspec.ValidationError` or ``ValueError`` when it is none."""
    if len(raw) <= HEAD or raw[HEAD - 1] not in (1, VERSION):
        raise ValueError("not a slice of a version that the oracle reads")
    body = memoryview(raw)[HEAD:]
    return _ACCOUNTS.decode(body) if key.startswith(b"A") else _USERS.decode(body)


def encoded(held: Slice, due: int | None) -> bytes:
    """A slice as it is stored."""
    return (NEVER if due is None else due).to_bytes(8, "big") + bytes([VERSION]) + _ENCODER.encode(held)


def due_of(raw: bytes) -> int | None:
    """When a stored slice is next due."""
    due = int.from_bytes(raw[:8], "big")
    return None if due == NEVER else due
