"""How an offer ends for a reason that is not the customer's, and what there is to tell of it."""

from msgspec import Struct

from schemas.envelope import Envelope
from schemas.offers import OfferChange, OfferEnd, Revoked, Verb
from schemas.outcomes import Change
from services.trigger_engine.domain.account import OpenOffer
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments import outcome
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import changed, judged, revoked


class Changes(Struct):
    """What came of the lives of offers: events to tell, and what was judged, as moments of outcome are shown it."""

    events: list[Envelope] = []
    judged: tuple[outcome.Judged, ...] = ()

    def also(self, other: "Changes") -> "Changes":
        """These, then those."""
        return Changes([*self.events, *other.events], (*self.judged, *other.judged))


def expire(situation: Situation, offer: OpenOffer) -> Changes:
    """Its time has run out. Seen by then, it was ignored; seen by nobody, it costs nothing.

    One held out counts as seen: what nobody is shown goes on as if it had been.
    """
    told = OfferChange(sequence=offer.sequence + 1, offer_id=offer.offer_id, at=to_datetime(offer.expires_at))
    ended = _end(situation, offer, Change.EXPIRED, told, offer.expires_at)
    if not _was_seen(offer):
        situation.account.give_back(offer.offer_id)
    elif offer.verb is not Verb.TASK:
        situation.account.noes = situation.account.noes.one_more(offer.expires_at)
    return ended


def revoke(situation: Situation, offer: OpenOffer, why: Revoked, at: int) -> Changes:
    """Take an offer back; the caps count it no more, unless it is one of those that are shown to nobody."""
    told = OfferEnd(sequence=offer.sequence + 1, offer_id=offer.offer_id, at=to_datetime(at), reason=why.value)
    if not offer.held_out:
        situation.account.give_back(offer.offer_id)
    return _end(situation, offer, Change.REVOKED, told, at)


def _was_seen(offer: OpenOffer) -> bool:
    return offer.held_out or bool(offer.seen)


def _end(situation: Situation, offer: OpenOffer, change: Change, told: OfferChange, at: int) -> Changes:
    offer.sequence += 1
    offer.over = change.value
    offer.happened = None
    told_offers: list[Envelope] = []
    if not offer.held_out:
        told_offers.append(revoked(situation, told) if isinstance(told, OfferEnd) else changed(situation, change, told))
    reason = told.reason if isinstance(told, OfferEnd) else None
    fate = outcome.Judged(offer.offer, offer.offer_id, change, offer.made_at, at, _was_seen(offer))
    return Changes([*told_offers, judged(situation, offer, change, told, reason)], (fate,))
