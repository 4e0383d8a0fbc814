"""Stage 2: is this a good time for the account to hear of it?"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.deciding import asking
from oracle.deciding.candidate import Withheld
from oracle.deciding.states import state_of
from oracle.deciding.values import Values
from oracle.language.feeds import STEPS

if TYPE_CHECKING:
    from oracle.conditions.condition import Condition
    from oracle.deciding.candidate import Candidate
    from oracle.detecting.scene import Scene
    from oracle.language.guarding import Quiet, Threshold

ALL_STATES: Final = ("onboarding", "open_ticket", "payment_failed", "cancelling", "renewal_week")
QUIET: Final = {"nurture": ("onboarding", "open_ticket"), "task": ()}
"""The states that keep an offer away, by its verb; all of them, where it is not named."""

UNBOUND: Final = ("nurture", "task")
"""Verbs that are not kept away by quiet segments, nor by what must have come to so much for every offer."""

MAX_COOLING: Final = 32


def suitable(candidate: Candidate, scene: Scene) -> Withheld | None:
    """The first state in which the account is to be left alone; or what is too early."""
    offer, user = candidate.offer, candidate.fired.user
    bounds, free = scene.rules.bounds[offer.playbook], offer.verb in UNBOUND
    states = QUIET.get(offer.verb, ALL_STATES)
    for quiet in bounds.quiet:
        found = _quiet(quiet, user, scene) if quiet.state in states else None
        if found is not None:
            return found
    for quiet in () if free else bounds.quiet:
        found = None if isinstance(quiet.state, str) else _segment(quiet.state, quiet.cool_down, scene)
        if found is not None:
            return found
    asked = () if free else bounds.not_before
    return _too_early((*asked, *offer.not_before), user, scene)


def _quiet(quiet: Quiet, user: str | None, scene: Scene) -> Withheld | None:
    state = state_of(quiet.text, scene, user)
    if state is None:
        return None
    if state.ended is None:
        return Withheld(
            quiet.text, state.told, until=state.until, waits_for=(STEPS,) if quiet.text == "onboarding" else ()
        )
    if not quiet.cool_down or state.ended + quiet.cool_down <= scene.now:
        return None
    told = "cooling down" if state.told is None else f"{state.told}, cooling down"
    return Withheld(quiet.text, told, until=state.ended + quiet.cool_down)


def _segment(condition: Condition, cool_down: int, scene: Scene) -> Withheld | None:
    values = Values(scene)
    verdict = values.judge(condition)
    if verdict.holds:
        return asking.because("quiet", condition, scene)
    if verdict.truth is None:
        return asking.unknown(condition.text, verdict, values, scene)
    left = scene.account.was_quiet.get(condition.text)
    if left is None or left + cool_down <= scene.now:
        return None
    return Withheld("quiet", f"{condition.text}, cooling down", until=left + cool_down)


def _too_early(thresholds: tuple[Threshold, ...], user: str | None, scene: Scene) -> Withheld | None:
    """The first of these that has not come to so much."""
    values = Values(scene, user)
    for threshold in thresholds:
        condition = threshold.condition
        verdict = values.judge(condition)
        if verdict.truth is None:
            return asking.unknown(condition.text, verdict, values, scene)
        if not verdict.holds:
            found = asking.because("not_before", condition, scene)
            created = scene.began
            if threshold.name != "account.age" or created is None or isinstance(threshold.least, Decimal):
                return found
            return found._replace(until=created + threshold.least, again=None)
    return None


def look(scene: Scene) -> None:
    """Remember which quiet segments with a cool-down the account is in, and which it has just left."""
    quiet, cooling = scene.account.was_quiet, scene.rules.cooling
    for text, segment in cooling.items():
        truth = None if isinstance(segment.state, str) else Values(scene).judge(segment.state).truth
        if truth is True:
            quiet[text] = None
        elif truth is False and text in quiet and quiet[text] is None:
            quiet[text] = scene.now
    for text, left in list(quiet.items()):
        if text not in cooling or (left is not None and left + cooling[text].cool_down <= scene.now):
            del quiet[text]
    for text in sorted(quiet, key=lambda name: (quiet[name] is None, quiet[name] or 0, name))[:-MAX_COOLING]:
        del quiet[text]
