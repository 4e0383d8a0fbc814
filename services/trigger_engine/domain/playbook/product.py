"""What exists: the product document as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from services.trigger_engine.domain.numbers import added, times
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span

__all__ = ["Aggregate", "MeterDefinition", "Span"]  # the sections of the document are imported from here, too

UNLIMITED: Final = "unlimited"
"""A limit that nothing reaches. Known, unlike an absent one."""

ANY_TERM: Final = "any"
"""Term of a price written without one: ``price: 0``."""

ONCE: Final = "once"
"""Term of a price that is paid a single time."""

MAX_COUNTED: Final = 128
"""Most offers that one cap can allow: as many as an account remembers, at some 130 bytes each."""

LimitValue = Decimal | Literal["unlimited"]


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A plan's limit of one meter: ``fixed``, plus ``per_seat`` for each seat; None means no limit at all."""

    fixed: Decimal | None = Decimal(0)
    per_seat: Decimal = Decimal(0)

    def value(self, seats: int | None) -> LimitValue | None:
        """The limit for ``seats``; None when it depends on seats and they are unknown."""
        if self.fixed is None:
            return UNLIMITED
        if not self.per_seat:
            return self.fixed
        return None if seats is None else added(self.fixed, times(self.per_seat, Decimal(seats)))


@dataclass(frozen=True, slots=True)
class PlanSold:
    """One plan; ``prices`` by term, in the product's currency, for each seat when ``per_seat``."""

    id: str
    prices: Mapping[str, Decimal]
    per_seat: bool
    limits: Mapping[str, LimitRule]
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductSold:
    """A product beside the plan; ``adds`` is capacity, by meter."""

    id: str
    prices: Mapping[str, Decimal]
    adds: Mapping[str, Decimal]


class Quiet(StrEnum):
    """States in which an account is left alone."""

    ONBOARDING = "onboarding"
    OPEN_TICKET = "open_ticket"
    PAYMENT_FAILED = "payment_failed"
    CANCELLING = "cancelling"


class Each(StrEnum):
    """What a cap counts by."""

    ACCOUNT = "account"
    OFFER = "offer"
    FAMILY = "family"
    PLACEMENT = "placement"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most this many offers made in any ``per_us`` microseconds, for each of what ``each`` names."""

    at_most: int
    per_us: int
    each: Each


@dataclass(frozen=True, slots=True)
class Product:
    """The product document. ``events`` holds the type of each property by event type; ``?`` marks one that may lack.

    ``terms`` is months by name; ``quiet`` the cool-down in microseconds by state.
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
