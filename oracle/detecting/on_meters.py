"""Moments on a meter that has just moved, or whose goal was just told: milestones, habits; and limits, by their own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle.detecting.fired import Fired, fired_of
from oracle.detecting.limits import limit_after
from oracle.language import moment as kinds
from oracle.meters.counting import falls_below
from oracle.meters.windows import next_two_ends
from oracle.moments import others
from oracle.moments import state as kept
from oracle.state import Standing

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.detecting.usage import Moved

BELOW_ALL: Final = Decimal("-Infinity")
NOT_YET: Final = kept.Milestone()


def watch(scene: Scene, moved: Moved, at: int) -> list[Fired]:
    """What fires now that a meter was moved by an event at ``at``."""
    fired: list[Fired | None] = []
    for moment in moved.moments:
        match moment:
            case kinds.Limit():
                fired.append(limit_after(scene, moment, moved, at))
            case kinds.Milestone():
                fired.append(_milestone(scene, moment, moved, at))
            case kinds.Habit():
                fired.append(_habit(scene, moment, moved, at))
            case _:
                pass
    return [one for one in fired if one is not None]


def _milestone(scene: Scene, moment: kinds.Milestone, moved: Moved, at: int) -> Fired | None:
    if moved.reading is None:
        return None
    before = scene.state(moved.holder, moment, NOT_YET)
    passed, fires = others.milestone(before, scene.goal(moment), moved.stood(at, scene), moved.reading.value)
    if passed is before.passed or not scene.knows(moved.meter, at):
        return None
    scene.keep(moved.holder, moment, kept.Milestone(passed=True))
    return fired_of(moment, moved.part, moved.reading) if fires else None


def _habit(scene: Scene, moment: kinds.Habit, moved: Moved, at: int) -> Fired | None:
    """It needs no more than what was seen: whatever else there was only adds to it."""
    stands, meter = moved.reading, moved.meter
    if stands is None or moved.after is None:
        return None
    if isinstance(moved.after, Standing):
        ends = next_two_ends(meter, at, scene.when)
    else:
        ends = falls_below(meter, moved.after, moment.reaches, stands.at, scene.when)
    before = scene.state(moved.holder, moment, kept.Habit())
    after, fires = others.habit(moment, before, stands, None if ends is None else ends[1])
    if after is not before:
        scene.keep(moved.holder, moment, after)
    return fired_of(moment, moved.part, stands, after.arm) if fires else None


def goals_now(scene: Scene, changed: list[str], at: int) -> list[Fired]:
    """Milestones of the account whose goal was told just now, and is reached already."""
    fired = []
    for moment in scene.rules.goals:
        meter = scene.rules.meters[moment.meter]
        if f"attribute:{moment.goal}" not in changed or not meter.of_account:
            continue
        now = scene.reading(meter, scene.account, scene.now)
        if now is None or not scene.knows(meter, now.at):
            continue
        before = scene.state(scene.account, moment, kept.Milestone())
        _, fires = others.milestone(before, scene.goal(moment), BELOW_ALL, now.value)
        if fires:
            scene.keep(scene.account, moment, kept.Milestone(passed=True))
            fired.append(fired_of(moment, None, now)._replace(at=at))
    return fired
