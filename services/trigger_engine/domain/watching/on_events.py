"""Moments that are made of events themselves: onboarding."""

from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.moments import onboarding
from services.trigger_engine.domain.moments.onboarding import OnboardingState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.feeds import Feed
from services.trigger_engine.domain.playbook.moments import OnboardingMoment, OnboardingOf
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.watching.scene import Scene


def steps(scene: Scene, feed: Feed, usage: Usage) -> list[Passed]:
    """The onboardings that the event completes."""
    fired = []
    for moment in feed.onboardings:
        by_user = moment.of is OnboardingOf.USER
        if by_user and usage.user is None:
            continue
        holder = scene.holder(Part(usage.user) if by_user and usage.user is not None else None)
        state, completed = onboarding.observe(moment, began(scene, holder, moment), usage.type, usage.at)
        scene.keep(holder, moment, state)
        if completed is not None:
            fired.append(Passed(moment, completed, usage.user if by_user else None))
    return fired


def began(scene: Scene, holder: Holder, moment: OnboardingMoment) -> OnboardingState:
    """How far it had come."""
    return scene.state(holder, moment, OnboardingState())
