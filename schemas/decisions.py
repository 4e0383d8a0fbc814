"""Decisions: what was decided at a moment, also when nothing was offered; inputs frozen, every stage, every reason."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Data, Envelope, Id, Instant
from schemas.offers import Evidence
from schemas.usage import Number


class Verdict(StrEnum):
    """How a decision ended. Part of the wire: add, never rename."""

    OFFERED = "offered"
    WITHHELD = "withheld"


class Stage(StrEnum):
    """The stages of the funnel, in their order. Part of the wire: add, never rename."""

    ELIGIBLE = "eligible"
    SUITABLE = "suitable"
    WITHIN_BOUNDS = "within_bounds"
    ARBITRATED = "arbitrated"


class Reason(StrEnum):
    """Why an offer was not made. Part of the wire: add, never rename."""

    NO_OFFER = "no_offer"  # the set has no offer for this moment
    PAUSED = "paused"  # an operator, or a guard, stopped the offer
    STALE = "stale"  # the moment is older than its stale_after
    OWNED = "owned"  # the account has it already
    TOP_RUNG = "top_rung"  # nothing above
    NOT_ADJACENT = "not_adjacent"  # more than one rung
    NOT_ON_LADDER = "not_on_ladder"  # the account's plan is on no ladder that leads there
    LIFTS_NOTHING = "lifts_nothing"  # it would not raise the limit that was reached
    UNKNOWN = "unknown"  # something the offer needs is not known of this account
    ONBOARDING = "onboarding"  # the account is still finding its way
    OPEN_TICKET = "open_ticket"  # someone of the account waits for help
    PAYMENT_FAILED = "payment_failed"  # a payment failed and was not recovered
    CANCELLING = "cancelling"  # the account is about to leave, or has left
    CAPPED = "capped"  # enough offers for now
    DISMISSED = "dismissed"  # somebody said no to this family
    PLACEMENT_TAKEN = "placement_taken"  # an open offer has the place
    OUTSCORED = "outscored"  # another offer of the same decision won


class Candidate(Data):
    """One offer that a moment put forward, and where it ended; ``reason`` is absent for the one that was made."""

    offer: Id
    moment: Id
    target: Id | None = None
    stage: Stage
    reason: Reason | None = None
    detail: str | None = None
    score: Number | None = None


class Input(Data):
    """The message that led to the decision, or the tick of a timer when ``offset`` is absent."""

    stream: Literal["usage", "responses", "timer"]
    partition: int
    offset: int | None = None
    event_id: Id | None = None
    event_type: Id | None = None
    event_time: Instant | None = None


class Decision(Data):
    """One decision.

    ``moments`` are the moments that fired together, ``candidates`` all offers that competed, in the order considered.
    ``account`` is what the decision knew: plan, term, seats, products owned, onboarding, and the meters in play.
    """

    decision_id: Id
    verdict: Verdict
    reason: Reason | None = None
    at: Instant
    version: Annotated[int, Field(ge=0)]
    input: Input
    moments: tuple[Evidence, ...]
    user: Id | None = None
    candidates: tuple[Candidate, ...] = ()
    offer_id: Id | None = None
    account: dict[str, str | int | bool | list[str] | None] = {}
    meters: dict[Id, Number] = {}


class Decided(Envelope):
    """A decision was made."""

    type: Literal["rung.decided"] = "rung.decided"
    data: Decision
