"""What a set says, as plain values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Final

EVER: Final = "ever"
BILLING_PERIOD: Final = "billing_period"
UNLIMITED: Final = "unlimited"


@dataclass(frozen=True)
class Meter:
    """``kind`` is count, sum or max; ``prop`` is what is added up or compared; ``may_lack``: that is optional."""

    name: str
    kind: str
    of: str
    less: str | None
    prop: str | None
    span: str
    by_user: bool
    may_lack: bool

    @cached_property
    def key(self) -> str:
        """Its name in the state: with a hash of the definition, so that another definition starts anew."""
        definition = [self.kind, self.of, self.less, self.prop, self.span, self.by_user]
        return f"{self.name}#{hashlib.sha256(json.dumps(definition).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Limit:
    """``fixed`` (None: unlimited), or so much for each seat."""

    fixed: Decimal | None
    per_seat: Decimal


@dataclass(frozen=True)
class Plan:
    """One plan. ``prices`` by term; a price written without a term stands under ``any``."""

    id: str
    prices: Mapping[str, Decimal]
    per_seat: bool
    limits: Mapping[str, Limit]
    features: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """A product beside the plan; ``adds`` is capacity by meter."""

    id: str
    prices: Mapping[str, Decimal]
    adds: Mapping[str, Decimal]


@dataclass(frozen=True)
class Cap:
    """At most so many offers in so many microseconds, for each account, offer, family or placement."""

    at_most: int
    per: int
    each: str


@dataclass(frozen=True)
class Moment:
    """One moment; which fields are set goes with ``kind``: limit, milestone or onboarding. Times in microseconds."""

    name: str
    kind: str
    stale_after: int
    meter: str | None = None
    steps: tuple[Decimal, ...] = ()
    reaches: Decimal | None = None
    events: tuple[str, ...] = ()
    of_user: bool = False
    within: int | None = None


@dataclass(frozen=True)
class Words:
    """Title and body with ``{variables}``; ``otherwise`` is the title when one of them is unknown."""

    title: str
    body: str | None
    otherwise: str | None


@dataclass(frozen=True)
class Offer:
    """One offer. Of ``add`` (a product), ``plan`` and ``ladder`` (of an upgrade; neither: ``next``) one at most is set.

    ``no`` is what was written of a no, ``no_rule`` one of for, never, next_period, higher_step.
    """

    name: str
    playbook: str
    on: tuple[str, ...]
    family: str
    words: Words | None
    words_at: Mapping[Decimal, Words]
    placements: tuple[str, ...]
    no: str
    no_rule: str
    no_for: int | None
    open_for: int
    boost: Decimal
    add: str | None = None
    plan: str | None = None
    ladder: str | None = None

    @property
    def verb(self) -> str:
        """What it does, in one word."""
        return "upgrade_to" if self.add is None else "add"


@dataclass(frozen=True)
class Rules:
    """Everything that was published together; ``version`` is its offset on the log of sets."""

    version: int
    currency: str
    default_plan: str | None
    terms: Mapping[str, int]
    events: frozenset[str]
    plans: Mapping[str, Plan]
    ladders: Mapping[str, tuple[str, ...]]
    products: Mapping[str, Product]
    meters: Mapping[str, Meter]
    quiet: Mapping[str, int]
    caps: tuple[Cap, ...]
    moments: Mapping[str, Moment]
    offers: Mapping[str, Offer]
    paused: frozenset[str] = field(default_factory=frozenset)
    published: Mapping[str, int] = field(default_factory=dict)
    """When each meter, by key, and each moment, by name, was published first; also those of sets before this one."""

    @cached_property
    def feeds(self) -> dict[str, list[tuple[Meter, list[Moment]]]]:
        """By event type: the meters it moves, each with the moments that watch it, in the order written."""
        return {
            event: [(meter, self._watching(meter)) for meter in self.meters.values() if event in (meter.of, meter.less)]
            for event in self.events
        }

    @cached_property
    def adding(self) -> dict[str, list[tuple[str, Decimal]]]:
        """By meter: the products that add to its limit, and how much."""
        added = {meter for product in self.products.values() for meter in product.adds}
        return {
            meter: [(name, sold.adds[meter]) for name, sold in self.products.items() if meter in sold.adds]
            for meter in added
        }

    @cached_property
    def onboardings(self) -> list[Moment]:
        """The moments that are onboardings, in the order written."""
        return [moment for moment in self.moments.values() if moment.kind == "onboarding"]

    @cached_property
    def limits(self) -> list[tuple[Moment, Meter]]:
        """The moments that are limits, with their meters, in the order written."""
        return [(moment, self.meters[moment.meter or ""]) for moment in self.moments.values() if moment.kind == "limit"]

    @cached_property
    def steps(self) -> dict[str, list[Moment]]:
        """By event type: the onboardings that it is a step of."""
        return {event: [moment for moment in self.onboardings if event in moment.events] for event in self.events}

    @cached_property
    def of_users(self) -> frozenset[str]:
        """Event types that may move a meter, or an onboarding, of the user they name."""
        by_meter = {event for event, feeds in self.feeds.items() if any(meter.by_user for meter, _ in feeds)}
        return frozenset(by_meter | {event for moment in self.onboardings if moment.of_user for event in moment.events})

    def _watching(self, meter: Meter) -> list[Moment]:
        return [moment for moment in self.moments.values() if moment.meter == meter.name]

    def offers_on(self, moment: Moment) -> list[Offer]:
        """The offers that a moment puts forward, in the order written."""
        return [offer for offer in self.offers.values() if moment.name in offer.on]
