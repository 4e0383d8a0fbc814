"""Decisions: what was decided at a moment, also when nothing was offered; inputs frozen, every stage, every reason."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, WrapSerializer

from schemas.envelope import Data, Envelope, Id, Instant
from schemas.offers import Evidence
from schemas.usage import Number


class Verdict(StrEnum):
    """How a decision ended. Part of the wire: add, never rename."""

    OFFERED = "offered"
    WITHHELD = "withheld"
    HELD_OUT = "held_out"  # as if offered, and shown to nobody, so that the effect of offers can be measured


class Stage(StrEnum):
    """The stages of the funnel, in their order. Part of the wire: add, never rename."""

    ELIGIBLE = "eligible"
    SUITABLE = "suitable"
    WITHIN_BOUNDS = "within_bounds"
    ARBITRATED = "arbitrated"
    HELD_OUT = "held_out"


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
    NOT_FOR = "not_for"  # the account is none of those that the offer is for
    TOO_STEEP = "too_steep"  # the price step is beyond the bound
    NOT_IN_USE = "not_in_use"  # the rung before is not in use yet
    NOTHING_FITS = "nothing_fits"  # nothing that could be offered would do
    TOO_LITTLE_NEW = "too_little_new"  # fewer than two things of it would be new to the account
    PERIOD_OVER = "period_over"  # the moment is of a period that is over
    NOT_BEGUN = "not_begun"  # the days on which the offer is made have yet to come
    RUN_OVER = "run_over"  # the days on which the offer is made are over
    ONBOARDING = "onboarding"  # the account is still finding its way
    OPEN_TICKET = "open_ticket"  # someone of the account waits for help
    PAYMENT_FAILED = "payment_failed"  # a payment failed and was not recovered
    CANCELLING = "cancelling"  # the account is about to leave, or has left
    RENEWAL_WEEK = "renewal_week"  # the term ends within a week
    QUIET = "quiet"  # a segment of accounts that are left alone for now
    NOT_BEFORE = "not_before"  # too early: something has to have come to so much first
    DISENGAGED = "disengaged"  # to those who do not use it nothing is sold
    CAPPED = "capped"  # enough offers for now
    BACK_OFF = "back_off"  # too many noes in a row
    TASK_OPEN = "task_open"  # the last task of this moment is not done yet
    DISMISSED = "dismissed"  # somebody said no to this family
    PLACEMENT_TAKEN = "placement_taken"  # an open offer has the place
    OUTSCORED = "outscored"  # another offer of the same decision won
    IN_BUNDLE = "in_bundle"  # a bundle of the same decision contains it
    HELD_OUT = "held_out"  # the account is one of those that get no offers


class Candidate(Data):
    """One offer that a moment put forward, and where it ended; ``reason`` is absent for the one that was made.

    ``until``: when the reason passes, where that is known. ``factors`` are those of the score, by name.
    """

    offer: Id
    moment: Id
    target: Id | None = None
    stage: Stage
    reason: Reason | None = None
    detail: str | None = None
    until: Instant | None = None
    score: Number | None = None
    factors: dict[Id, Number] = {}


class Input(Data):
    """The message that led to the decision, or the tick of a timer when ``offset`` is absent."""

    stream: Literal["usage", "responses", "timer"]
    partition: int
    offset: int | None = None
    event_id: Id | None = None
    event_type: Id | None = None
    event_time: Instant | None = None


def _as_tuple(candidates: Iterable[Candidate], serialize: SerializerFunctionWrapHandler) -> object:
    return serialize(tuple(candidates))


class Decision(Data):
    """One decision.

    ``moments`` are the moments that fired together, ``candidates`` all offers that competed, in the order considered.
    ``account`` is what the decision knew: plan, term, seats, products owned, onboarding, and what else the conditions
    of these offers ask of an account, null where it was unknown; ``meters`` those in play and those asked about, and
    ``levels`` and ``segments`` what it was, without what was unknown. ``attempt`` counts how often a held moment was
    decided; ``held`` are the moments that will be decided again once their reason has passed, and ``given_up`` those
    that were held longest and are not any more, since too many are.
    """

    decision_id: Id
    verdict: Verdict
    reason: Reason | None = None
    at: Instant
    version: Annotated[int, Field(ge=0)]
    input: Input
    moments: tuple[Evidence, ...]
    user: Id | None = None
    candidates: Annotated[tuple[Candidate, ...], WrapSerializer(_as_tuple)] = ()
    offer_id: Id | None = None
    account: dict[str, str | int | bool | list[str] | None] = {}
    meters: dict[Id, Number] = {}
    levels: dict[Id, Id] = {}
    segments: tuple[Id, ...] = ()
    attempt: Annotated[int, Field(ge=1)] = 1
    held: tuple[Id, ...] = ()
    given_up: tuple[Id, ...] = ()


class Decided(Envelope):
    """A decision was made."""

    type: Literal["rung.decided"] = "rung.decided"
    data: Decision
