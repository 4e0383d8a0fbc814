"""Say what changed: events for ``rung.offers`` and, wide and self-contained, for ``rung.outcomes``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from schemas.envelope import Envelope
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

JudgedEvent = OfferPresented | OfferClicked | OfferAccepted | OfferDismissed | OfferExpired

EVENT_OF: Final[Mapping[Change, type[JudgedEvent]]] = {
    Change.PRESENTED: OfferPresented,
    Change.CLICKED: OfferClicked,
    Change.ACCEPTED: OfferAccepted,
    Change.DISMISSED: OfferDismissed,
    Change.EXPIRED: OfferExpired,
}
"""Changes whose event says no more than what, when and by whom."""


def changed(situation: Situation, change: Change, what: OfferChange) -> Envelope:
    """The event on ``rung.offers`` for a change that needs no words of its own."""
    return EVENT_OF[change](
        id=ids.offer_event_id(what.offer_id, what.sequence),
        source=SOURCE,
        subject=situation.id,
        time=to_datetime(situation.now),
        data=what,
    )


def judged(
    situation: Situation, offer: OpenOffer, change: Change, told: OfferChange | None = None, reason: str | None = None
) -> OfferJudged:
    """The same change for analysis: all that the decision knew stands in it."""
    account, product, now = situation.account, situation.rules.product, to_datetime(situation.now)
    return OfferJudged(
        id=ids.outcome_id(offer.offer_id, change, offer.sequence),
        source=SOURCE,
        subject=situation.id,
        time=now,
        data=Outcome(
            offer_id=offer.offer_id,
            sequence=offer.sequence,
            change=change,
            at=told.at if told is not None else now,
            offer=offer.offer,
            playbook=offer.playbook,
            family=offer.family,
            verb=offer.verb,
            target=offer.target,
            moment=offer.moment,
            moment_kind=offer.kind,
            step=offer.step,
            user=offer.user,
            by=told.user if told is not None else None,
            placement=told.placement if told is not None else None,
            option=told.option if told is not None else None,
            reason=reason,
            plan=account.plan(product),
            term=account.term(),
            seats=account.seats(),
            segments=offer.segments,
            levels=offer.levels,
            report=offer.report,
            price_difference=offer.price_difference,
            currency=product.currency,
            variant=offer.variant,
            held_out=offer.held_out,
            version=offer.version,
            made_at=to_datetime(offer.made_at),
            decision_id=offer.decision_id,
        ),
    )


def revoked(situation: Situation, what: OfferEnd) -> OfferRevoked:
    """The offer no longer holds, and why."""
    return OfferRevoked(
        id=ids.offer_event_id(what.offer_id, what.sequence),
        source=SOURCE,
        subject=situation.id,
        time=to_datetime(situation.now),
        data=what,
    )


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
