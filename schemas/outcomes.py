"""Outcomes: the same story as `schemas.offers`, told for analysis, and every account fact that the engine accepted.

Each event is wide and stands alone: no reader has to look anything up to count it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from schemas.envelope import Data, Envelope, Id, Instant
from schemas.offers import MomentKind, Verb
from schemas.usage import Number


class Change(StrEnum):
    """A change in an offer's life. Part of the wire: add, never rename."""

    MADE = "made"
    CHANGED = "changed"
    PRESENTED = "presented"
    CLICKED = "clicked"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Outcome(Data):
    """One change of one offer, with what the decision knew.

    ``price_difference`` is per month in ``currency``, whole account, at list price; absent when either price is
    unknown. ``held_out`` offers were shown to nobody. ``levels``, ``segments`` (the first 16) and ``report``, what the
    offer's results are told apart by, are those of the time when it was made; what was unknown is left out.
    """

    offer_id: Id
    sequence: Annotated[int, Field(ge=1)]
    change: Change
    at: Instant
    offer: Id
    playbook: Id
    family: Id
    verb: Verb
    target: Id
    moment: Id
    moment_kind: MomentKind
    step: Number | None = None
    user: Id | None = None
    by: Id | None = None
    placement: Id | None = None
    option: Id | None = None
    reason: Id | None = None
    plan: Id | None = None
    term: Id | None = None
    seats: int | None = None
    segments: tuple[Id, ...] = ()
    levels: dict[Id, Id] = {}
    report: dict[Id, str] = {}
    price_difference: Number | None = None
    currency: Id | None = None
    variant: Id | None = None
    held_out: bool = False
    version: Annotated[int, Field(ge=0)]
    made_at: Instant
    decision_id: Id


class OfferJudged(Envelope):
    """The engine judged a change in an offer's life."""

    type: Literal["rung.offer_judged"] = "rung.offer_judged"
    data: Outcome


class AcceptedFact(Data):
    """A fact as it was sent; ``at`` is its event time.

    ``monthly`` is what the account pays a month in ``currency`` with all that is known of it, this fact too: plan and
    products together, at its own prices where facts told some, at list prices else. What is paid once is not in it.
    Absent when a price is unknown, and with an erasure.
    ``once`` is what this fact says was paid once, in ``currency``: for a product, at its own price or the list price.
    Absent when nothing was, when a price is unknown, and in what was told before there was such a field.
    """

    fact: Id
    fact_id: Id
    fact_source: Id
    at: Instant
    value: dict[str, JsonValue]
    monthly: Number | None = None
    once: Number | None = None
    currency: Id | None = None


class FactAccepted(Envelope):
    """The engine accepted an account fact."""

    type: Literal["rung.fact_accepted"] = "rung.fact_accepted"
    data: AcceptedFact


OutcomeEvent = OfferJudged | FactAccepted
"""Closed."""
