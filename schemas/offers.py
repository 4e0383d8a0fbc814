"""Offers: the one log of every offer's life, as the engine judged it.

`OfferMade` and `OfferChanged` carry the whole offer; every other event names it and says what happened. ``sequence``
counts the changes of one offer from 1 without a gap, so a reader can fold the log twice and stay right.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Data, Envelope, Id, Instant
from schemas.usage import Number


class Verb(StrEnum):
    """What an offer does. Part of the wire: add, never rename."""

    UPGRADE_TO = "upgrade_to"  # a plan
    ADD = "add"  # a product beside the plan
    BUNDLE = "bundle"  # several products at one price
    SEATS = "seats"  # more seats of the plan
    TERM = "term"  # a longer contract
    HIGHLIGHT = "highlight"  # a feature that is worth a look; no sale
    NURTURE = "nurture"  # help with a topic; no sale
    TASK = "task"  # for a person who looks after the account; shown to no customer
    CHOOSE_FROM = "choose_from"  # several of these beside each other


class MomentKind(StrEnum):
    """Kinds of moment. Part of the wire: add, never rename."""

    LIMIT = "limit"
    MILESTONE = "milestone"
    ONBOARDING = "onboarding"
    ATTEMPT = "attempt"
    HABIT = "habit"
    GROWTH = "growth"
    TENURE = "tenure"
    FORECAST = "forecast"
    BECOMES = "becomes"
    SEQUENCE = "sequence"
    ABSENCE = "absence"
    OUTCOME = "outcome"


class Price(Data):
    """``amount`` in ``currency`` per ``term``, for each seat when ``per_seat``.

    A list price; of more seats, what the account pays for those it has.
    """

    amount: Number
    currency: Id
    term: Id
    per_seat: bool = False


class Gain(Data):
    """What an option gives beyond what the account has; ``unlimited`` in words, numbers in the meter's unit."""

    what: Id
    before: str | None = None
    after: str


class Saving(Data):
    """What it costs less, computed, for ``term``, and for each seat where the price is; ``percent`` is whole.

    Of a bundle: than its parts by the list. Of a longer term: than the account pays now, a month.
    """

    amount: Number
    currency: Id
    term: Id
    percent: Number


class Option(Data):
    """One thing that can be chosen; none is ever preselected.

    ``items`` are the products of a bundle, without what is owned; ``quantity`` is how many seats more; ``sort`` the
    operator's word for what sort of product it is.
    """

    id: Id
    kind: Literal["plan", "product", "bundle", "seats", "term", "feature", "topic", "task"]
    items: tuple[Id, ...] = ()
    quantity: Number | None = None
    sort: Id | None = None
    price: Price | None = None
    saving: Saving | None = None
    gains: tuple[Gain, ...] = ()
    recommended: bool = False


class Evidence(Data):
    """The account's own usage that earned the offer.

    ``group`` is the value of the property that its meter is kept by; ``percent`` how much it grew; ``date`` the day by
    which the limit will be reached, as sure as ``confidence`` (a share).
    """

    moment: Id
    kind: MomentKind
    meter: Id | None = None
    group: str | None = None
    value: Number | None = None
    limit: Number | Literal["unlimited"] | None = None
    step: Number | None = None
    percent: Number | None = None
    date: str | None = None
    confidence: Number | None = None
    happened_at: Instant


class Content(Data):
    """Plain text, never HTML."""

    title: str
    body: str | None = None


class AfterNo(Data):
    """What a dismissal will mean: the family stays away for ``seconds``, or for ever when that is absent."""

    rule: str
    seconds: Annotated[int, Field(ge=0)] | None = None


class Offer(Data):
    """One proposal to one account, or to one user of it. ``note`` and ``due_at`` are of a task.

    ``score`` is that of its decision: of several, the one with the highest is the best. Offers of old have none.
    """

    offer_id: Id
    offer: Id
    playbook: Id
    family: Id
    verb: Verb
    user: Id | None = None
    placements: tuple[Id, ...]
    content: Content
    options: tuple[Option, ...]
    evidence: tuple[Evidence, ...]
    after_a_no: AfterNo
    variant: Id | None = None
    note: str | None = None
    due_at: Instant | None = None
    score: Number | None = None
    made_at: Instant
    expires_at: Instant
    version: Annotated[int, Field(ge=0)]
    decision_id: Id


