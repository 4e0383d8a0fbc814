"""When a moment has just become true."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from oracle.numbers import times
from oracle.state import LimitState, OnboardingState

if TYPE_CHECKING:
    from oracle.rules import Moment
    from oracle.state import Standing

TEN_POINTS: Final = Decimal("0.1")
FULL: Final = Decimal(1)


class Fired(NamedTuple):
    """A moment that became true at ``at`` (event time), with the numbers that show it."""

    moment: Moment
    at: int
    user: str | None = None
    value: Decimal | None = None
    limit: Decimal | str | None = None
    step: Decimal | None = None
    period: int | None = None
    arm: int = 0

    @property
    def occurrence(self) -> str:
        """Tells this firing from every other of the account: moment, user, period, step, arm."""
        step = None if self.step is None else f"{self.step.normalize():f}"
        parts = (self.moment.name, self.user, self.period, step, self.arm)
        return "|".join("" if part is None else str(part) for part in parts)


def limit(
    moment: Moment, before: LimitState, standing: Standing, allowed: Decimal | str | None, plan: str | None
) -> tuple[LimitState, Decimal | None]:
    """The step that fires: the highest of those reached, when none as high was passed since the moment was armed."""
    value, period = standing.value, standing.period
    if allowed is None or isinstance(allowed, str):  # unknown, or unlimited
        again = before.arm + 1 if before.passed is not None else before.arm
        return LimitState(None, None, plan, period, again), None
    arm, passed = before.arm, before.passed
    if passed is not None:
        fell = period is None and value < times(allowed, moment.steps[0] - TEN_POINTS)
        if before.plan != plan or before.period != period or fell:
            arm, passed = arm + 1, None
    reached = _reached(moment, value, allowed)
    fires = reached if reached is not None and (passed is None or reached > passed) else None
    if fires is not None:
        passed = fires
        raised = before.limit is not None and before.limit < allowed
        if raised and fires < FULL:  # a raised limit passes what is below the value in silence
            fires = None
    return LimitState(passed, allowed, plan, period, arm), fires


def _reached(moment: Moment, value: Decimal, allowed: Decimal) -> Decimal | None:
    """The highest step that ``value`` has reached; steps are written in ascending order."""
    reached = None
    for step in moment.steps:
        if value <= 0 or times(step, allowed) > value:
            break
        reached = step
    return reached


def deadline(moment: Moment, state: OnboardingState) -> int | None:
    """When an onboarding counts as abandoned; None when it never will."""
    if moment.within is None or state.status != "started" or not state.done:
        return None
    return min(state.done.values()) + moment.within


def step(moment: Moment, state: OnboardingState, event: str, at: int) -> tuple[OnboardingState, int | None]:
    """An onboarding after one of its steps; and when it was completed, if that completes it."""
    if state.status == "completed":
        return state, None
    done = {name: first for name, first in state.done.items() if name in moment.events}
    done[event] = min(at, done.get(event, at))
    if len(done) < len(moment.events):
        return OnboardingState(done, "abandoned" if state.status == "abandoned" else "started"), None
    if moment.within is not None and max(done.values()) - min(done.values()) > moment.within:
        return OnboardingState(done, "abandoned"), None
    return OnboardingState(done, "completed"), max(done.values())
