"""The life of an offer: responses judged, time running out, facts that it does not survive.

One change, one event on each log, one step of its sequence; on ``rung.offers`` nothing of those that are held out.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from schemas.dead_letters import DeadLetterReason
from schemas.offers import OfferChange, OfferSnooze, OfferSnoozed, Revoked, Verb
from schemas.outcomes import Change
from schemas.responses import Responded, ResponseKind
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.account import AccountSlice, Closed, Noes, OpenOffer
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.deciding import cooling
from services.trigger_engine.domain.deciding.caps import presented
from services.trigger_engine.domain.deciding.unfit import ends_by_time, fits_still, why_unfit
from services.trigger_engine.domain.ending import Changes, expire, revoke
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import LAST_US, to_datetime, to_us
from services.trigger_engine.domain.moments import outcome
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.offers import NoRule
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import SOURCE, changed, judged

MAX_CLOSED: Final = 64
"""Families that a no has closed, more than a set has; beyond it the one closed first is open again."""

SNOOZE_US: Final = 24 * 3_600 * 1_000_000

MONTH_US: Final = 30 * 86_400 * 1_000_000
"""What ``next_period`` comes to when it is not known when that begins."""

CHANGE_OF: Final[Mapping[ResponseKind, Change]] = {
    ResponseKind.PRESENTED: Change.PRESENTED,
    ResponseKind.CLICKED: Change.CLICKED,
    ResponseKind.ACCEPTED: Change.ACCEPTED,
    ResponseKind.DISMISSED: Change.DISMISSED,
    ResponseKind.SNOOZED: Change.SNOOZED,
}
FINAL_WORDS: Final = (Change.ACCEPTED, Change.DISMISSED)
"""A person's own end of an offer: it counts even when time ran out before it arrived, and the first of them holds."""


# --- what people do -----------------------------------------------------------------------------


def respond(situation: Situation, response: Responded) -> Changes:
    """Judge a response: each kind counts once per offer, whatever the order and number of its arrivals.

    Raises `Impossible` when the account never had the offer, or had it too long ago to be remembered; nobody has one
    that is held out.
    """
    account, now, data = situation.account, situation.now, response.data
    known = (offer for offer in account.offers if not offer.held_out)
    offer = next((offer for offer in known if offer.offer_id == data.offer), None)
    if offer is None:
        raise Impossible(DeadLetterReason.UNKNOWN_OFFER, "data.offer: no such offer of this account")
    change = CHANGE_OF[data.response]
    at = max(offer.made_at, min(to_us(response.time), now))  # a browser's clock may be years off
    if change is Change.PRESENTED:
        presented(situation, offer.offer_id, data.user)
    if not _counts(offer, change, at):
        return Changes()
    _meant(situation, offer, change, at)
    offer.sequence += 1
    offer.seen = (*offer.seen, change.value) if change.value not in offer.seen else offer.seen
    told = OfferChange(
        sequence=offer.sequence,
        offer_id=offer.offer_id,
        at=to_datetime(at),
        user=data.user,
        placement=data.placement,
        option=data.option,
        response_id=response.id,
    )
    event = _snoozed(situation, offer, told, at) if change is Change.SNOOZED else changed(situation, change, told)
    if change in FINAL_WORDS:
        offer.over, offer.happened = change.value, None
    fate = outcome.Judged(offer.offer, offer.offer_id, change, offer.made_at, at, presented=True)
    return Changes([event, judged(situation, offer, change, told)], (fate,))


def _counts(offer: OpenOffer, change: Change, at: int) -> bool:
    if offer.over in FINAL_WORDS and change in FINAL_WORDS:
        return False
    if change is Change.SNOOZED:  # again only once the last one has ended, by the response's own time: a copy has none
        return offer.over is None and (offer.snoozed_until is None or offer.snoozed_until <= at)
    return change.value not in offer.seen


def _meant(situation: Situation, offer: OpenOffer, change: Change, at: int) -> None:
    """What a yes or a no means beyond its offer. A task is done either way: that is nobody's no."""
    account = situation.account
    if offer.verb is Verb.TASK or change not in FINAL_WORDS:
        return
    if change is Change.ACCEPTED:
        account.noes = Noes()
        return
    _close(situation, offer, at)
    if offer.over != Change.EXPIRED.value or not offer.seen:  # else it was ignored, and counted then
        account.noes = account.noes.one_more(at)


