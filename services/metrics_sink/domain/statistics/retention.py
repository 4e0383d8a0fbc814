"""Revenue kept of those who paid at the beginning of a month; exact.

    NRR = (start + expansion - contraction - churn) / start
    GRR = (start - contraction - churn) / start

All sums are of accounts that paid something at the start; who is new counts in the next month. GRR never exceeds 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

GROWING: Final = Decimal(1)
"""NRR above which customers who are there bring more than those who leave take."""

EXCELLENT: Final = Decimal("1.2")
"""NRR above which business grows by a fifth a year, or whatever the span is, without one new customer."""


@dataclass(frozen=True)
class Retention:
    """Money of one currency per month."""

    start: Decimal
    expansion: Decimal = Decimal(0)
    contraction: Decimal = Decimal(0)
    churn: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal | None:
        """NRR; None when nobody paid at the start."""
        return (self.start + self.expansion - self.contraction - self.churn) / self.start if self.start else None

    @property
    def gross(self) -> Decimal | None:
        """GRR; None when nobody paid at the start."""
        return (self.start - self.contraction - self.churn) / self.start if self.start else None


def retention(accounts: Iterable[tuple[Decimal, Decimal]]) -> Retention:
    """Of what each account paid a month at the start and at the end; neither is below 0."""
    start = expansion = contraction = churn = Decimal(0)
    for before, after in accounts:
        if not before:
            continue
        start += before
        if not after:
            churn += before
        elif after > before:
            expansion += after - before
        else:
            contraction += before - after
    return Retention(start, expansion, contraction, churn)
