"""What front ends are told and tell us: models of their own, so that the wire between services can change apart."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from schemas.envelope import Id
from schemas.offers import Evidence, Offer, Option, Price, Saving
from schemas.responses import ResponseKind
from schemas.usage import Number
from services.offer_api.domain.row import OfferRow
from services.offer_api.domain.shown import state_at
from services.offer_api.domain.state import State

MAX_RESPONSES: Final = 100
"""Responses in one request: what a browser may have queued while it was offline."""


class Out(BaseModel):
    """Told to a front end. Fields may be added. Numbers are strings: a browser would make floats of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ContentOut(Out):
    """Plain text, never HTML."""

    title: str
    body: str | None = None


class PriceOut(Out):
    """A list price: ``amount`` in ``currency`` per ``term``, for each seat when ``per_seat``."""

    amount: Number
    currency: str
    term: str
    per_seat: bool

    @classmethod
    def of(cls, price: Price) -> Self:
        """As told."""
        return cls(amount=price.amount, currency=price.currency, term=price.term, per_seat=price.per_seat)


class SavingOut(Out):
    """What it costs less, computed; ``percent`` is whole."""

    amount: Number
    currency: str
    term: str
    percent: Number

    @classmethod
    def of(cls, saving: Saving) -> Self:
        """As told."""
        return cls(amount=saving.amount, currency=saving.currency, term=saving.term, percent=saving.percent)


class GainOut(Out):
    """What an option gives beyond what the account has."""

    what: str
    before: str | None = None
    after: str


class OptionOut(Out):
    """One thing that can be chosen; none is ever preselected.

    ``items`` are the products of a bundle that are new, ``quantity`` is how many seats more, ``sort`` the operator's
    word for what sort of product it is.
    """

    id: str
    kind: str
    recommended: bool
    items: tuple[str, ...] | None = None
    quantity: Number | None = None
    sort: str | None = None
    price: PriceOut | None = None
    saving: SavingOut | None = None
    gains: tuple[GainOut, ...]

    @classmethod
    def of(cls, option: Option) -> Self:
        """As told."""
        return cls(
            id=option.id,
            kind=option.kind,
            recommended=option.recommended,
            items=option.items or None,
            quantity=option.quantity,
            sort=option.sort,
            saving=SavingOut.of(option.saving) if option.saving is not None else None,
            price=PriceOut.of(option.price) if option.price is not None else None,
            gains=tuple(GainOut(what=gain.what, before=gain.before, after=gain.after) for gain in option.gains),
        )


class EvidenceOut(Out):
    """The account's own usage that earned the offer.

    ``group`` is the value of the property that its meter is kept by; ``percent`` how much it grew; ``date`` the day by
    which the limit will be reached, as sure as the share ``confidence``.
    """

    moment: str
    kind: str
    meter: str | None = None
    group: str | None = None
    value: Number | None = None
    limit: Number | str | None = None
    step: Number | None = None
    percent: Number | None = None
    date: str | None = None
    confidence: Number | None = None
    happened_at: datetime

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """As told."""
        return cls(
            moment=evidence.moment,
            kind=evidence.kind,
            meter=evidence.meter,
            group=evidence.group,
            value=evidence.value,
            limit=evidence.limit,
            step=evidence.step,
            percent=evidence.percent,
            date=evidence.date,
            confidence=evidence.confidence,
            happened_at=evidence.happened_at,
        )


class AfterNoOut(Out):
    """What a no means: offers of this kind stay away for ``seconds``, or for ever when that is absent."""

    rule: str
    seconds: int | None = None


class OfferOut(Out):
    """One offer, ready to be shown. ``id`` is what a response names; ``offer`` is the operator's name of it.

    ``note`` and ``due_at`` are of a task, which staff alone are told of. Of several offers the one with the highest
    ``score`` is the best, and of equal ones the newest; one without any comes last.
    """

    id: str
    offer: str
    verb: str
    state: State
    user: str | None = None
    placements: tuple[str, ...]
    content: ContentOut
    options: tuple[OptionOut, ...]
    evidence: tuple[EvidenceOut, ...]
    after_a_no: AfterNoOut
    variant: str | None = None
    note: str | None = None
    due_at: datetime | None = None
    score: Number | None = None
    made_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: OfferRow, now: datetime) -> Self:
        """The row as it looks at ``now``."""
        offer: Offer = row.offer
        return cls(
            id=offer.offer_id,
            offer=offer.offer,
            verb=offer.verb.value,
            state=state_at(row, now),
            user=offer.user,
            placements=offer.placements,
            content=ContentOut(title=offer.content.title, body=offer.content.body),
            options=tuple(OptionOut.of(option) for option in offer.options),
            evidence=tuple(EvidenceOut.of(evidence) for evidence in offer.evidence),
            after_a_no=AfterNoOut(rule=offer.after_a_no.rule, seconds=offer.after_a_no.seconds),
            variant=offer.variant,
            note=offer.note,
            due_at=offer.due_at,
            score=offer.score,
            made_at=offer.made_at,
            expires_at=offer.expires_at,
        )


class OffersOut(Out):
    """Offers that may be shown now, best first."""

    offers: tuple[OfferOut, ...]


class CheckOut(Out):
    """Whether an offer holds: what it now is when it does, and the state that keeps it off the screen when not."""

    id: str
    holds: bool
    state: State
    offer: OfferOut | None = None


class GoneOut(Out):
    """The offer is to leave the screen: a state, or ``erased``, or ``moved`` to a place that is not looked at."""

    id: str
    why: str


class ResponseIn(BaseModel):
    """What a person did. ``id`` is made by the front end, once, and stays the same when it tries again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    offer: Id
    response: ResponseKind
    user: Id | None = None
    placement: Id | None = None
    option: Id | None = None
    time: AwareDatetime | None = None


def _as_list(body: object) -> object:
    return [body] if isinstance(body, dict) else body


ResponsesIn = Annotated[list[ResponseIn], BeforeValidator(_as_list), Field(min_length=1, max_length=MAX_RESPONSES)]
"""One response, or a list of them; a list is taken as a whole or not at all."""


class ReceiptOut(Out):
    """Ids of the responses that are kept from here on, in the order they came."""

    accepted: tuple[str, ...]


class MalformedOut(Out):
    """One thing that is wrong: where, as a path with dots, and what. What was sent is not repeated."""

    at: str
    what: str


class OverOut(Out):
    """A response that was not taken, since its offer's life ended in ``state``."""

    id: str
    offer: str
    state: State


class ProblemOut(Out):
    """An error, after RFC 9457. ``type`` says which, and stays the same; ``title`` is for people."""

    type: str
    title: str
    status: int
    errors: tuple[MalformedOut, ...] | None = None
    refused: tuple[OverOut, ...] | None = None