def _snoozed(situation: Situation, offer: OpenOffer, told: OfferChange, at: int) -> OfferSnoozed:
    offer.snoozed_until = at + SNOOZE_US
    return OfferSnoozed(
        id=ids.offer_event_id(offer.offer_id, offer.sequence),
        source=SOURCE,
        subject=situation.id,
        time=to_datetime(situation.now),
        data=OfferSnooze(**told.model_dump(), until=to_datetime(offer.snoozed_until)),
    )


def _close(situation: Situation, offer: OpenOffer, at: int) -> None:
    """Shut the offer's family, for all users. Of two noes the stricter holds, in whatever order they arrive."""
    closed, said = situation.account.closed, _closed(offer, at)
    before = closed.get(offer.family)
    closed[offer.family] = said if before is None else max(before, said, key=_strictness)
    for family in sorted(closed, key=lambda name: (closed[name].at, name))[:-MAX_CLOSED]:
        del closed[family]
        situation.reached(Bound.FAMILY_REOPENED)


def _strictness(closed: Closed) -> tuple[bool, bool, Decimal, int]:
    """For ever, then until a higher step (the highest), then until a time (the latest)."""
    for_ever = closed.until is None and closed.step is None
    return for_ever, closed.step is not None, closed.step or ZERO, closed.until or 0


def _closed(offer: OpenOffer, at: int) -> Closed:
    """What the contract of the offer says; `NoRule.NEXT_PERIOD` counts from when the offer was made."""
    if offer.no_rule == NoRule.HIGHER_STEP.value:
        return Closed(at, step=offer.step)
    if offer.no_for_us is None:
        return Closed(at)
    begins = offer.made_at + offer.no_for_us
    if offer.no_rule != NoRule.NEXT_PERIOD.value:
        return Closed(at, until=at + offer.no_for_us)
    return Closed(at, until=begins if begins > at else at + MONTH_US)


# --- what facts, sets and time do ---------------------------------------------------------------


def revoke_unfit(situation: Situation) -> Changes:
    """Take back every open offer that does not fit the account, or the set in force, any more, oldest first.

    To be asked after facts, responses and steps of onboardings, and of the accounts of a new set.
    """
    situation = situation.fresh()
    cooling.look(situation)
    changes = Changes()
    for offer in situation.account.open_offers():
        why = why_unfit(offer, situation)
        if why is not None:
            changes = changes.also(revoke(situation, offer, why, situation.now))
        else:
            fits_still(offer, situation)
    return changes


def is_unfit(situation: Situation) -> bool:
    """Whether `revoke_unfit` would take something back."""
    return any(why_unfit(offer, situation) is not None for offer in situation.account.open_offers())


def pass_time(situation: Situation, reached: int) -> Changes:
    """End every offer whose time has run out once time has ``reached`` that, in the order in which they do."""
    account, rules = situation.account, situation.rules
    ends = [(*_ends(offer, account, rules), offer) for offer in account.open_offers()]
    changes = Changes()
    for at, why, offer in sorted(ends, key=lambda end: (end[0], end[2].offer_id)):
        if at <= reached:
            ended = expire(situation, offer) if why is None else revoke(situation, offer, why, at)
            changes = changes.also(ended)
    return changes


def due(account: AccountSlice, rules: CompiledSet) -> int | None:
    """When time next has something to do, to an offer or to a moment that is held; None when never.

    A moment that waits for no known time has one all the same, the last there is: a new set may concern it, and of
    accounts without a timer a sweep takes no notice.
    """
    times = [LAST_US if held.again is None else held.again for held in account.held]
    times.extend(_ends(offer, account, rules)[0] for offer in account.open_offers())
    return min(times, default=None)


def _ends(offer: OpenOffer, account: AccountSlice, rules: CompiledSet) -> tuple[int, Revoked | None]:
    """When time ends the offer, and why it is taken back then; None when it just expires."""
    ends: list[tuple[int, Revoked | None]] = [(offer.expires_at, None), *ends_by_time(offer, account, rules)]
    return min(ends, key=lambda end: end[0])
