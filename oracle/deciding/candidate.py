"""What competes in a decision: offers, each put forward by a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from oracle.detecting.fired import Fired
from oracle.language.offer import Offer
from oracle.numbers import ONE

STAGES: Final = ("eligible", "suitable", "within_bounds", "arbitrated", "held_out")
UPSELL: Final = "upsell"
CROSS_SELL: Final = "cross_sell"


class Price(NamedTuple):
    """An amount for a term."""

    term: str
    amount: Decimal


class Withheld(NamedTuple):
    """Why an offer goes no further; ``target`` is what it would have been about.

    ``until``: when that passes, if that is known; ``again``: when to look again though nothing happens. ``waits_for``:
    meters whose counting could end it.
    """

    reason: str
    detail: str | None = None
    target: str | None = None
    until: int | None = None
    again: int | None = None
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that could be put before an account.

    ``price`` is for each seat when ``per_seat``; ``instead`` is what it costs without the offer. ``increase``: what it
    adds to all that is paid a month; None when that is not known. ``items``: products of a bundle that are new.
    """

    id: str
    kind: str
    price: Price | None = None
    per_seat: bool = False
    instead: Price | None = None
    increase: Fraction | None = None
    items: tuple[str, ...] = ()
    quantity: int | None = None
    strength: Decimal = ONE
    sort: str | None = None


@dataclass
class Candidate:
    """One offer put forward by one moment, and how far it came: ``stage`` looked at it last."""

    offer: Offer
    fired: Fired
    stage: str = "eligible"
    withheld: Withheld | None = None
    target: str | None = None
    items: list[Item] = field(default_factory=list)
    main: Item | None = None
    increase: Decimal | None = None
    present: Decimal | None = None
    strength: Decimal = ONE
    sort: str | None = None
    attempt: int = 1
    score: Decimal | None = None
    factors: dict[str, Decimal] = field(default_factory=dict)
    variant: str | None = None
