"""What an operator can watch for: the twelve kinds of moment, as values.

``stale_after_us``: a moment older than this when it is decided is withheld; microseconds. Shares are fractions of 1.
``kept``: how many windows, or times of each event, are kept of an account (`rooms`).
When a moment may fire again is told where it is detected, in `domain.moments`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.offers import MomentKind
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.conditions.condition import Condition

ACCOUNT_CREATED: Final = "account.created"
"""Start of an onboarding that runs from the account's creation on. Not the name of an event."""

NEVER_REACHED: Final = Decimal("Infinity")
"""What a milestone reaches when the number stands in a fact: where that is not looked at, nothing fires."""


class OnboardingOf(StrEnum):
    """Whose onboarding it is."""

    ACCOUNT = "account"
    USER = "user"


class Ending(StrEnum):
    """What became of an offer, as a moment of outcome names it."""

    PRESENTED = "presented"
    CLICKED = "clicked"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    IGNORED = "ignored"  # expired after it was presented
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class AgainAfter:
    """What re-arms a limit beside its own rule: another plan; use under the share ``below`` of the limit (None: no)."""

    plan_change: bool = False
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LimitMoment:
    """The account's use of ``meter`` passes one of ``steps`` (shares of its limit, ascending)."""

    name: str
    meter: str
    steps: tuple[Decimal, ...]
    stale_after_us: int
    kind: MomentKind = MomentKind.LIMIT
    again_after: AgainAfter = AgainAfter()
    kept: int = 64


@dataclass(frozen=True, slots=True)
class AttemptMoment:
    """``event`` (a type) happens while the account's use of the meter ``of`` is at its limit."""

    name: str
    event: str
    of: str
    stale_after_us: int
    kind: MomentKind = MomentKind.ATTEMPT


@dataclass(frozen=True, slots=True)
class MilestoneMoment:
    """``meter`` reaches ``reaches``, for the first time ever.

    With ``reaches_fact`` the number is what that fact of the account says (the name as declared, without ``account.``),
    and ``reaches`` is `NEVER_REACHED`.
    """

    name: str
    meter: str
    reaches: Decimal
    stale_after_us: int
    kind: MomentKind = MomentKind.MILESTONE
    reaches_fact: str | None = None


@dataclass(frozen=True, slots=True)
class OnboardingMoment:
    """All of ``steps`` (event types) have happened, within ``within_us`` of the start (None: ever).

    It starts with the first step, or with what ``starts`` names: an event type, or `ACCOUNT_CREATED`. The steps come in
    any order, with ``in_order`` only in the one written. ``product``: it is the account's onboarding with this product.
    """

    name: str
    steps: tuple[str, ...]
    of: OnboardingOf
    within_us: int | None
    stale_after_us: int
    kind: MomentKind = MomentKind.ONBOARDING
    product: str | None = None
    starts: str | None = None
    in_order: bool = False
    kept: int = 64

    @property
    def events(self) -> tuple[str, ...]:
        """Types of the events that mean something for it: its steps, and one that starts it."""
        named = self.starts is not None and self.starts != ACCOUNT_CREATED and self.starts not in self.steps
        return (*self.steps, self.starts) if named and self.starts is not None else self.steps


@dataclass(frozen=True, slots=True)
class HabitMoment:
    """``meter``, of a span that passes, reaches ``reaches``."""

    name: str
    meter: str
    reaches: Decimal
    stale_after_us: int
    kind: MomentKind = MomentKind.HABIT


@dataclass(frozen=True, slots=True)
class GrowthMoment:
    """What moves ``meter`` grew by the share ``by`` or more in each of the last ``periods`` complete ``of``.

    ``at_least``: the total of the period that the first growth is measured from; below it, growth says little.
    """

    name: str
    meter: str
    by: Decimal
    of: Unit
    periods: int
    at_least: Decimal
    stale_after_us: int
    kind: MomentKind = MomentKind.GROWTH


@dataclass(frozen=True, slots=True)
class TenureMoment:
    """``months`` of the calendar have passed, in the account's zone, since the time that ``since`` names.

    ``since`` is a name of the account that tells a time, without ``account.``: ``created``, ``plan_since``,
    ``term_since``.
    """

    name: str
    since: str
    months: int
    stale_after_us: int
    kind: MomentKind = MomentKind.TENURE


@dataclass(frozen=True, slots=True)
class ForecastMoment:
    """``meter`` will reach its limit within ``within_days``, as sure as the share ``confidence`` or more."""

    name: str
    meter: str
    within_days: int
    confidence: Decimal
    stale_after_us: int
    kind: MomentKind = MomentKind.FORECAST


@dataclass(frozen=True, slots=True)
class BecomesMoment:
    """``condition`` was false and is true.

    ``asks``: what it asks about, with all that is behind segments and levels; ``by_time``: time alone can change that.
    """

    name: str
    condition: Condition
    stale_after_us: int
    kind: MomentKind = MomentKind.BECOMES
    asks: tuple[str, ...] = ()
    by_time: bool = False


@dataclass(frozen=True, slots=True)
class SequenceMoment:
    """All of ``steps`` (event types, each once) happen in this order, from first to last within ``within_us``."""

    name: str
    steps: tuple[str, ...]
    within_us: int
    stale_after_us: int
    kind: MomentKind = MomentKind.SEQUENCE
    kept: int = 64


@dataclass(frozen=True, slots=True)
class AbsenceMoment:
    """``event`` does not happen within ``within_us`` after ``after`` did (event types)."""

    name: str
    event: str
    after: str
    within_us: int
    stale_after_us: int
    kind: MomentKind = MomentKind.ABSENCE
    kept: int = 64


@dataclass(frozen=True, slots=True)
class OutcomeMoment:
    """The offer ``offer`` came to ``ending``, within ``within_us`` of being made (None: ever)."""

    name: str
    ending: Ending
    offer: str
    within_us: int | None
    stale_after_us: int
    kind: MomentKind = MomentKind.OUTCOME


AnyMoment = (
    LimitMoment
    | AttemptMoment
    | MilestoneMoment
    | OnboardingMoment
    | HabitMoment
    | GrowthMoment
    | TenureMoment
    | ForecastMoment
    | BecomesMoment
    | SequenceMoment
    | AbsenceMoment
    | OutcomeMoment
)
"""Closed: one member a kind."""


def meter_of(moment: AnyMoment) -> str | None:
    """The meter whose number makes the moment; None when it is made of something else."""
    match moment:
        case LimitMoment() | MilestoneMoment() | HabitMoment() | GrowthMoment() | ForecastMoment():
            return moment.meter
        case AttemptMoment():
            return moment.of
        case _:
            return None


def limited(moment: AnyMoment) -> str | None:
    """The meter whose limit the moment is about; None when it is about no limit."""
    match moment:
        case LimitMoment() | ForecastMoment():
            return moment.meter
        case AttemptMoment():
            return moment.of
        case _:
            return None
