"""What is sold, and what it costs: plans, products, bundles, ladders, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from services.trigger_engine.domain.numbers import added, times

UNLIMITED: Final = "unlimited"
"""A limit that nothing reaches. Known, unlike an absent one."""

ANY_TERM: Final = "any"
"""Term of a price written without one: ``price: 0``."""

ONCE: Final = "once"
"""Term of a price that is paid a single time."""

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
    """One plan; ``prices`` by term, in the product's currency, for each seat when ``per_seat``.

    ``term_features`` are what a term gives beside ``features``, by term.
    """

    id: str
    prices: Mapping[str, Decimal]
    per_seat: bool
    limits: Mapping[str, LimitRule]
    features: tuple[str, ...]
    term_features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def features_on(self, term: str | None) -> tuple[str, ...]:
        """What the plan gives to those who pay for ``term``."""
        return (*self.features, *self.term_features.get(term or "", ()))


def features_of(plans: Iterable[PlanSold]) -> tuple[str, ...]:
    """Every feature that some plan gives, in the order written."""
    given = (feature for plan in plans for some in (plan.features, *plan.term_features.values()) for feature in some)
    return tuple(dict.fromkeys(given))


@dataclass(frozen=True, slots=True)
class ProductSold:
    """A product beside the plan; ``adds`` is capacity, by meter.

    ``goes_with`` is how strongly it goes with a plan or another product, 1 being no more than chance; ``sort`` the
    operator's word for what sort of thing it is; ``repeat``: who has it can buy it again.
    """

    id: str
    prices: Mapping[str, Decimal]
    adds: Mapping[str, Decimal]
    goes_with: Mapping[str, Decimal] = field(default_factory=dict)
    sort: str | None = None
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class BundleSold:
    """Products sold together; what that saves is computed from their prices, and stands nowhere."""

    id: str
    items: tuple[str, ...]
    prices: Mapping[str, Decimal]


class LadderOf(StrEnum):
    """What the rungs of a ladder are."""

    PLANS = "plans"
    PRODUCTS = "products"  # or features: the next needs the one before it in use
