"""Onboardings: of an account, of one of its products, of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle.detecting.fired import Fired
from oracle.facts import onboarding_slot
from oracle.ids import Part
from oracle.language.moment import ACCOUNT_CREATED
from oracle.moments import onboarding
from oracle.moments.onboarding import COMPLETED, STARTED
from oracle.state import Account

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.language.moment import Onboarding
    from oracle.messages import Message
    from oracle.moments.onboarding import State
    from oracle.state import Slice


class Steps(NamedTuple):
    """What completed onboardings, and whether one has begun."""

    fired: tuple[Fired, ...]
    begun: bool


NOTHING: Final = Steps((), begun=False)


def steps(scene: Scene, watching: tuple[Onboarding, ...], usage: Message) -> Steps:
    """What an event does to the onboardings that it is a step of, or starts."""
    found = NOTHING
    for moment in watching:
        user = usage.data["user"] if moment.of_user else None
        if moment.of_user and user is None:
            continue
        holder = scene.holder(None if user is None else Part(user))
        before = _before(scene, holder, moment)
        after, completed = onboarding.step(moment, before, usage.type, usage.at, scene.began)
        found = _kept(found, scene, holder, moment, (before, after, completed, user))
    return found


def created(scene: Scene) -> Steps:
    """What it does to those that start with the account that it is known now when that began."""
    found, began_at = NOTHING, scene.began
    for moment in scene.rules.onboardings:
        if moment.starts != ACCOUNT_CREATED or moment.of_user or began_at is None:
            continue
        before = _before(scene, scene.account, moment)
        after, completed = onboarding.created(moment, before, began_at)
        found = _kept(found, scene, scene.account, moment, (before, after, completed, None))
    return found


def told(scene: Scene, fact: Message, part: Part | None) -> list[Fired]:
    """The customer's own word goes before what was detected, but for what was completed."""
    holder, fired = scene.holder(part), []
    status = str(holder.facts[onboarding_slot(fact)].value)
    for moment in scene.rules.onboardings:
        if moment.product != fact.data["product"] or moment.of_user is isinstance(holder, Account):
            continue
        state = began(holder, moment)
        if state.status != COMPLETED:
            if status == COMPLETED:
                fired.append(Fired(moment, fact.at, fact.data["user"]))
            state = onboarding.with_status(state, status)
        scene.keep(holder, moment, state)
    return fired


def due(scene: Scene, holder: Slice) -> list[int]:
    """When those of ``holder`` are given up."""
    known = (moment for moment in scene.rules.onboardings if moment.name in holder.moments)
    times = (onboarding.deadline(moment, began(holder, moment), scene.began) for moment in known)
    return [time for time in times if time is not None]


def time_out(scene: Scene, holder: Slice, reached: int) -> None:
    """Give up those whose time is out."""
    for moment in scene.rules.onboardings:
        state = began(holder, moment)
        deadline = onboarding.deadline(moment, state, scene.began)
        if moment.name in holder.moments and deadline is not None and deadline <= reached:
            scene.keep(holder, moment, onboarding.with_status(state, onboarding.ABANDONED))


def began(holder: Slice, moment: Onboarding) -> State:
    """How far an onboarding has come."""
    blank, found = onboarding.blank(moment), holder.moments.get(moment.name)
    return found if isinstance(found, type(blank)) else blank


def _before(scene: Scene, holder: Slice, moment: Onboarding) -> State:
    """The same. Who is older than the moment had done the steps before anybody looked; of a user nobody knows that."""
    state = began(holder, moment)
    if state == onboarding.blank(moment) and isinstance(holder, Account):
        return onboarding.settled(state, scene.could_begin(moment), scene.since(moment.name))
    return state


def _kept(
    found: Steps,
    scene: Scene,
    holder: Slice,
    moment: Onboarding,
    change: tuple[State, State, int | None, str | None],
) -> Steps:
    before, after, completed, user = change
    scene.keep(holder, moment, after)
    fired = [] if completed is None else [Fired(moment, completed, user)]
    return Steps((*found.fired, *fired), found.begun or before.status != after.status == STARTED)
