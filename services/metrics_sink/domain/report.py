"""All that a report says, as values: what is shown follows from this and from nothing else."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.decisions import Reason
from services.metrics_sink.domain.effect import Effect
from services.metrics_sink.domain.statistics.retention import EXCELLENT, GROWING, Retention
from services.metrics_sink.domain.too_late import TooLate

ZERO: Final = Decimal(0)

ENOUGH_SEEN: Final = 200
"""Presented offers from which on a propensity is proposed: of 4 %, then right to some 1.4 points."""

THOUSANDTH: Final = Decimal("0.001")
"""Propensities are written so fine; an offer that nobody took so far has this much, and not none."""


@dataclass(frozen=True)
class Funnel:
    """How many offers came how far; each counts once in each. ``converted``: conversions credited to them."""

    made: int
    presented: int
    clicked: int
    accepted: int
    dismissed: int
    converted: int

    @property
    def propensity(self) -> Decimal | None:
        """What to write as the offer's ``propensity``: how likely it is taken; None before enough have seen it."""
        if self.presented < ENOUGH_SEEN:
            return None
        return max((Decimal(self.converted) / self.presented).quantize(THOUSANDTH), THOUSANDTH)


@dataclass(frozen=True)
class OfferReport:
    """One offer: what became of it, and what it changed."""

    offer: str
    playbook: str
    funnel: Funnel
    effect: Effect


@dataclass(frozen=True)
class PlaybookReport:
    """What all offers of a playbook together changed, of accounts counted once from their first decision about any."""

    playbook: str
    effect: Effect


class Mark(StrEnum):
    """What a month's NRR is worth."""

    EXCELLENT = "above 120 %"
    GROWING = "above 100 %"
    SHRINKING = "100 % or less"
    UNKNOWN = "not known yet"


@dataclass(frozen=True)
class Month:
    """What those brought who paid at its first moment. ``over``: it is not going on any more.

    ``once`` is what all paid once in it; it is no part of ``retention``, which is of what recurs.
    """

    month: date
    retention: Retention
    over: bool
    once: Decimal = ZERO

    @property
    def mark(self) -> Mark:
        """Of its NRR."""
        net = self.retention.net
        if net is None:
            return Mark.UNKNOWN
        if net > EXCELLENT:
            return Mark.EXCELLENT
        return Mark.GROWING if net > GROWING else Mark.SHRINKING


@dataclass(frozen=True)
class Withheld:
    """A reason for which decisions offered nothing: how many, of how many accounts, and the offer it met most often."""

    reason: Reason
    decisions: int
    accounts: int
    offer: str | None


@dataclass(frozen=True)
class Waiting:
    """Time from an account's first purchase to its next: the median over all, also those that still wait."""

    accounts: int
    still_waiting: int
    median_days: int | None


@dataclass(frozen=True)
class Customers:
    """Accounts that have paid, and what they are worth; None where nothing is known yet.

    ``per_customer`` and ``expansion_share`` (of all revenue) are of the newest month that is over, as is ``once``, what
    was paid once in it and is part of revenue. ``lifetime_value`` and ``products`` (beside the plan) are means.
    """

    accounts: int
    per_customer: Decimal | None
    expansion_share: Decimal | None
    lifetime_value: Decimal | None
    products: Decimal | None
    once: Decimal | None = None


@dataclass(frozen=True)
class Segment:
    """Of so many ``offers`` presented to those that are so, how many were ``converted``; ``sort`` as upsell."""

    sort: str
    dimension: str
    value: str
    offers: int
    converted: int


@dataclass(frozen=True)
class Owning:
    """Of accounts with so many products beside the plan at the start of months that are over, who paid at their end."""

    products: int
    accounts: int
    retained: int


@dataclass(frozen=True)
class Costs:
    """What one more unit of revenue costs, from new customers and from those who are there; given, not measured."""

    acquisition: Decimal
    expansion: Decimal

    @property
    def times(self) -> Decimal:
        """How many times dearer a new customer is."""
        return self.acquisition / self.expansion


NOBODY_WAITS: Final = TooLate(0, 0, ())


@dataclass(frozen=True)
class Report:
    """What offers did, up to ``at``; money is in ``currency`` a month, but for what is paid once.

    ``offers`` are in the order of their names, ``months`` in that of time, ``withheld`` from the one that blocks most,
    ``segments`` from the one that most offers were shown to. ``costs`` were given by whoever asked.
    """

    at: datetime
    currency: str
    decisions: int
    share_held_out: Decimal
    offers: tuple[OfferReport, ...]
    playbooks: tuple[PlaybookReport, ...]
    months: tuple[Month, ...]
    withheld: tuple[Withheld, ...]
    waiting: Waiting
    customers: Customers
    segments: tuple[Segment, ...] = ()
    owning: tuple[Owning, ...] = ()
    too_late: TooLate = NOBODY_WAITS
    costs: Costs | None = None
