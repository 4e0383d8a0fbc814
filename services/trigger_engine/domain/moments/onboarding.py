"""Onboarding: a list of first steps is done, by an account or by one of its users."""

from enum import StrEnum

from msgspec import Struct

from services.trigger_engine.domain.playbook.offers import OnboardingMoment


class OnboardingStatus(StrEnum):
    """Where somebody is on the way. Part of the stored state: add, never rename."""

    NOT_STARTED = "not_started"
    STARTED = "started"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class OnboardingState(Struct, frozen=True, array_like=True, tag="onboarding"):
    """The first time of each step done, in microseconds since 1970 UTC, and where that leaves it."""

    done: dict[str, int] = {}
    status: OnboardingStatus = OnboardingStatus.NOT_STARTED

    def deadline(self, moment: OnboardingMoment) -> int | None:
        """When it counts as abandoned; None without a time limit, before its first step, or once it is over.

        One that the customer said had started has no deadline until a step is seen: it is their word to take back.
        """
        if moment.within_us is None or self.status is not OnboardingStatus.STARTED or not self.done:
            return None
        return min(self.done.values()) + moment.within_us


def observe(moment: OnboardingMoment, state: OnboardingState, step: str, at: int) -> tuple[OnboardingState, int | None]:
    """When the onboarding was completed (event time of its last step), if this step completes it.

    Steps count in any order and each by its first time, so that the order of arrival does not matter. Never re-arms.
    One that its timer closed is still completed by steps whose own time was before the deadline; one finished too late
    by event time stays abandoned.
    """
    if state.status is OnboardingStatus.COMPLETED or step not in moment.steps:
        return state, None
    first = min(at, state.done.get(step, at))
    done = {name: known for name, known in state.done.items() if name in moment.steps} | {step: first}
    if len(done) < len(moment.steps):
        abandoned = state.status is OnboardingStatus.ABANDONED
        status = OnboardingStatus.ABANDONED if abandoned else OnboardingStatus.STARTED
        return OnboardingState(done, status), None
    first, last = min(done.values()), max(done.values())
    if moment.within_us is not None and last > first + moment.within_us:
        return OnboardingState(done, OnboardingStatus.ABANDONED), None
    return OnboardingState(done, OnboardingStatus.COMPLETED), last


def told(state: OnboardingState, status: OnboardingStatus) -> tuple[OnboardingState, bool]:
    """The customer's own word on it, which overrides; whether that completes it for the first time."""
    completes = status is OnboardingStatus.COMPLETED and state.status is not OnboardingStatus.COMPLETED
    if state.status is OnboardingStatus.COMPLETED:
        return state, False
    return OnboardingState(state.done, status), completes


def timed_out(moment: OnboardingMoment, state: OnboardingState, at: int) -> OnboardingState:
    """The state once the timer has reached ``at``."""
    deadline = state.deadline(moment)
    if deadline is None or at < deadline:
        return state
    return OnboardingState(state.done, OnboardingStatus.ABANDONED)
