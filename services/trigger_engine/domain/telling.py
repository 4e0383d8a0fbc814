"""Say what changed: events for ``rung.offers`` and, wide and self-contained, for ``rung.outcomes``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeVar

from schemas.envelope import Data, Envelope, unchecked
from schemas.facts import Fact
from schemas.offers import (
    Erasure,
    OfferAccepted,
    OfferChange,
    OfferClicked,
    OfferDismissed,
    OfferEnd,
    OfferExpired,
    OfferPresented,
    OfferRevoked,
    OffersErased,
)
from schemas.outcomes import AcceptedFact, Change, FactAccepted, OfferJudged, Outcome
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.account import OpenOffer
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.situation import Situation

SOURCE: Final = "rung/trigger_engine"
"""``source`` of every event that the engine makes."""

E = TypeVar("E", bound=Envelope)

JudgedEvent = OfferPresented | OfferClicked | OfferAccepted | OfferDismissed | OfferExpired

EVENT_OF: Final[Mapping[Change, type[JudgedEvent]]] = {
    Change.PRESENTED: OfferPresented,
    Change.CLICKED: OfferClicked,
    Change.ACCEPTED: OfferAccepted,
    Change.DISMISSED: OfferDismissed,
    Change.EXPIRED: OfferExpired,
}
"""Changes whose event says no more than what, when and by whom."""


def event(kind: type[E], event_id: str, subject: str, now: int, data: Data) -> E:
    """An event of the engine's own making, about an account; not looked at again, as `unchecked` has it."""
    return unchecked(
        kind,
        {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": kind.model_fields["type"].default,
            "subject": subject,
            "time": to_datetime(now),
            "datacontenttype": "application/json",
            "data": data,
        },
    )


def changed(situation: Situation, change: Change, what: OfferChange) -> Envelope:
    """The event on ``rung.offers`` for a change that needs no words of its own."""
    event_id = ids.offer_event_id(what.offer_id, what.sequence)
    return event(EVENT_OF[change], event_id, situation.id, situation.now, what)


def judged(
    situation: Situation, offer: OpenOffer, change: Change, told: OfferChange | None = None, reason: str | None = None
) -> OfferJudged:
    """The same change for analysis: all that the decision knew stands in it."""
    account, product, now = situation.account, situation.rules.product, to_datetime(situation.now)
    told_of = unchecked(
        Outcome,
        {
            "offer_id": offer.offer_id,
            "sequence": offer.sequence,
            "change": change,
            "at": told.at if told is not None else now,
            "offer": offer.offer,
            "playbook": offer.playbook,
            "family": offer.family,
            "verb": offer.verb,
            "target": offer.target,
            "moment": offer.moment,
            "moment_kind": offer.kind,
            "step": offer.step,
            "user": offer.user,
            "by": told.user if told is not None else None,
            "placement": told.placement if told is not None else None,
            "option": told.option if told is not None else None,
            "reason": reason,
            "plan": account.plan(product),
            "term": account.term(),
            "seats": account.seats(),
            "segments": offer.segments,
            "levels": offer.levels,
            "report": offer.report,
            "price_difference": offer.price_difference,
            "currency": product.currency,
            "variant": offer.variant,
            "held_out": offer.held_out,
            "version": offer.version,
            "made_at": to_datetime(offer.made_at),
            "decision_id": offer.decision_id,
        },
    )
    return event(
        OfferJudged, ids.outcome_id(offer.offer_id, change, offer.sequence), situation.id, situation.now, told_of
    )


def revoked(situation: Situation, what: OfferEnd) -> OfferRevoked:
    """The offer no longer holds, and why."""
    event_id = ids.offer_event_id(what.offer_id, what.sequence)
    return event(OfferRevoked, event_id, situation.id, situation.now, what)


def erased(fact: Fact, now: int) -> OffersErased:
    """All offers of the account are to be deleted, everywhere."""
    return OffersErased(
        id=ids.erasure_id(fact.subject, fact.source, fact.id),
        source=SOURCE,
        subject=fact.subject,
        time=to_datetime(now),
        data=Erasure(at=to_datetime(now)),
    )


def accepted(
    fact: Fact, now: int, currency: str | None = None, *, monthly: Decimal | None = None, once: Decimal | None = None
) -> FactAccepted:
    """A fact that changed what is known of the account, what the account pays a month since, and what it paid once."""
    return FactAccepted(
        id=ids.fact_id(fact.subject, fact.source, fact.id),
        source=SOURCE,
        subject=fact.subject,
        time=to_datetime(now),
        data=AcceptedFact(
            fact=fact.type,
            fact_id=fact.id,
            fact_source=fact.source,
            at=fact.time,
            value=fact.data.model_dump(mode="json", exclude_none=True),
            monthly=monthly,
            once=once,
            currency=currency,
        ),
    )
