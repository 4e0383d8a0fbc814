"""The life of an offer: responses judged, time running out. One change, one event on each log, one step of sequence."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.dead_letters import DeadLetterReason
from schemas.envelope import Envelope
from schemas.offers import OfferChange, OfferEnd, OfferSnooze, OfferSnoozed
from schemas.outcomes import Change
from schemas.responses import Responded, ResponseKind
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.account import AccountSlice, Closed, OpenOffer
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_datetime, to_us
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.offers import NoRule
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import SOURCE, changed, judged, revoked

MAX_OVER: Final = 16
"""Offers lately over that are remembered, so that a response on its way is judged; the first made is forgotten."""

MAX_CLOSED: Final = 64
"""Families that a no has closed, more than a set has; beyond it the one closed first is open again."""

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
    """Take a new offer in, and forget those over that were made first when there are too many."""
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
    at = max(offer.made_at, min(to_us(response.time), now))  # a browser's clock may be years off
    if not _counts(offer, change, at):
        return []
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
        _close(account, offer, at)
    return [event, judged(situation, offer, change, told)]


def _counts(offer: OpenOffer, change: Change, at: int) -> bool:
    if offer.over in FINAL_WORDS and change in FINAL_WORDS:
        return False
    if change is Change.SNOOZED:  # again only once the last one has ended, by the response's own time: a copy has none
        return offer.over is None and (offer.snoozed_until is None or offer.snoozed_until <= at)
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


def _close(account: AccountSlice, offer: OpenOffer, at: int) -> None:
    """Shut the offer's family. Of two noes the stricter holds, in whatever order they arrive."""
    said = _closed(offer, at)
    before = account.closed.get(offer.family)
    account.closed[offer.family] = said if before is None else max(before, said, key=_strictness)
    for family in sorted(account.closed, key=lambda name: (account.closed[name].at, name))[:-MAX_CLOSED]:
        del account.closed[family]


def _strictness(closed: Closed) -> tuple[bool, bool, Decimal, int]:
    """For ever, then until a higher step (the highest), then until a time (the latest)."""
    for_ever = closed.until is None and closed.step is None
    return for_ever, closed.step is not None, closed.step or ZERO, closed.until or 0


def _closed(offer: OpenOffer, at: int) -> Closed:
    if offer.no_rule == NoRule.HIGHER_STEP.value:
        return Closed(at, step=offer.step)
    return Closed(at, until=None if offer.no_for_us is None else at + offer.no_for_us)


class Revoked(StrEnum):
    """Why an offer was taken back. Part of the wire: add, never rename."""

    PAUSED = "paused"  # an operator, or a guard, stopped the offer
    WITHDRAWN = "withdrawn"  # the set in force has it no more


def revoke_gone(situation: Situation) -> Iterator[Envelope]:
    """Take back every open offer that the set in force does not make any more, oldest first."""
    for offer in situation.account.open_offers():
        why = why_gone(offer, situation.rules)
        if why is not None:
            yield from _revoke(situation, offer, why)


def why_gone(offer: OpenOffer, rules: CompiledSet) -> Revoked | None:
    """Why the set in force does not make this offer any more; None when it does."""
    if offer.offer in rules.paused:
        return Revoked.PAUSED
    return None if rules.has_offer(offer.offer) else Revoked.WITHDRAWN


def _revoke(situation: Situation, offer: OpenOffer, why: Revoked) -> Iterator[Envelope]:
    """End an offer for a reason that is not the customer's; the caps count it no more."""
    account = situation.account
    offer.sequence += 1
    offer.over = Change.REVOKED.value
    account.made = [made for made in account.made if made.offer_id != offer.offer_id]
    told = OfferEnd(sequence=offer.sequence, offer_id=offer.offer_id, at=to_datetime(situation.now), reason=why.value)
    yield revoked(situation, told)
    yield judged(situation, offer, Change.REVOKED, told, why.value)


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
        if not offer.seen:  # nobody saw it, so no cap is used up
            account.made = [made for made in account.made if made.offer_id != offer.offer_id]
        told = OfferChange(sequence=offer.sequence, offer_id=offer.offer_id, at=to_datetime(offer.expires_at))
        yield changed(situation, Change.EXPIRED, told)
        yield judged(situation, offer, Change.EXPIRED, told)
