"""What exists: the product document as one value. Its sections are imported from here, too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.trigger_engine.domain.conditions.condition import TRUE, Condition, Truth, Verdict
from services.trigger_engine.domain.conditions.kinds import Kind, Value
from services.trigger_engine.domain.conditions.names import Names
from services.trigger_engine.domain.playbook.catalogue import (
    ANY_TERM,
    ONCE,
    UNLIMITED,
    BundleSold,
    LadderOf,
    LimitRule,
    LimitValue,
    PlanSold,
    ProductSold,
    features_of,
)
from services.trigger_engine.domain.playbook.guardrails import (
    MAX_COUNTED,
    BackOff,
    Cap,
    Each,
    Guardrails,
    PriceStep,
    Quiet,
    QuietSegment,
    Threshold,
)
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span

__all__ = [
    "ANY_TERM",
    "DISENGAGED",
    "MAX_COUNTED",
    "ONCE",
    "UNLIMITED",
    "Aggregate",
    "BackOff",
    "BundleSold",
    "Cap",
    "Each",
    "FactDefinition",
    "History",
    "Holdout",
    "LadderOf",
    "Level",
    "LimitRule",
    "LimitValue",
    "MeterDefinition",
    "PlanSold",
    "PriceStep",
    "Product",
    "ProductSold",
    "Quiet",
    "QuietSegment",
    "Span",
    "Threshold",
    "Weights",
]


DISENGAGED: Final = "disengaged"
"""The value of a level to which nothing is sold."""


class History(StrEnum):
    """What an account that is seen for the first time had done before."""

    STARTS_EMPTY = "starts_empty"  # nothing: its meters are known from then on
    UNKNOWN = "unknown"  # nobody knows: its meters wait for a baseline


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """Something true of accounts, beyond what is built in; ``default`` until a fact has told (None: unknown)."""

    name: str
    type: Kind
    default: str | Decimal | int | bool | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """What an account is put down as: the first rung whose condition holds, else ``otherwise``."""

    name: str
    rungs: Mapping[str, Condition]
    otherwise: str

    @property
    def values(self) -> tuple[str, ...]:
        """All it can be, in the order written."""
        return (*self.rungs, self.otherwise)

    def judge(self, values: Mapping[str, Value | None]) -> tuple[str | None, Verdict]:
        """What an account of these values is put down as: the first that holds.

        None, with the verdict that says why, when one before it is unknown: it might have been that.
        """
        for name, condition in self.rungs.items():
            verdict = condition.judge(values)
            if verdict.truth is not Truth.FALSE:
                return (name if verdict.holds else None), verdict
        return self.otherwise, TRUE

    def flags(self, values: Mapping[str, Value | None]) -> dict[str, bool | None]:
        """The level as conditions read it: ``engagement.high`` and the like; all None while it is unknown."""
        name, _ = self.judge(values)
        return {f"{self.name}.{value}": None if name is None else value == name for value in self.values}


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each thing counts when offers compete; six digits after the point at most."""

    success: Decimal = Decimal("1.5")
    limit: Decimal = Decimal("1.5")
    other: Decimal = Decimal("1.0")
    match: Decimal = Decimal("2.0")
    value_from: Decimal = Decimal("0.5")
    value_to: Decimal = Decimal("2.0")


@dataclass(frozen=True, slots=True)
class Holdout:
    """The share of accounts that get no offer at all; who they are is a sticky hash of ``salt`` and the account."""

    share: Decimal
    salt: str


@dataclass(frozen=True, slots=True)
class Product:
    """The product document. ``events`` holds the type of each property by event type; ``?`` marks one that may lack.

    ``terms`` is months by name; ``quiet`` the cool-down in microseconds by state; ``in_use`` when a product or a
    feature counts as used. ``names`` are what conditions of playbooks can read beside their segments.
    """

    name: str
    currency: str
    default_plan: str | None
    terms: Mapping[str, int]
    events: Mapping[str, Mapping[str, str]]
    plans: Mapping[str, PlanSold]
    ladders: Mapping[str, tuple[str, ...]]
    products: Mapping[str, ProductSold]
    meters: Mapping[str, MeterDefinition]
    placements: tuple[str, ...]
    quiet: Mapping[Quiet, int]
    caps: tuple[Cap, ...]
    history: History = History.STARTS_EMPTY
    facts: Mapping[str, FactDefinition] = field(default_factory=dict)
    bundles: Mapping[str, BundleSold] = field(default_factory=dict)
    in_use: Mapping[str, Condition] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    quiet_segments: tuple[QuietSegment, ...] = ()
    not_before: tuple[Threshold, ...] = ()
    back_off: BackOff | None = None
    price_step: PriceStep = field(default_factory=PriceStep)
    weights: Weights = field(default_factory=Weights)
    holdout: Holdout | None = None
    names: Names = field(default_factory=lambda: Names({}), compare=False, repr=False)

    adding: Mapping[str, tuple[tuple[str, Decimal], ...]] = field(init=False, compare=False, repr=False)
    """By meter, the products that add to its limit, and how much each does."""

    def __post_init__(self) -> None:
        adding: dict[str, tuple[tuple[str, Decimal], ...]] = {}
        for name, sold in self.products.items():
            for meter, amount in sold.adds.items():
                adding[meter] = (*adding.get(meter, ()), (name, amount))
        object.__setattr__(self, "adding", adding)

    @property
    def starts_empty(self) -> bool:
        """Whether an account that is seen for the first time had done nothing before."""
        return self.history is History.STARTS_EMPTY

    @property
    def features(self) -> tuple[str, ...]:
        """Every feature that some plan gives, in the order written."""
        return features_of(self.plans.values())

    @property
    def guardrails(self) -> Guardrails:
        """What bounds every offer of every playbook."""
        return Guardrails(self.quiet, self.quiet_segments, self.not_before, self.caps, self.back_off, self.price_step)

    @property
    def needing_baseline(self) -> tuple[str, ...]:
        """Meters that are unknown of accounts that were there before, until ``rung.meter_set`` tells."""
        if self.starts_empty:
            return ()
        return tuple(name for name, meter in self.meters.items() if meter.span is not Span.ROLLING)

    def ladders_of(self, rung: str) -> tuple[str, ...]:
        """The ladders that hold this plan, product or feature."""
        return tuple(name for name, rungs in self.ladders.items() if rung in rungs)

    def kind_of(self, ladder: str) -> LadderOf:
        """What the rungs of ``ladder`` are."""
        return LadderOf.PLANS if all(rung in self.plans for rung in self.ladders[ladder]) else LadderOf.PRODUCTS
