"""What time alone brings about."""

from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.moments import onboarding
from services.trigger_engine.domain.moments.onboarding import OnboardingState
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.watching.scene import Scene


def due(rules: CompiledSet, account: AccountSlice, holder: Holder) -> int | None:
    """When `fire` next has something to do for ``holder``: the ``account`` or a part of it; None when never."""
    del account
    times = []
    for moment in rules.onboardings:
        state = holder.moments.get(moment.name)
        if isinstance(state, OnboardingState):
            times.append(state.deadline(moment))
    return min((time for time in times if time is not None), default=None)


def fire(scene: Scene, holder: Holder, reached: int) -> None:
    """Let time reach this far for ``holder``."""
    for moment in scene.rules.onboardings:
        state = holder.moments.get(moment.name)
        if isinstance(state, OnboardingState):
            scene.keep(holder, moment, onboarding.timed_out(moment, state, reached))
