"""The states in which an account is left alone: which holds now, and when it ended."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from schemas.decisions import Reason
from services.trigger_engine.domain import profile
from services.trigger_engine.domain.account import AccountSlice, UserSlice
from services.trigger_engine.domain.facts import ONBOARDING_WITH, TICKET
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments import onboarding, ordered_onboarding
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.moments.ordered_onboarding import OrderedOnboardingState
from services.trigger_engine.domain.playbook.moments import OnboardingMoment, OnboardingOf
from services.trigger_engine.domain.playbook.product import Quiet
from services.trigger_engine.domain.situation import Situation

WEEK_US: Final = 7 * 86_400 * 1_000_000


class State(Struct, frozen=True):
    """That something is so (``ended`` is None), or when it ended: ``told`` in words, where there are any.

    ``until``: when it ends, where that is known. Microseconds since 1970 UTC.
    """

    told: str | None = None
    ended: int | None = None
    until: int | None = None


Look = Callable[[Situation, str | None], Iterator[State]]
"""All that can be said of a state, of the account and of one user of it."""


def newest(states: Iterator[State]) -> State | None:
    """What counts of them: one that holds, the first; else what ended last."""
    found = list(states)
    holding = next((state for state in found if state.ended is None), None)
    return holding or max(found, key=lambda state: state.ended or 0, default=None)


def _onboarding(situation: Situation, user: str | None) -> Iterator[State]:
    account = situation.account
    yield from _onboardings("the account", account, None, situation)
    products = {moment.product for moment in situation.rules.onboardings if moment.product is not None}
    told = {slot.removeprefix(ONBOARDING_WITH) for slot in account.facts if slot.startswith(ONBOARDING_WITH)}
    for product in sorted(products | told):
        yield from _onboardings(f"with {product}", account, product, situation)
    holder = situation.user_of(user)
    if holder is not None:
        yield from _onboardings("the user", holder, None, situation)


def _onboardings(
    told: str, holder: AccountSlice | UserSlice, product: str | None, situation: Situation
) -> Iterator[State]:
    """Of one holder, as a whole or with one product: the customer's own word goes before what was detected."""
    known = holder.facts.get("onboarding" if product is None else ONBOARDING_WITH + product)
    if known is not None:
        yield State(told, None if known.value == OnboardingStatus.STARTED.value else known.at)
        return
    of = OnboardingOf.ACCOUNT if isinstance(holder, AccountSlice) else OnboardingOf.USER
    for moment in situation.rules.onboardings:
        if moment.of is of and moment.product == product:
            yield from _detected(told, moment, holder, situation)


def _detected(
    told: str, moment: OnboardingMoment, holder: AccountSlice | UserSlice, situation: Situation
) -> Iterator[State]:
    state = holder.moments.get(moment.name)
    if not isinstance(state, OnboardingState | OrderedOnboardingState):
        return
    if state.status is OnboardingStatus.STARTED:
        yield State(told)
        return
    created = profile.created(situation.account, situation.rules.product)
    if isinstance(state, OnboardingState):
        ended = onboarding.ended_at(moment, state, created)
    else:
        ended = ordered_onboarding.ended_at(moment, state, created)
    if ended is not None:
        yield State(told, ended)


def _open_ticket(situation: Situation, _: str | None) -> Iterator[State]:
    for slot, known in sorted(situation.account.facts.items()):
        if slot.startswith(TICKET):
            is_open = known.value is True
            told = f"#{slot.removeprefix(TICKET)} {'opened' if is_open else 'closed'} {minute(known.at)}"
            yield State(told, None if is_open else known.at)


def _told_by(slot: str) -> Look:
    def look(situation: Situation, _: str | None) -> Iterator[State]:
        known = situation.account.facts.get(slot)
        if known is not None:
            yield State(None, None if known.value is True else known.at)

    return look


def _renewal_week(situation: Situation, _: str | None) -> Iterator[State]:
    ends = profile.term_ends(situation.account, situation.rules.product, situation.now)
    if ends is not None and situation.now >= ends - WEEK_US:
        yield State(f"the term ends {minute(ends)}", until=ends)
    ended = profile.term_ended(situation.account, situation.rules.product, situation.now)
    if ended is not None:
        yield State(f"the term ended {minute(ended)}", ended)


def minute(at: int) -> str:
    """A time as reasons tell it, in UTC."""
    return f"{to_datetime(at):%Y-%m-%d %H:%M}"


STATES: Final[Mapping[Quiet, tuple[Reason, Look]]] = {
    Quiet.ONBOARDING: (Reason.ONBOARDING, _onboarding),
    Quiet.OPEN_TICKET: (Reason.OPEN_TICKET, _open_ticket),
    Quiet.PAYMENT_FAILED: (Reason.PAYMENT_FAILED, _told_by("payment_failed")),
    Quiet.CANCELLING: (Reason.CANCELLING, _told_by("cancelling")),
    Quiet.RENEWAL_WEEK: (Reason.RENEWAL_WEEK, _renewal_week),
}
"""What each is called where it keeps an offer away, and how to look at it."""
