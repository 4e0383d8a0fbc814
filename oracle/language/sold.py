"""What is sold: plans, products, bundles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

UNLIMITED: Final = "unlimited"
ONCE: Final = "once"
ANY_TERM: Final = "any"
"""Stands for the term of a price that is written without one: it is 0."""

Prices = Mapping[str, Decimal]
"""Amounts by term."""


@dataclass(frozen=True)
class Limit:
    """``fixed`` (None: unlimited), and so much for each seat."""

    fixed: Decimal | None
    per_seat: Decimal


@dataclass(frozen=True)
class Plan:
    """One plan; what it costs is for each seat when ``per_seat``."""

    id: str
    prices: Prices
    per_seat: bool
    limits: Mapping[str, Limit]
    features: tuple[str, ...]
    term_features: Mapping[str, tuple[str, ...]]

    def features_on(self, term: str | None) -> tuple[str, ...]:
        """What it gives to those who pay for ``term``."""
        return (*self.features, *self.term_features.get(term or "", ()))


@dataclass(frozen=True)
class Product:
    """A product beside the plan; ``adds`` is capacity by meter, ``goes_with`` the strength by plan or product."""

    id: str
    prices: Prices
    adds: Mapping[str, Decimal]
    goes_with: Mapping[str, Decimal]
    sort: str | None
    repeat: bool


@dataclass(frozen=True)
class Bundle:
    """Products that are sold together."""

    id: str
    items: tuple[str, ...]
    prices: Prices
