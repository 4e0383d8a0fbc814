"""One input makes one decision: what is told of it, and the offer when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oracle import ids
from oracle.funnel import Candidate, consider, reason_of, replaced
from oracle.prices import difference
from oracle.state import Made, Open
from oracle.telling import Event, decision, known, offer_event, outcome, text
from oracle.times import DAY, SECOND, told
from oracle.wording import content, evidence, option

if TYPE_CHECKING:
    from oracle.firing import Fired
    from oracle.telling import Situation

MAX_OVER: Final = 16
"""Offers lately over that an account remembers."""

MAX_COUNTED: Final = 128
"""Offers made that an account remembers for its caps."""

PERIOD_UNKNOWN: Final = 30 * DAY


def decide(fired: list[Fired], situation: Situation, cause: dict[str, Any]) -> list[Event]:
    """Decide what fired together; ``cause`` is the input that led to it, as it is told."""
    account, rules = situation.account, situation.rules
    before = {
        "plan": account.plan(rules),
        "term": account.term(),
        "seats": account.seats(),
        "owned": account.owned(),
        "onboarding": account.told("onboarding") if isinstance(account.told("onboarding"), str) else None,
        "open_offers": [offer.offer_id for offer in account.open()],
    }
    candidates, winner = consider(fired, situation)
    decision_id = ids.made_of("decision", situation.named, sorted(one.occurrence for one in fired), 1)
    offer_id: str | None = None
    events: list[Event] = []
    if winner is not None:
        offer_id, events = _make(winner, situation, decision_id)
    data = known(
        decision_id=decision_id,
        verdict="withheld" if winner is None else "offered",
        reason=reason_of(candidates) if winner is None else None,
        at=told(situation.now),
        version=rules.version,
        input=cause,
        moments=[evidence(one) for one in fired],
        user=next((one.user for one in fired if one.user is not None), None),
        candidates=[_told(candidate) for candidate in candidates],
        offer_id=offer_id,
        account=before,
        meters=_meters(fired, situation),
        levels={},
        segments=[],
        attempt=1,
        held=[],
    )
    return [decision(situation, decision_id, data), *events]


def _told(candidate: Candidate) -> dict[str, Any]:
    return known(
        offer=candidate.offer.name,
        moment=candidate.fired.moment.name,
        target=candidate.target,
        stage=candidate.stage,
        reason=candidate.reason,
        detail=candidate.detail,
        score=text(candidate.score),
        factors={},
    )


def _meters(fired: list[Fired], situation: Situation) -> dict[str, str]:
    found = {}
    for name in {one.moment.meter for one in fired if one.moment.meter is not None}:
        meter = situation.rules.meters[name]
        holder = situation.user if meter.by_user else situation.account
        if holder is not None and meter.key in holder.meters:
            found[name] = str(holder.meters[meter.key].value)
    return found


def _make(winner: Candidate, situation: Situation, decision_id: str) -> tuple[str, list[Event]]:
    """Put the offer into the account's hands, in place of the lower step's when there is one."""
    account, now = situation.account, situation.now
    longest = max((cap.per for cap in situation.rules.caps), default=0)
    account.made = [made for made in account.made if made.at > now - longest][-MAX_COUNTED:]
    before = replaced(winner, account)
    made = _opened(winner, situation, decision_id, before)
    whole = _whole(winner, made, situation)
    if before is None:
        account.made.append(Made(now, made.offer_id, made.offer, made.family, made.placements))
    else:
        account.offers.remove(before)
    account.offers.append(made)
    over = [offer for offer in account.offers if offer.over is not None]
    for forgotten in over[: max(0, len(over) - MAX_OVER)]:
        account.offers.remove(forgotten)
    kind, change = ("offer_made", "made") if before is None else ("offer_changed", "changed")
    event = offer_event(situation, kind, made, {"sequence": made.sequence, "offer": whole})
    return made.offer_id, [event, outcome(situation, made, change, now)]


def _opened(winner: Candidate, situation: Situation, decision_id: str, before: Open | None) -> Open:
    offer, fired, target = winner.offer, winner.fired, winner.target or ""
    first_id = ids.made_of("offer", situation.named, offer.name, fired.moment.name, fired.occurrence)
    return Open(
        offer_id=first_id if before is None else before.offer_id,
        offer=offer.name,
        playbook=offer.playbook,
        family=offer.family,
        verb=offer.verb,
        target=target,
        moment=fired.moment.name,
        kind=fired.moment.kind,
        occurrence=fired.occurrence,
        placements=offer.placements,
        made_at=situation.now,
        expires_at=situation.now + offer.open_for,
        decision_id=decision_id,
        version=situation.rules.version,
        no_rule=offer.no_rule,
        no_for=_no_for(winner, situation),
        user=fired.user,
        step=fired.step,
        price_difference=difference(target, situation.account, situation.rules),
        sequence=1 if before is None else before.sequence + 1,
        seen=() if before is None else before.seen,
        snoozed_until=None if before is None else before.snoozed_until,
    )


def _no_for(winner: Candidate, situation: Situation) -> int | None:
    """How long a no would close the family."""
    if winner.offer.no_rule != "next_period":
        return winner.offer.no_for
    period = situation.account.period()
    return PERIOD_UNKNOWN if period is None or period.ends <= situation.now else period.ends - situation.now


def _whole(winner: Candidate, made: Open, situation: Situation) -> dict[str, Any]:
    seconds = None if made.no_for is None else made.no_for // SECOND
    return known(
        offer_id=made.offer_id,
        offer=made.offer,
        playbook=made.playbook,
        family=made.family,
        verb=made.verb,
        user=made.user,
        placements=list(made.placements),
        content=content(winner.offer, winner.fired, made.target, situation),
        options=[option(winner.offer, made.target, situation)],
        evidence=[evidence(winner.fired)],
        after_a_no=known(rule=winner.offer.no, seconds=seconds),
        made_at=told(made.made_at),
        expires_at=told(made.expires_at),
        version=made.version,
        decision_id=made.decision_id,
    )
