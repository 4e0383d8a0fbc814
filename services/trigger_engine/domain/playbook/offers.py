"""What to do about it: moments and offers of a playbook as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.offers import Verb
from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.playbook.guardrails import Threshold
from services.trigger_engine.domain.playbook.moments import (
    LimitMoment,
    MilestoneMoment,
    OnboardingMoment,
    OnboardingOf,
)
from services.trigger_engine.domain.playbook.trials import Runs, StopIf
from services.trigger_engine.domain.playbook.verbs import (
    Add,
    AddComplement,
    AddSeats,
    ChangeTerm,
    ChooseFrom,
    Does,
    Highlight,
    Nurture,
    SellBundle,
    TaskFor,
    UpgradeTo,
    UpgradeToFitting,
    UpgradeToUnlock,
)

__all__ = [
    "Add",
    "AfterNo",
    "LimitMoment",
    "MilestoneMoment",
    "NoRule",
    "OfferDefinition",
    "OnboardingMoment",
    "OnboardingOf",
    "UpgradeTo",
    "Words",
]


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
    """One offer. ``does`` is what its verb acts on; ``words_at`` replaces ``words`` at a step of its limit moment.

    ``words_of`` replaces ``words`` in a variant; ``variants`` are their shares, which make a whole. ``propensity`` is
    how likely it is taken, as a share; both it and ``boost`` are factors of the score. ``only_for`` is whom it is for
    (None: everybody); ``not_before`` holds beside what the guardrails say.
    """

    name: str
    playbook: str
    on: tuple[str, ...]
    does: Does
    family: str
    words: Words | None
    words_at: Mapping[Decimal, Words] = field(default_factory=dict)
    placements: tuple[str, ...] = ()
    after_a_no: AfterNo = AfterNo(NoRule.FOR, "30d", 30 * 86_400 * 1_000_000)
    open_for_us: int = 7 * 86_400 * 1_000_000
    boost: Decimal = Decimal(1)
    propensity: Decimal = Decimal(1)
    only_for: Condition | None = None
    not_before: tuple[Threshold, ...] = ()
    words_of: Mapping[str, Words] = field(default_factory=dict)
    runs: Runs | None = None
    stop_if: StopIf | None = None
    variants: Mapping[str, Decimal] = field(default_factory=dict)
    report_by: tuple[str, ...] = ()

    @property
    def verb(self) -> Verb:
        """What the offer does, in one word."""
        return VERBS[type(self.does)]


VERBS: Final[Mapping[type[Does], Verb]] = {
    UpgradeTo: Verb.UPGRADE_TO,
    UpgradeToFitting: Verb.UPGRADE_TO,
    UpgradeToUnlock: Verb.UPGRADE_TO,
    Add: Verb.ADD,
    AddComplement: Verb.ADD,
    SellBundle: Verb.BUNDLE,
    AddSeats: Verb.SEATS,
    ChangeTerm: Verb.TERM,
    Highlight: Verb.HIGHLIGHT,
    Nurture: Verb.NURTURE,
    TaskFor: Verb.TASK,
    ChooseFrom: Verb.CHOOSE_FROM,
}
