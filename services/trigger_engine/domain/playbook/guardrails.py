"""What holds for every offer of every playbook: when to be quiet, how much is enough, how steep a step may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Guardrails:
    """All that bounds offers. ``quiet`` has the cool-down in microseconds by state."""

    quiet: Mapping[Quiet, int] = field(default_factory=dict)
    quiet_segments: tuple[QuietSegment, ...] = ()
    not_before: tuple[Threshold, ...] = ()
    caps: tuple[Cap, ...] = ()
    back_off: BackOff | None = None
    price_step: PriceStep = field(default_factory=PriceStep)
    counts_offers: bool = field(init=False)
    """Whether some cap counts each offer by itself."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts_offers", any(cap.each is Each.OFFER for cap in self.caps))

    def tightened(self, own: "Guardrails") -> "Guardrails":
        """These, and what a playbook asks of its ``own`` offers beside them: of two that say the same the stricter.

        Everybody's come first, in the order written.
        """
        quiet = dict(self.quiet)
        for state, cool_down_us in own.quiet.items():
            quiet[state] = max(cool_down_us, quiet.get(state, 0))
        segments = {segment.condition.text: segment for segment in self.quiet_segments}
        for segment in own.quiet_segments:
            known = segments.get(segment.condition.text, segment)
            segments[segment.condition.text] = max(known, segment, key=lambda one: one.cool_down_us)
        thresholds = {threshold.name: threshold for threshold in self.not_before}
        for threshold in own.not_before:
            before = thresholds.get(threshold.name, threshold)
            thresholds[threshold.name] = max(before, threshold, key=lambda one: one.least)
        return Guardrails(
            quiet=quiet,
            quiet_segments=tuple(segments.values()),
            not_before=tuple(thresholds.values()),
            caps=(*self.caps, *own.caps),
            back_off=_sooner(self.back_off, own.back_off),
            price_step=self.price_step.tightened(own.price_step),
        )


def _sooner(everybodys: BackOff | None, own: BackOff | None) -> BackOff | None:
    if everybodys is None or own is None:
        return everybodys or own
    return BackOff(min(everybodys.after, own.after), max(everybodys.wait_us, own.wait_us))