class OfferWhole(Data):
    """The offer as it now is."""

    sequence: Annotated[int, Field(ge=1)]
    offer: Offer


class OfferChange(Data):
    """What happened to an offer; ``at`` is the engine's judgement of when."""

    sequence: Annotated[int, Field(ge=1)]
    offer_id: Id
    at: Instant
    user: Id | None = None
    placement: Id | None = None
    option: Id | None = None
    response_id: Id | None = None


class Revoked(StrEnum):
    """Why an offer was taken back. Part of the wire: add, never rename."""

    PAUSED = "paused"  # an operator, or a guard, stopped the offer
    WITHDRAWN = "withdrawn"  # the set in force has it no more
    RUN_OVER = "run_over"  # the days on which it is made are over
    PERIOD_OVER = "period_over"  # the period is over whose limit it was about
    SUPERSEDED = "superseded"  # a better offer took its place
    DISMISSED = "dismissed"  # somebody said no to another offer of its family
    OWNED = "owned"  # the account has it by now
    PLAN_CHANGED = "plan_changed"  # with what the account has by now it makes no sense any more
    ONBOARDING = "onboarding"  # the account is finding its way
    OPEN_TICKET = "open_ticket"  # someone of the account waits for help
    PAYMENT_FAILED = "payment_failed"  # a payment failed
    CANCELLING = "cancelling"  # the account is about to leave, or has left
    RENEWAL_WEEK = "renewal_week"  # the term ends within a week
    QUIET = "quiet"  # the account is in a segment that is left alone
    UNDONE = "undone"  # what was missing had happened in time, and was only late to arrive


class OfferEnd(OfferChange):
    """An end that the customer did not choose; ``reason`` is one of `Revoked`, of which there may be more some day."""

    reason: Id


class OfferSnooze(OfferChange):
    """Not now; it may be shown again at ``until``."""

    until: Instant


class Erasure(Data):
    """All that is known of the account is to go; ``at`` is when the engine accepted that."""

    at: Instant


class OfferMade(Envelope):
    """A new offer is open."""

    type: Literal["rung.offer_made"] = "rung.offer_made"
    data: OfferWhole


class OfferChanged(Envelope):
    """An open offer was replaced in place, under its first id."""

    type: Literal["rung.offer_changed"] = "rung.offer_changed"
    data: OfferWhole


class OfferPresented(Envelope):
    """Somebody saw it, for the first time."""

    type: Literal["rung.offer_presented"] = "rung.offer_presented"
    data: OfferChange


class OfferClicked(Envelope):
    """Somebody wanted to know more, for the first time."""

    type: Literal["rung.offer_clicked"] = "rung.offer_clicked"
    data: OfferChange


class OfferAccepted(Envelope):
    """Somebody said yes; the offer is over."""

    type: Literal["rung.offer_accepted"] = "rung.offer_accepted"
    data: OfferChange


class OfferDismissed(Envelope):
    """Somebody said no; the offer is over and its family stays away."""

    type: Literal["rung.offer_dismissed"] = "rung.offer_dismissed"
    data: OfferChange


class OfferSnoozed(Envelope):
    """Somebody said not now; the offer is hidden until ``until``."""

    type: Literal["rung.offer_snoozed"] = "rung.offer_snoozed"
    data: OfferSnooze


class OfferExpired(Envelope):
    """Its time ran out."""

    type: Literal["rung.offer_expired"] = "rung.offer_expired"
    data: OfferChange


class OfferRevoked(Envelope):
    """It no longer holds, and says why."""

    type: Literal["rung.offer_revoked"] = "rung.offer_revoked"
    data: OfferEnd


class OffersErased(Envelope):
    """All offers of the account are to be deleted, everywhere."""

    type: Literal["rung.offers_erased"] = "rung.offers_erased"
    data: Erasure


OfferEvent = (
    OfferMade
    | OfferChanged
    | OfferPresented
    | OfferClicked
    | OfferAccepted
    | OfferDismissed
    | OfferSnoozed
    | OfferExpired
    | OfferRevoked
    | OffersErased
)
"""Closed: every change of an offer's life."""
