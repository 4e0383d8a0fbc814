"""Onboarding, of an account, of one of its products, or of a user."""

from typing import Final

from schemas.facts import OnboardingAbandoned, OnboardingCompleted, OnboardingStarted
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.facts import onboarding_slot
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.instants import earliest, to_us
from services.trigger_engine.domain.moments import onboarding, ordered_onboarding
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus
from services.trigger_engine.domain.moments.ordered_onboarding import OrderedOnboardingState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.moments.times import dropped
from services.trigger_engine.domain.parts import Part, user_of
from services.trigger_engine.domain.playbook.feeds import Feed
from services.trigger_engine.domain.playbook.moments import ACCOUNT_CREATED, OnboardingMoment, OnboardingOf
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.profile import begun
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.watching.scene import Scene

State = OnboardingState | OrderedOnboardingState
Word = OnboardingStarted | OnboardingCompleted | OnboardingAbandoned

NOT_YET: Final = (OnboardingState(), OrderedOnboardingState())
"""Of those who have done nothing, and of whom nothing was said."""


def under_way(scene: Scene, feed: Feed, usage: Usage) -> list[str]:
    """Of the onboardings that the event is a step of, those that are under way for whom it is about."""
    found = []
    for moment in feed.onboardings:
        by_user = moment.of is OnboardingOf.USER
        part = Part(usage.user) if by_user and usage.user is not None else None
        holder = scene.holder(part) if part is not None or not by_user else None
        if holder is not None and _state(holder, moment).status is OnboardingStatus.STARTED:
            found.append(moment.name)
    return found


def steps(scene: Scene, feed: Feed, usage: Usage) -> list[Passed]:
    """The onboardings that the event completes."""
    fired = []
    for moment in feed.onboardings:
        by_user = moment.of is OnboardingOf.USER
        if by_user and usage.user is None:
            continue
        part = Part(usage.user) if by_user and usage.user is not None else None
        holder, created = scene.holder(part), scene.began()
        before = _begin(scene, holder, moment)
        if isinstance(before, OrderedOnboardingState):
            after: tuple[State, int | None] = ordered_onboarding.observe(moment, before, usage.type, usage.at, created)
            _look_for_dropped(scene, before, usage, after)
        else:
            after = onboarding.observe(moment, before, usage.type, usage.at, created)
        fired.extend(_kept(scene, part, moment, after))
    return fired


def created(scene: Scene) -> list[Passed]:
    """Those that start with the account, now that it is known when this began."""
    fired, began = [], scene.began()
    for moment in scene.rules.onboardings:
        if moment.starts != ACCOUNT_CREATED or moment.of is OnboardingOf.USER or began is None:
            continue
        before = _begin(scene, scene.account, moment)
        if isinstance(before, OrderedOnboardingState):
            after: tuple[State, int | None] = ordered_onboarding.created_at(moment, before, began)
        else:
            after = onboarding.created_at(moment, before, began)
        fired.extend(_kept(scene, None, moment, after))
    return fired


def told(scene: Scene, fact: Word, part: Part | None) -> list[Passed]:
    """The customer's own word completes, gives up or begins what was detected."""
    holder, fired = scene.holder(part), []
    status = OnboardingStatus(str(holder.facts[onboarding_slot(fact.data)].value))
    for moment in scene.rules.onboardings:
        if moment.product != fact.data.product or (moment.of is OnboardingOf.USER) is isinstance(holder, AccountSlice):
            continue
        before = _state(holder, moment)
        completes = status is OnboardingStatus.COMPLETED and before.status is not status
        if before.status is not OnboardingStatus.COMPLETED:
            before = before.now(status)
        fired.extend(_kept(scene, part, moment, (before, to_us(fact.time) if completes else None)))
    return fired


# --- time ---------------------------------------------------------------------------------------


def due(rules: CompiledSet, holder: Holder, began: int | None) -> int | None:
    """When the next one of ``holder`` is given up; None when none is."""
    known = (moment for moment in rules.onboardings if moment.name in holder.moments)
    return earliest(_state(holder, moment).deadline(moment, began) for moment in known)


def time_out(scene: Scene, holder: Holder, reached: int) -> None:
    """Give up those of ``holder`` that are not done once time has reached this far."""
    for moment in scene.rules.onboardings:
        if moment.name not in holder.moments:
            continue
        deadline = _state(holder, moment).deadline(moment, scene.began())
        if deadline is not None and deadline <= reached:
            scene.keep(holder, moment, _state(holder, moment).now(OnboardingStatus.ABANDONED))


# --- what is kept -------------------------------------------------------------------------------


def _state(holder: Holder, moment: OnboardingMoment) -> State:
    found = holder.moments.get(moment.name)
    if moment.in_order:
        return found if isinstance(found, OrderedOnboardingState) else OrderedOnboardingState()
    return found if isinstance(found, OnboardingState) else OnboardingState()


def _look_for_dropped(
    scene: Scene, before: OrderedOnboardingState, usage: Usage, after: tuple[State, int | None]
) -> None:
    """Of an onboarding that goes on, whether too many times of the step are known; of one that is done none matter."""
    state, _ = after
    if isinstance(state, OrderedOnboardingState) and state.status is not OnboardingStatus.COMPLETED:
        known = state.times.get(usage.type)
        if known is not None and dropped(before.times.get(usage.type, ()), usage.at, known):
            scene.reached(Bound.TIMES_DROPPED)


def _begin(scene: Scene, holder: Holder, moment: OnboardingMoment) -> State:
    """How far it had come. Whoever is older than the moment had their first steps before anybody looked.

    A user has no age that is known, so theirs begins with the first step that is seen.
    """
    state = _state(holder, moment)
    since = begun(holder, moment, scene.rules.product) if isinstance(holder, AccountSlice) else None
    if state in NOT_YET and since is not None and since < scene.rules.since(moment.name):
        return state.now(OnboardingStatus.COMPLETED)
    return state


def _kept(scene: Scene, part: Part | None, moment: OnboardingMoment, after: tuple[State, int | None]) -> list[Passed]:
    state, completed = after
    scene.keep(scene.holder(part), moment, state)
    return [] if completed is None else [Passed(moment, completed, user_of(part))]
