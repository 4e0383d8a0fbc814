"""Stage 2: is this a good time for the account to hear of it?"""

from collections.abc import Callable, Mapping
from typing import Final

from schemas.decisions import Reason
from services.trigger_engine.domain.account import AccountSlice, MomentState, UserSlice
from services.trigger_engine.domain.deciding.candidate import Candidate, Withheld
from services.trigger_engine.domain.facts import TICKET
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.playbook.offers import OnboardingOf
from services.trigger_engine.domain.playbook.product import Quiet
from services.trigger_engine.domain.situation import Situation


def suitable(candidate: Candidate, situation: Situation) -> Withheld | None:
    """The first state, in the order of the product document, in which the account is to be left alone."""
    for state, cool_down_us in situation.rules.product.quiet.items():
        withheld = QUIET[state](candidate, situation, cool_down_us)
        if withheld is not None:
            return withheld
    return None


def _onboarding(candidate: Candidate, situation: Situation, _: int) -> Withheld | None:
    if _in_onboarding(situation, OnboardingOf.ACCOUNT, situation.account):
        return Withheld(Reason.ONBOARDING, "the account")
    if candidate.passed.user is None or situation.user is None:
        return None
    return (
        Withheld(Reason.ONBOARDING, "the user")
        if _in_onboarding(situation, OnboardingOf.USER, situation.user)
        else None
    )


def _in_onboarding(situation: Situation, of: OnboardingOf, holder: AccountSlice | UserSlice) -> bool:
    """Whether it is under way: the customer's own word goes before what was detected."""
    told = holder.facts.get("onboarding")
    if told is not None:
        return told.value == OnboardingStatus.STARTED.value
    return any(_started(holder.moments.get(moment.name)) for moment in situation.rules.onboardings if moment.of is of)


def _started(state: MomentState | None) -> bool:
    return isinstance(state, OnboardingState) and state.status is OnboardingStatus.STARTED


def _open_ticket(_: Candidate, situation: Situation, cool_down_us: int) -> Withheld | None:
    for slot, known in sorted(situation.account.facts.items()):
        if not slot.startswith(TICKET):
            continue
        ticket = slot.removeprefix(TICKET)
        if known.value is True:
            return Withheld(Reason.OPEN_TICKET, f"#{ticket} opened {to_datetime(known.at):%Y-%m-%d %H:%M}")
        if known.at + cool_down_us > situation.now:
            return Withheld(
                Reason.OPEN_TICKET, f"#{ticket} closed {to_datetime(known.at):%Y-%m-%d %H:%M}, cooling down"
            )
    return None


def _payment_failed(_: Candidate, situation: Situation, cool_down_us: int) -> Withheld | None:
    return _told_true(situation, "payment_failed", Reason.PAYMENT_FAILED, cool_down_us)


def _cancelling(_: Candidate, situation: Situation, cool_down_us: int) -> Withheld | None:
    return _told_true(situation, "cancelling", Reason.CANCELLING, cool_down_us)


def _told_true(situation: Situation, slot: str, reason: Reason, cool_down_us: int) -> Withheld | None:
    known = situation.account.facts.get(slot)
    if known is None:
        return None
    cooling = known.at + cool_down_us > situation.now
    return Withheld(reason) if known.value is True or cooling else None


QUIET: Final[Mapping[Quiet, Callable[[Candidate, Situation, int], Withheld | None]]] = {
    Quiet.ONBOARDING: _onboarding,
    Quiet.OPEN_TICKET: _open_ticket,
    Quiet.PAYMENT_FAILED: _payment_failed,
    Quiet.CANCELLING: _cancelling,
}
