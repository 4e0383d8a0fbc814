"""An onboarding whose steps count only in the order written."""

from msgspec import Struct

from services.trigger_engine.domain.moments import onboarding
from services.trigger_engine.domain.moments.onboarding import OnboardingState, OnboardingStatus, judged
from services.trigger_engine.domain.moments.times import earliest_from, with_time
from services.trigger_engine.domain.playbook.moments import OnboardingMoment

ALL_TIMES = -(2**63)
"""Keep from the begin of time: nobody knows how long an onboarding takes."""


class OrderedOnboardingState(Struct, frozen=True, array_like=True, tag="ordered_onboarding"):
    """When each step was done, and what starts it, in microseconds since 1970 UTC; and where that leaves it."""

    times: dict[str, tuple[int, ...]] = {}
    status: OnboardingStatus = OnboardingStatus.NOT_STARTED

    def now(self, status: OnboardingStatus) -> "OrderedOnboardingState":
        """As far as before, and yet this, for another reason than its steps."""
        return OrderedOnboardingState(self.times, status)

    def deadline(self, moment: OnboardingMoment, created: int | None = None) -> int | None:
        """When it counts as abandoned, as `OnboardingState.deadline`."""
        return _as_any(moment, self).deadline(moment, created)


def observe(
    moment: OnboardingMoment, state: OrderedOnboardingState, step: str, at: int, created: int | None = None
) -> tuple[OrderedOnboardingState, int | None]:
    """When the onboarding was completed, if this step completes it.

    As `onboarding.observe`, but a step counts by its first time at or after the one before it. Done too early it does
    not count, and may be done again. Never re-arms.
    """
    if state.status is OnboardingStatus.COMPLETED or step not in (*moment.steps, moment.starts):
        return state, None
    times = state.times | {step: with_time(state.times.get(step, ()), at, ALL_TIMES, moment.kept)}
    return _judged(moment, OrderedOnboardingState(times, state.status), created)


def created_at(
    moment: OnboardingMoment, state: OrderedOnboardingState, created: int
) -> tuple[OrderedOnboardingState, int | None]:
    """As `observe`, for an onboarding that may start with the account, now that this is known to be ``created``."""
    if state.status is OnboardingStatus.COMPLETED:
        return state, None
    return _judged(moment, state, created)


def _judged(
    moment: OnboardingMoment, state: OrderedOnboardingState, created: int | None
) -> tuple[OrderedOnboardingState, int | None]:
    after, completed = judged(moment, _as_any(moment, state), created)
    if completed is None:
        return OrderedOnboardingState(state.times, after.status), None
    return OrderedOnboardingState({moment.steps[-1]: (completed,)}, after.status), completed  # when: all one may ask


def timed_out(
    moment: OnboardingMoment, state: OrderedOnboardingState, at: int, created: int | None = None
) -> OrderedOnboardingState:
    """The state once the timer has reached ``at``."""
    deadline = state.deadline(moment, created)
    if deadline is None or at < deadline:
        return state
    return OrderedOnboardingState(state.times, OnboardingStatus.ABANDONED)


def ended_at(moment: OnboardingMoment, state: OrderedOnboardingState, created: int | None) -> int | None:
    """When it was over, as `onboarding.ended_at`."""
    if state.status is OnboardingStatus.COMPLETED:
        return max((at for known in state.times.values() for at in known), default=None)
    return onboarding.ended_at(moment, _as_any(moment, state), created)


def _as_any(moment: OnboardingMoment, state: OrderedOnboardingState) -> OnboardingState:
    """The steps that count, each by the time it counts with, as if their order did not matter."""
    done: dict[str, int] = {}
    if moment.starts is not None and state.times.get(moment.starts):
        done[moment.starts] = state.times[moment.starts][0]
    earliest = ALL_TIMES
    for step in moment.steps:
        counts = earliest_from(state.times.get(step, ()), earliest)
        if counts is None:
            break
        done[step] = earliest = counts
    return OnboardingState(done, state.status)
