"""A set: everything that was published together, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from oracle.conditions.condition import Condition
from oracle.language import moment as kinds
from oracle.language.guarding import Guardrails
from oracle.language.moment import Moment
from oracle.language.offer import Offer
from oracle.language.reading_product import ProductDocument

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.language.meter import Meter


@dataclass(frozen=True)
class Playbook:
    """One playbook; its guardrails hold for its own offers, beside those of the product document."""

    name: str
    segments: Mapping[str, Condition]
    moments: Mapping[str, Moment]
    offers: Mapping[str, Offer]
    guardrails: Guardrails


@dataclass(frozen=True)
class Rules:
    """Everything that was published together; ``version`` is its offset on the log of sets.

    ``published``: when each meter (by its key) and each moment first was, in microseconds since 1970 UTC.
    """

    version: int
    product: ProductDocument
    playbooks: tuple[Playbook, ...]
    paused: frozenset[str] = field(default_factory=frozenset)
    published: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def moments(self) -> dict[str, Moment]:
        """All moments by name, in the order written."""
        return {name: moment for playbook in self.playbooks for name, moment in playbook.moments.items()}

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """All offers by name, in the order written."""
        return {name: offer for playbook in self.playbooks for name, offer in playbook.offers.items()}

    @cached_property
    def segments(self) -> dict[str, Condition]:
        """All segments by name, in the order written."""
        return {name: segment for playbook in self.playbooks for name, segment in playbook.segments.items()}

    @cached_property
    def guardrails(self) -> dict[str, Guardrails]:
        """By playbook."""
        return {playbook.name: playbook.guardrails for playbook in self.playbooks}

    @property
    def meters(self) -> Mapping[str, Meter]:
        """All meters by name, in the order written."""
        return self.product.meters

    # --- what an event can lead to --------------------------------------------------------------

    @cached_property
    def feeds(self) -> dict[str, list[tuple[Meter, list[Moment]]]]:
        """By event type: the meters it may move, each with the moments that watch it, in the order written."""
        return {
            event: [(meter, self._watching(meter)) for meter in self.meters.values() if meter.counts(event)]
            for event in self.product.events
        }

    def _watching(self, meter: Meter) -> list[Moment]:
        watching = (kinds.Limit, kinds.Milestone, kinds.Habit, kinds.Growth, kinds.Forecast)
        return [
            moment for moment in self.moments.values() if isinstance(moment, watching) and moment.meter == meter.name
        ]

    @cached_property
    def onboardings(self) -> list[kinds.Onboarding]:
        """The moments that are onboardings, in the order written."""
        return [moment for moment in self.moments.values() if isinstance(moment, kinds.Onboarding)]

    @cached_property
    def limits(self) -> list[tuple[kinds.Limit, Meter]]:
        """The moments that are limits, with their meters, in the order written."""
        limits = (moment for moment in self.moments.values() if isinstance(moment, kinds.Limit))
        return [(moment, self.meters[moment.meter]) for moment in limits]

    @cached_property
    def adding(self) -> dict[str, list[tuple[str, Decimal]]]:
        """By meter: the products that add to its limit, and how much."""
        sold = self.product.products
        added = {meter for product in sold.values() for meter in product.adds}
        return {
            meter: [(name, product.adds[meter]) for name, product in sold.items() if meter in product.adds]
            for meter in added
        }

    def offers_on(self, moment: Moment) -> list[Offer]:
        """The offers that a moment puts forward, in the order written."""
        return [offer for offer in self.offers.values() if moment.name in offer.on]
