"""Stage 2: is this a good time for the account to hear of it?"""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from schemas.decisions import Reason
from services.trigger_engine.domain import profile
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.deciding import asking
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.deciding.gates import GATES, Gates
from services.trigger_engine.domain.deciding.states import STATES, newest
from services.trigger_engine.domain.playbook.feeds import STEPS
from services.trigger_engine.domain.playbook.guardrails import Guardrails, Quiet, QuietSegment, Threshold
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import values_of

COOLING: Final = "cooling down"
AGE: Final = f"{Scope.ACCOUNT}.age"


def suitable(candidate: Candidate, situation: Situation) -> Withheld | None:
    """The first state, in the order of the guardrails, in which the account is to be left alone; or what is too early.

    The states are those that the verb's gates ask about. What an offer asks for itself binds it, whatever its verb.
    """
    offer, user = candidate.offer, candidate.passed.user
    known, key = situation.kept("quiet"), (offer.playbook, offer.verb, user)
    if key not in known:
        known[key] = _everybodys(situation.rules.bounds[offer.playbook], GATES[offer.verb], user, situation)
    found: Withheld | None = known[key]
    return found if found is not None or not offer.not_before else _too_early(offer.not_before, user, situation)


def _everybodys(bounds: Guardrails, gates: Gates, user: str | None, situation: Situation) -> Withheld | None:
    """What is the same for all offers of a playbook whose verbs have the same gates."""
    for state, cool_down_us in bounds.quiet.items():
        found = _quiet(state, user, cool_down_us, situation) if state in gates.quiet else None
        if found is not None:
            return found
    for segment in bounds.quiet_segments if gates.quiet_segments else ():
        found = _quiet_segment(segment, situation)
        if found is not None:
            return found
    return _too_early(bounds.not_before, user, situation) if gates.not_before else None


def _quiet(state: Quiet, user: str | None, cool_down_us: int, situation: Situation) -> Withheld | None:
    reason, look = STATES[state]
    found = newest(look(situation, user))
    if found is None:
        return None
    waits_for = (STEPS,) if state is Quiet.ONBOARDING else ()
    if found.ended is None:
        return Withheld(reason, found.told, until=found.until, waits_for=waits_for)
    if not cool_down_us or found.ended + cool_down_us <= situation.now:
        return None
    told = COOLING if found.told is None else f"{found.told}, {COOLING}"
    return Withheld(reason, told, until=found.ended + cool_down_us)


def _quiet_segment(segment: QuietSegment, situation: Situation) -> Withheld | None:
    values, asks = values_of(situation), segment.condition
    verdict = values.judge(asks)
    if verdict.holds:
        return asking.because(Reason.QUIET, asks, situation)
    if verdict.truth is Truth.UNKNOWN:
        return asking.unknown(asks.text, verdict, values, situation)
    left = situation.account.was_quiet.get(asks.text)
    if left is None or left + segment.cool_down_us <= situation.now:
        return None
    return Withheld(Reason.QUIET, f"{asks.text}, {COOLING}", until=left + segment.cool_down_us)


def _too_early(thresholds: tuple[Threshold, ...], user: str | None, situation: Situation) -> Withheld | None:
    """The first of these that has not come to so much yet."""
    values = values_of(situation, user)
    for threshold in thresholds:
        asks = threshold.condition
        verdict = values.judge(asks)
        if verdict.truth is Truth.UNKNOWN:
            return asking.unknown(asks.text, verdict, values, situation)
        if not verdict.holds:
            found = asking.because(Reason.NOT_BEFORE, asks, situation)
            return (
                replace(found, until=_old_enough(threshold, situation), again=None) if threshold.name == AGE else found
            )
    return None


def _old_enough(threshold: Threshold, situation: Situation) -> int | None:
    created = profile.created(situation.account, situation.rules.product)
    return None if created is None or isinstance(threshold.least, Decimal) else created + threshold.least
