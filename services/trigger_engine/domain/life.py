"""The life of an offer: responses judged, time running out. One change, one event on each log, one step of sequence."""

from collections.abc import Iterator, Mapping
from typing import Final

from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.offers import OfferChange, OfferSnooze, OfferSnoozed
from schemas.outcomes import Change
from schemas.responses import Responded, ResponseKind
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.account import AccountSlice, Closed, OpenOffer
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.playbook.offers import NoRule
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import SOURCE, changed, judged

MAX_OVER: Final = 16
"""Offers lately over that are remembered, so that a response on its way is still judged; the oldest is forgotten."""

SNOOZE_US: Final = 24 * 3_600 * 1_000_000

CHANGE_OF: Final[Mapping[ResponseKind, Change]] = {
    ResponseKind.PRESENTED: Change.PRESENTED,
    ResponseKind.CLICKED: Change.CLICKED,
    ResponseKind.ACCEPTED: Change.ACCEPTED,
    ResponseKind.DISMISSED: Change.DISMISSED,
    ResponseKind.SNOOZED: Change.SNOOZED,
}
FINAL_WORDS: Final = (Change.ACCEPTED, Change.DISMISSED)
"""A person's own end of an offer: it counts even when time ran out before it arrived, and the first of them holds."""


def remember(account: AccountSlice, offer: OpenOffer) -> None:
    """Take a new offer in, and forget the one that has been over for longest when there are too many."""
    account.offers.append(offer)
    over = [known for known in account.offers if known.over is not None]
    for known in over[: max(0, len(over) - MAX_OVER)]:
        account.offers.remove(known)


def respond(situation: Situation, response: Responded) -> list[Envelope]:
    """Judge a response: each kind counts once per offer, whatever the order and number of its arrivals.

    Raises `Impossible` when the account never had the offer, or had it too long ago to be remembered.
    """
    account, now = situation.account, situation.now
    offer = next((known for known in account.offers if known.offer_id == response.data.offer), None)
    if offer is None:
        raise Impossible(DeadLetterReason.UNKNOWN_OFFER, "data.offer: no such offer of this account")
    change = CHANGE_OF[response.data.response]
    if not _counts(offer, change, now):
        return []
    at = min(to_us(response.time), now)
    offer.sequence += 1
    offer.seen = (*offer.seen, change.value) if change.value not in offer.seen else offer.seen
    told = OfferChange(
        sequence=offer.sequence,
        offer_id=offer.offer_id,
        at=to_datetime(at),
        user=response.data.user,
        placement=response.data.placement,
        option=response.data.option,
        response_id=response.id,
    )
    if change is Change.SNOOZED:
        event: Envelope = _snoozed(situation, offer, told, at)
    else:
        event = changed(situation, change, told)
    if change in FINAL_WORDS:
        offer.over = change.value
    if change is Change.DISMISSED:
        account.closed[offer.family] = _closed(offer, at)
    return [event, judged(situation, offer, change, told)]


def _counts(offer: OpenOffer, change: Change, now: int) -> bool:
    if change in FINAL_WORDS:
        return offer.over not in FINAL_WORDS
    if change is Change.SNOOZED:
        return offer.over is None and (offer.snoozed_until is None or offer.snoozed_until <= now)
    return change.value not in offer.seen


def _snoozed(situation: Situation, offer: OpenOffer, told: OfferChange, at: int) -> OfferSnoozed:
    offer.snoozed_until = at + SNOOZE_US
    return OfferSnoozed(
        id=ids.offer_event_id(offer.offer_id, offer.sequence),
        source=SOURCE,
        subject=situation.id,
        time=to_datetime(situation.now),
        data=OfferSnooze(**told.model_dump(), until=to_datetime(offer.snoozed_until)),
    )


def _closed(offer: OpenOffer, at: int) -> Closed:
    if offer.no_rule == NoRule.HIGHER_STEP.value:
        return Closed(at, step=offer.step)
    return Closed(at, until=None if offer.no_for_us is None else at + offer.no_for_us)


def expire(situation: Situation, reached: int) -> Iterator[Envelope]:
    """End every offer whose time has run out once time has ``reached`` that, in the order in which they do."""
    account = situation.account
    due = sorted(
        (offer for offer in account.open_offers() if offer.expires_at <= reached),
        key=lambda offer: (offer.expires_at, offer.offer_id),
    )
    for offer in due:
        offer.sequence += 1
        offer.over = Change.EXPIRED.value
        if Change.PRESENTED.value not in offer.seen:  # nobody saw it, so no cap is used up
            account.made = [made for made in account.made if made.offer_id != offer.offer_id]
        told = OfferChange(sequence=offer.sequence, offer_id=offer.offer_id, at=to_datetime(offer.expires_at))
        yield changed(situation, Change.EXPIRED, told)
        yield judged(situation, offer, Change.EXPIRED, told)
