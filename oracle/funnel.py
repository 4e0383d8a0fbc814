"""Which offers a decision removes, at which stage and why, and which one is left."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.firing import Fired
from oracle.numbers import times
from oracle.rules import Offer
from oracle.state import OnboardingState
from oracle.times import minute
from oracle.wording import more

if TYPE_CHECKING:
    from oracle.rules import Cap
    from oracle.state import Account, Made, Open, User
    from oracle.telling import Situation

STAGES: Final = ("eligible", "suitable", "within_bounds", "arbitrated")
CONTEXT: Final = Decimal("1.5")
"""Every kind of moment that there is so far is one at which people listen."""


@dataclass
class Candidate:
    """One offer put forward by one moment; ``reason`` and ``detail`` say why it went no further than ``stage``."""

    offer: Offer
    fired: Fired
    target: str | None = None
    stage: str = "eligible"
    reason: str | None = None
    detail: str | None = None
    score: Decimal | None = None


Withheld = tuple[str, str | None]
"""Reason, and detail."""


def consider(fired: list[Fired], situation: Situation) -> tuple[list[Candidate], Candidate | None]:
    """All candidates, and the one that is made."""
    candidates = [Candidate(offer, one) for one in fired for offer in situation.rules.offers_on(one.moment)]
    for candidate in candidates:
        for stage, look in (("eligible", _eligible), ("suitable", _suitable), ("within_bounds", _within_bounds)):
            candidate.stage = stage
            found = look(candidate, situation)
            if found is not None:
                candidate.reason, candidate.detail = found
                break
    return candidates, _arbitrated(candidates, situation)


def reason_of(candidates: list[Candidate]) -> str:
    """Why nothing was offered: the reason of the candidate that came furthest, the first of them."""
    if not candidates:
        return "no_offer"
    furthest = max(candidates, key=lambda candidate: STAGES.index(candidate.stage))
    return furthest.reason or "no_offer"


# --- 1. does it make sense at all? ------------------------------------------------------------------


def _eligible(candidate: Candidate, situation: Situation) -> Withheld | None:  # noqa: PLR0911 - one return a reason
    offer, fired, account, rules = candidate.offer, candidate.fired, situation.account, situation.rules
    if offer.name in rules.paused:
        return "paused", None
    if situation.now - fired.at > fired.moment.stale_after:
        return "stale", None
    if offer.add is not None:
        candidate.target = offer.add
        return ("owned", offer.add) if offer.add in account.owned() else None
    plan = account.plan(rules)
    if plan is None:
        return "unknown", "account.plan"
    target, withheld = _rung(offer, plan, situation)
    if target is None:
        return withheld
    candidate.target = target
    if fired.moment.kind == "limit" and fired.moment.meter is not None:
        after = account.limit_on(target, fired.moment.meter, rules)
        return None if more(after, fired.limit) else ("lifts_nothing", fired.moment.meter)
    return None


def _rung(offer: Offer, plan: str, situation: Situation) -> tuple[str | None, Withheld]:
    """The next rung up from ``plan``, or why there is none."""
    ladders = situation.rules.ladders
    if offer.plan is not None:
        return _named(offer.plan, plan, [rungs for rungs in ladders.values() if {plan, offer.plan} <= set(rungs)])
    named = [ladders[offer.ladder]] if offer.ladder is not None else list(ladders.values())
    standing = [rungs for rungs in named if plan in rungs]
    nexts = {rungs[rungs.index(plan) + 1] for rungs in standing if plan != rungs[-1]}
    if not standing:
        return None, ("not_on_ladder", plan)
    if not nexts:
        return None, ("top_rung", plan)
    if len(nexts) > 1:
        return None, ("not_on_ladder", f"{plan} stands on more than one ladder: name one")
    return nexts.pop(), ("top_rung", plan)


def _named(target: str, plan: str, both: list[tuple[str, ...]]) -> tuple[str | None, Withheld]:
    apart = [rungs.index(target) - rungs.index(plan) for rungs in both]
    if target == plan or any(steps < 0 for steps in apart):
        return None, ("owned", target)
    reason = "not_adjacent" if both else "not_on_ladder"
    return (target if 1 in apart else None), (reason, f"{plan} to {target}")


# --- 2. is this a good time? ------------------------------------------------------------------------


def _suitable(candidate: Candidate, situation: Situation) -> Withheld | None:
    for state, cool_down in situation.rules.quiet.items():
        if state == "onboarding":
            found = _onboarding(candidate, situation)
        elif state == "open_ticket":
            found = _ticket(situation, cool_down)
        else:
            found = _trouble(situation, state, cool_down)
        if found is not None:
            return found
    return None


def _onboarding(candidate: Candidate, situation: Situation) -> Withheld | None:
    if _under_way(situation.account, situation, of_user=False):
        return "onboarding", "the account"
    if candidate.fired.user is None or situation.user is None:
        return None
    return ("onboarding", "the user") if _under_way(situation.user, situation, of_user=True) else None


def _under_way(holder: Account | User, situation: Situation, *, of_user: bool) -> bool:
    told = holder.facts.get("onboarding")
    if told is not None:
        return told.value == "started"
    states = [holder.moments.get(moment.name) for moment in situation.rules.onboardings if moment.of_user is of_user]
    return any(isinstance(state, OnboardingState) and state.status == "started" for state in states)


def _ticket(situation: Situation, cool_down: int) -> Withheld | None:
    for slot in sorted(situation.account.facts):
        if slot.startswith("ticket:"):
            known, ticket = situation.account.facts[slot], slot.removeprefix("ticket:")
            if known.value is True:
                return "open_ticket", f"#{ticket} opened {minute(known.at)}"
            if known.at + cool_down > situation.now:
                return "open_ticket", f"#{ticket} closed {minute(known.at)}, cooling down"
    return None


def _trouble(situation: Situation, state: str, cool_down: int) -> Withheld | None:
    known = situation.account.facts.get(state)
    if known is None:
        return None
    return (state, None) if known.value is True or known.at + cool_down > situation.now else None


# --- 3. has the account heard enough, or said no? ---------------------------------------------------


def _within_bounds(candidate: Candidate, situation: Situation) -> Withheld | None:
    no = _no(candidate, situation)
    if no is not None or replaced(candidate, situation.account) is not None:
        return no
    for cap in situation.rules.caps:
        lately = [made for made in situation.account.made if made.at > situation.now - cap.per]
        counted = _counted(cap, lately, candidate.offer)
        if counted >= cap.at_most:
            return "capped", f"{counted} of {cap.at_most} for each {cap.each}"
    return None


def _no(candidate: Candidate, situation: Situation) -> Withheld | None:
    closed = situation.account.closed.get(candidate.offer.family)
    if closed is None:
        return None
    if closed.step is not None:
        step = candidate.fired.step
        return None if step is not None and step > closed.step else ("dismissed", "until a higher step")
    if closed.until is None:
        return "dismissed", "for good"
    return ("dismissed", f"until {minute(closed.until)}") if closed.until > situation.now else None


def _counted(cap: Cap, lately: list[Made], offer: Offer) -> int:
    if cap.each == "offer":
        return len([made for made in lately if made.offer == offer.name])
    if cap.each == "family":
        return len([made for made in lately if made.family == offer.family])
    if cap.each == "placement":
        return max(len([made for made in lately if place in made.placements]) for place in offer.placements)
    return len(lately)


def replaced(candidate: Candidate, account: Account) -> Open | None:
    """The open offer of a lower step of the same moment, whose place the candidate would take."""
    offer, fired = candidate.offer, candidate.fired
    for held in account.open():
        same = held.offer == offer.name and held.moment == fired.moment.name and held.user == fired.user
        if same and fired.step is not None and held.step is not None and held.step < fired.step:
            return held
    return None


# --- 4. which one of them? --------------------------------------------------------------------------


def _arbitrated(candidates: list[Candidate], situation: Situation) -> Candidate | None:
    left = [candidate for candidate in candidates if candidate.reason is None]
    for candidate in left:
        candidate.stage = "arbitrated"
        candidate.score = times(CONTEXT, candidate.offer.boost)
        own = replaced(candidate, situation.account)
        for held in situation.account.open():
            shared = set(held.placements) & set(candidate.offer.placements)
            if held is not own and shared and candidate.reason is None:
                candidate.reason, candidate.detail = "placement_taken", f"{min(shared)} by {held.offer}"
    free = [candidate for candidate in left if candidate.reason is None]
    free.sort(key=lambda candidate: (-(candidate.score or 0), candidate.offer.family, candidate.offer.name))
    for loser in free[1:]:
        loser.reason, loser.detail = "outscored", free[0].offer.name
    return free[0] if free else None
