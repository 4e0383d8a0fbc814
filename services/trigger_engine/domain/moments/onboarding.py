"""Onboarding: a list of first steps is done, by an account or by one of its users."""

from enum import StrEnum

from msgspec import Struct

from services.trigger_engine.domain.playbook.moments import ACCOUNT_CREATED, OnboardingMoment


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

    def now(self, status: OnboardingStatus) -> "OnboardingState":
        """As far as before, and yet this, for another reason than its steps."""
        return OnboardingState(self.done, status)

    def deadline(self, moment: OnboardingMoment, created: int | None = None) -> int | None:
        """When it counts as abandoned; None without a time limit, before its start, or once it is over.

        One that the customer said had started has no deadline until its start is seen: it is their word to take back.
        """
        if moment.within_us is None or self.status is not OnboardingStatus.STARTED:
            return None
        start = _start(moment, self.done, created)
        return None if start is None else start + moment.within_us


def observe(
    moment: OnboardingMoment, state: OnboardingState, step: str, at: int, created: int | None = None
) -> tuple[OnboardingState, int | None]:
    """When the onboarding was completed (event time of its last step), if this step completes it.

    Steps count in any order and each by its first time, so that the order of arrival does not matter. It starts with
    its first step, or with what ``starts`` names: an event, or the account being ``created`` (None: not known to be).
    Never re-arms. One that its timer closed is still completed by steps whose own time was before the deadline; one
    finished too late by event time stays abandoned. What was completed stays so, also when a still earlier start is
    told afterwards.
    """
    if state.status is OnboardingStatus.COMPLETED or step not in (*moment.steps, moment.starts):
        return state, None
    first = min(at, state.done.get(step, at))
    named = {name: known for name, known in state.done.items() if name in (*moment.steps, moment.starts)}
    return judged(moment, OnboardingState(named | {step: first}, state.status), created)


def created_at(moment: OnboardingMoment, state: OnboardingState, created: int) -> tuple[OnboardingState, int | None]:
    """As `observe`, for an onboarding that may start with the account, now that this is known to be ``created``."""
    if state.status is OnboardingStatus.COMPLETED:
        return state, None
    return judged(moment, state, created)


def settled(state: OnboardingState, created: int | None, published: int) -> OnboardingState:
    """The state once the moment is ``published``: whoever is older had their first steps before anybody looked.

    Completed silently then; not so where nobody knows when the account was ``created``.
    """
    if created is None or created >= published:
        return state
    return OnboardingState(state.done, OnboardingStatus.COMPLETED)


def _start(moment: OnboardingMoment, done: dict[str, int], created: int | None) -> int | None:
    if moment.starts is None:
        return min(done.values(), default=None)
    return created if moment.starts == ACCOUNT_CREATED else done.get(moment.starts)


def judged(moment: OnboardingMoment, state: OnboardingState, created: int | None) -> tuple[OnboardingState, int | None]:
    """Where the steps done leave it, and when it was completed if that is so."""
    start = _start(moment, state.done, created)
    if start is None:
        return state, None
    steps = [state.done[step] for step in moment.steps if step in state.done]
    if len(steps) < len(moment.steps):
        abandoned = state.status is OnboardingStatus.ABANDONED
        status = OnboardingStatus.ABANDONED if abandoned else OnboardingStatus.STARTED
        return OnboardingState(state.done, status), None
    last = max(start, *steps)
    if moment.within_us is not None and last > start + moment.within_us:
        return OnboardingState(state.done, OnboardingStatus.ABANDONED), None
    return OnboardingState(state.done, OnboardingStatus.COMPLETED), last


def ended_at(moment: OnboardingMoment, state: OnboardingState, created: int | None) -> int | None:
    """When it was over: with its last step, or given up at its deadline. None while it is not, or nobody can tell."""
    if state.status is OnboardingStatus.COMPLETED:
        return max((state.done[step] for step in moment.steps if step in state.done), default=None)
    start = _start(moment, state.done, created)
    if state.status is not OnboardingStatus.ABANDONED or start is None or moment.within_us is None:
        return None
    return start + moment.within_us


def told(state: OnboardingState, status: OnboardingStatus) -> tuple[OnboardingState, bool]:
    """The customer's own word on it, which overrides; whether that completes it for the first time."""
    completes = status is OnboardingStatus.COMPLETED and state.status is not OnboardingStatus.COMPLETED
    if state.status is OnboardingStatus.COMPLETED:
        return state, False
    return OnboardingState(state.done, status), completes


def timed_out(moment: OnboardingMoment, state: OnboardingState, at: int, created: int | None = None) -> OnboardingState:
    """The state once the timer has reached ``at``."""
    deadline = state.deadline(moment, created)
    if deadline is None or at < deadline:
        return state
    return OnboardingState(state.done, OnboardingStatus.ABANDONED)
