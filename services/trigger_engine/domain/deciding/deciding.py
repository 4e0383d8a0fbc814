"""One input makes one decision: the record of it, and the offer when there is one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from schemas.decisions import Candidate as CandidateTold
from schemas.decisions import Decided, Decision, Input, Verdict
from schemas.envelope import Envelope
from schemas.offers import AfterNo, Offer, OfferChanged, OfferMade, OfferWhole
from schemas.outcomes import Change
from services.trigger_engine.domain import ids
from services.trigger_engine.domain.account import Made, OpenOffer
from services.trigger_engine.domain.deciding import funnel
from services.trigger_engine.domain.deciding.candidate import Candidate, Cause
from services.trigger_engine.domain.deciding.evidence import evidence
from services.trigger_engine.domain.deciding.replacing import replaced
from services.trigger_engine.domain.deciding.within_bounds import forget_counted
from services.trigger_engine.domain.deciding.wording import content, due_at, note
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.life import remember
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import meter_of
from services.trigger_engine.domain.playbook.offers import NoRule
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import standing
from services.trigger_engine.domain.telling import SOURCE, judged

NEXT_PERIOD_UNKNOWN_US: Final = 30 * 86_400 * 1_000_000
"""``next_period`` when no billing period is known."""


def decide(fired: Sequence[Passed], situation: Situation, cause: Cause) -> list[Envelope]:
    """Decide what fired together. Changes the account when an offer is made; returns all there is to tell."""
    candidates, winner = funnel.consider(fired, situation)
    known = _known(situation)
    decision = ids.decision_id(situation.named, [passed.occurrence for passed in fired], attempt=1)
    events: list[Envelope] = []
    made: Offer | None = None
    if winner is not None:
        forget_counted(situation.account, situation.rules.product, situation.now)
        made, events = _make(winner, situation, decision)
    told = Decision(
        decision_id=decision,
        verdict=Verdict.WITHHELD if made is None else Verdict.OFFERED,
        reason=funnel.reason_of(candidates) if made is None else None,
        at=to_datetime(situation.now),
        version=situation.rules.version,
        input=_input(cause),
        moments=tuple(evidence(passed) for passed in fired),
        user=next((passed.user for passed in fired if passed.user is not None), None),
        candidates=tuple(_told(candidate) for candidate in candidates),
        offer_id=made.offer_id if made is not None else None,
        account=known,
        meters=_meters(fired, situation),
    )
    decided = Decided(id=decision, source=SOURCE, subject=situation.id, time=told.at, data=told)
    return [decided, *events]


def _make(winner: Candidate, situation: Situation, decision: str) -> tuple[Offer, list[Envelope]]:
    """Put the offer into the account's hands, in place of the lower step's when there is one."""
    before = replaced(winner, situation.account)
    opened = _opened(winner, situation, decision, before)
    offer = _whole(winner, opened, situation)
    if before is None:
        situation.account.made.append(
            Made(situation.now, opened.offer_id, opened.offer, opened.family, opened.placements)
        )
    else:
        situation.account.offers.remove(before)
    remember(situation.account, opened)
    kind, change = (OfferMade, Change.MADE) if before is None else (OfferChanged, Change.CHANGED)
    event = kind(
        id=ids.offer_event_id(opened.offer_id, opened.sequence),
        source=SOURCE,
        subject=situation.id,
        time=to_datetime(situation.now),
        data=OfferWhole(sequence=opened.sequence, offer=offer),
    )
    return offer, [
        event,
        judged(situation, opened, change),
    ]


def _opened(winner: Candidate, situation: Situation, decision: str, before: OpenOffer | None) -> OpenOffer:
    offer, passed, target = winner.offer, winner.passed, winner.target or ""
    occurrence = passed.occurrence
    return OpenOffer(
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
        no_rule=offer.after_a_no.rule.value,
        no_for_us=_no_for(winner, situation),
        user=passed.user,
        step=passed.step,
        price_difference=winner.increase,
        sequence=before.sequence + 1 if before is not None else 1,
        seen=before.seen if before is not None else (),
        snoozed_until=before.snoozed_until if before is not None else None,
    )


def _no_for(winner: Candidate, situation: Situation) -> int | None:
    """How long a no would close the family, as far as can be told when the offer is made."""
    after = winner.offer.after_a_no
    if after.rule is not NoRule.NEXT_PERIOD:
        return after.for_us
    period = situation.account.period()
    if period is None or period.ends <= situation.now:
        return NEXT_PERIOD_UNKNOWN_US
    return period.ends - situation.now


def _whole(winner: Candidate, opened: OpenOffer, situation: Situation) -> Offer:
    seconds = None if opened.no_for_us is None else opened.no_for_us // 1_000_000
    return Offer(
        offer_id=opened.offer_id,
        offer=opened.offer,
        playbook=opened.playbook,
        family=opened.family,
        verb=opened.verb,
        user=opened.user,
        placements=opened.placements,
        content=content(winner, situation),
        options=winner.options,
        evidence=(evidence(winner.passed),),
        after_a_no=AfterNo(rule=winner.offer.after_a_no.written, seconds=seconds),
        note=note(winner, situation),
        due_at=due_at(winner, situation),
        made_at=to_datetime(opened.made_at),
        expires_at=to_datetime(opened.expires_at),
        version=opened.version,
        decision_id=opened.decision_id,
    )


def _input(cause: Cause) -> Input:
    return Input.model_validate(
        {
            "stream": cause.origin.stream,
            "partition": cause.origin.partition,
            "offset": cause.origin.offset,
            "event_id": cause.event_id,
            "event_type": cause.event_type,
            "event_time": to_datetime(cause.event_time) if cause.event_time is not None else None,
        }
    )


def _told(candidate: Candidate) -> CandidateTold:
    withheld = candidate.withheld
    return CandidateTold(
        offer=candidate.offer.name,
        moment=candidate.passed.moment.name,
        target=candidate.target,
        stage=candidate.stage,
        reason=withheld.reason if withheld is not None else None,
        detail=withheld.detail if withheld is not None else None,
        score=candidate.score,
    )


def _known(situation: Situation) -> dict[str, str | int | bool | list[str] | None]:
    """The account as the decision found it."""
    account, product = situation.account, situation.rules.product
    onboarding = account.facts.get("onboarding")
    return {
        "plan": account.plan(product),
        "term": account.term(),
        "seats": account.seats(),
        "owned": account.owned(),
        "onboarding": onboarding.value if onboarding is not None and isinstance(onboarding.value, str) else None,
        "open_offers": [offer.offer_id for offer in account.open_offers()],
    }


def _meters(fired: Sequence[Passed], situation: Situation) -> dict[str, Decimal]:
    product = situation.rules.product
    names = {meter_of(passed.moment) for passed in fired}
    found: dict[str, Decimal] = {}
    for name in sorted(name for name in names if name is not None):
        meter = product.meters[name]
        holder = situation.user if meter.by_user else situation.account
        if meter.is_plain:
            state = holder.meters.get(meter.key) if holder is not None else None
            if state is not None:
                found[name] = state.value
        elif holder is not None and (stands := standing(meter, holder, situation)) is not None:
            found[name] = stands.value
    return found
