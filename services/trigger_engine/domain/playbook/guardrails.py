"""What holds for every offer of every playbook: when to be quiet, how much is enough, how steep a step may be."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.offers import Verb
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.conditions.condition import Condition

MAX_COUNTED: Final = 128
"""Most offers that one cap can allow: as many as an account remembers, at some 130 bytes each."""


class Quiet(StrEnum):
    """States in which an account is left alone."""

    ONBOARDING = "onboarding"
    OPEN_TICKET = "open_ticket"
    PAYMENT_FAILED = "payment_failed"
    CANCELLING = "cancelling"
    RENEWAL_WEEK = "renewal_week"  # the seven days before the term ends


@dataclass(frozen=True, slots=True)
class QuietSegment:
    """Accounts for whom ``condition`` holds are left alone, and for ``cool_down_us`` microseconds after."""

    condition: Condition
    cool_down_us: int = 0


class Each(StrEnum):
    """What a cap counts by."""

    ACCOUNT = "account"
    OFFER = "offer"
    FAMILY = "family"
    PLACEMENT = "placement"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most this many offers made in any ``per_us`` microseconds, for each of what ``each`` names.

    With ``calendar`` it is the day, week or month in the account's zone, and ``per_us`` the longest that one can be.
    Only offers to accounts for whom ``who`` holds are bound (None: all), and only those of the verb ``of`` counted.
    """

    at_most: int
    per_us: int
    each: Each
    calendar: Unit | None = None
    who: Condition | None = None
    of: Verb | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """``name`` has come to ``least``: a number, or microseconds for a length of time. ``condition`` asks just that."""

    name: str
    least: Decimal | int
    condition: Condition


@dataclass(frozen=True, slots=True)
class BackOff:
    """After ``after`` offers in a row that were ignored or dismissed, wait; the wait doubles, a yes clears it."""

    after: int
    wait_us: int


@dataclass(frozen=True, slots=True)
class PriceStep:
    """How steep a step may be: whole monthly cost after : before at most ``times``; from nothing, ``first`` a month.

    ``first`` is for each seat where the plan is. None: no bound.
    """

    times: Decimal | None = None
    first: Decimal | None = None

    def tightened(self, own: "PriceStep") -> "PriceStep":
        """The smaller of two bounds, each."""
        times = [step for step in (self.times, own.times) if step is not None]
        first = [step for step in (self.first, own.first) if step is not None]
        return PriceStep(min(times, default=None), min(first, default=None))
