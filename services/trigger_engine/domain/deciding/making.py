"""An offer is made: put into the account's hands, and told. One that is held out is kept all the same, and not told."""

from typing import Final

from msgspec import Struct

from schemas.envelope import Envelope, unchecked
from schemas.offers import AfterNo, Offer, OfferChanged, OfferMade, OfferWhole, Revoked
from schemas.outcomes import Change
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.account import Made, OpenOffer
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.calendar import DAY_US
from services.trigger_engine.domain.deciding.arbitrated import in_the_way
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.deciding.caps import count
from services.trigger_engine.domain.deciding.drawn import variant_of
from services.trigger_engine.domain.deciding.evidence import signals
from services.trigger_engine.domain.deciding.gates import GATES
from services.trigger_engine.domain.deciding.holding import remembered
from services.trigger_engine.domain.deciding.replacing import replaced
from services.trigger_engine.domain.deciding.reporting import report_of
from services.trigger_engine.domain.deciding.unfit import basis_of, shown_by
from services.trigger_engine.domain.deciding.wording import content, due_at, note
from services.trigger_engine.domain.ending import revoke
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.playbook.offers import NoRule
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.telling import event, judged
from services.trigger_engine.domain.values import values_of

NEXT_PERIOD_UNKNOWN_US: Final = 30 * DAY_US
"""``next_period`` when no billing period is known."""

MAX_SEGMENTS: Final = 16
"""Segments that an offer remembers its account to have been in: of more those that the set names first."""


class Put(Struct):
    """The offer's id, and what there is to tell."""

    offer_id: str
    events: list[Envelope]


def make(winner: Candidate, situation: Situation, decision: str, *, held_out: bool) -> Put:
    """Put the offer into the account's hands, in place of the lower step's, or of those that it beat, if there are any.

    What is beaten is taken back first. What takes its own lower step's place keeps its id, and is counted already.
    """
    account = situation.account
    winner.variant = variant_of(winner.offer, situation)
    events = [
        event
        for beaten in in_the_way(winner)
        for event in revoke(situation, beaten, Revoked.SUPERSEDED, situation.now).events
    ]
    before = replaced(winner)
    opened = _opened(winner, situation, decision, before)
    opened.held_out = held_out
    if before is not None:
        account.offers.remove(before)
    elif GATES[winner.offer.verb].caps:
        verb = opened.verb.value
        made = (opened.offer_id, opened.offer, opened.family, opened.placements, verb, opened.user)
        count(situation, Made(situation.now, *made))
    account.remember(opened)
    change = Change.MADE if before is None else Change.CHANGED
    if not held_out:
        events.append(_told(winner, opened, change, situation))
    return Put(opened.offer_id, [*events, judged(situation, opened, change)])


def _told(winner: Candidate, opened: OpenOffer, change: Change, situation: Situation) -> Envelope:
    kind: type[Envelope] = OfferMade if change is Change.MADE else OfferChanged
    whole = unchecked(OfferWhole, {"sequence": opened.sequence, "offer": _whole(winner, opened, situation)})
    return event(kind, ids.offer_event_id(opened.offer_id, opened.sequence), situation.id, situation.now, whole)


def _opened(winner: Candidate, situation: Situation, decision: str, before: OpenOffer | None) -> OpenOffer:
    offer, passed, target = winner.offer, winner.passed, winner.target or ""
    occurrence, values = passed.occurrence, values_of(situation)
    rule, no_for_us = _contract(winner, situation)
    segments = values.segments()
    situation.reached(Bound.SEGMENTS_LEFT_OUT, len(segments) - MAX_SEGMENTS)
    opened = OpenOffer(
        offer_id=before.offer_id
        if before is not None
        else ids.offer_id(situation.named, offer.name, passed.moment.name, occurrence),
        offer=offer.name,
        playbook=offer.playbook,
        family=offer.family,
        verb=offer.verb,
        target=target,
        moment=passed.moment.name,
        kind=passed.moment.kind,
        occurrence=occurrence,
        placements=offer.placements,
        made_at=situation.now,
        expires_at=situation.now + offer.open_for_us,
        decision_id=decision,
        version=situation.rules.version,
        no_rule=rule.value,
        no_for_us=no_for_us,
        user=passed.user,
        step=passed.step,
        price_difference=winner.about.increase,
        score=winner.score,
        variant=winner.variant,
        levels=values.levels(),
        segments=segments[:MAX_SEGMENTS],
        report=report_of(offer, situation),
        happened=remembered(passed),
        basis=basis_of(passed, situation),
        shown=shown_by(target, winner.options),
    )
    if before is not None:
        opened.sequence, opened.seen, opened.snoozed_until = before.sequence + 1, before.seen, before.snoozed_until
    return opened


def _contract(winner: Candidate, situation: Situation) -> tuple[NoRule, int | None]:
    """What a no will mean, and how long it would close the family, as far as can be told when the offer is made."""
    after = winner.offer.after_a_no
    if after.rule is not NoRule.NEXT_PERIOD:
        return after.rule, after.for_us
    period = situation.account.period()
    if period is None or period.ends <= situation.now:
        return NoRule.FOR, NEXT_PERIOD_UNKNOWN_US
    return NoRule.NEXT_PERIOD, period.ends - situation.now


def _whole(winner: Candidate, opened: OpenOffer, situation: Situation) -> Offer:
    seconds = None if opened.no_for_us is None else opened.no_for_us // 1_000_000
    return unchecked(
        Offer,
        {
            "offer_id": opened.offer_id,
            "offer": opened.offer,
            "playbook": opened.playbook,
            "family": opened.family,
            "verb": opened.verb,
            "user": opened.user,
            "placements": opened.placements,
            "content": content(winner, situation),
            "options": winner.options,
            "evidence": signals(winner, situation),
            "after_a_no": unchecked(AfterNo, {"rule": winner.offer.after_a_no.written, "seconds": seconds}),
            "variant": opened.variant,
            "note": note(winner, situation),
            "due_at": due_at(winner, situation),
            "score": opened.score,
            "made_at": to_datetime(opened.made_at),
            "expires_at": to_datetime(opened.expires_at),
            "version": opened.version,
            "decision_id": opened.decision_id,
        },
    )
