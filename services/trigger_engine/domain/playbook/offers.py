"""What to do about it: moments and offers of a playbook as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.moments import (
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
)

__all__ = [
    "Add",
    "AfterNo",
    "LimitMoment",
    "MilestoneMoment",
    "Moment",
    "NoRule",
    "OfferDefinition",
    "OnboardingMoment",
    "OnboardingOf",
    "UpgradeTo",
    "Words",
]


Moment = LimitMoment | MilestoneMoment | OnboardingMoment
"""The moments that the core watches for, of all in `playbook.moments`."""


@dataclass(frozen=True, slots=True)
class UpgradeTo:
    """``plan``, or the next rung of ``ladder``, or of the only ladder that holds the account's plan."""

    plan: str | None = None
    ladder: str | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """A product beside the plan."""

    product: str


class NoRule(StrEnum):
    """What a dismissal means for the offer's family."""

    FOR = "for"
    NEVER = "never"
    NEXT_PERIOD = "next_period"
    HIGHER_STEP = "higher_step"


@dataclass(frozen=True, slots=True)
class AfterNo:
    """``written`` as the operator wrote it; ``for_us`` only with `NoRule.FOR`."""

    rule: NoRule
    written: str
    for_us: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Title and body with ``{variables}``; ``otherwise`` is the title when one of them is unknown."""

    title: str
    body: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class OfferDefinition:
    """One offer. ``words_at`` replaces ``words`` at a step of its limit moment; ``does`` is what the verb acts on."""

    name: str
    playbook: str
    on: tuple[str, ...]
    does: UpgradeTo | Add
    family: str
    words: Words | None
    words_at: Mapping[Decimal, Words] = field(default_factory=dict)
    placements: tuple[str, ...] = ()
    after_a_no: AfterNo = AfterNo(NoRule.FOR, "30d", 30 * 86_400 * 1_000_000)
    open_for_us: int = 7 * 86_400 * 1_000_000
    boost: Decimal = Decimal(1)

    @property
    def verb(self) -> Verb:
        """What the offer does, in one word."""
        match self.does:
            case UpgradeTo():
                return Verb.UPGRADE_TO
            case Add():
                return Verb.ADD
