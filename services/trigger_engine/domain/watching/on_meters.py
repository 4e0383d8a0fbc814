"""Moments on a meter that just moved: limit, milestone, habit; and what moments that add up make of it."""

from typing import Final

from services.trigger_engine.domain.meters.counting import habit_ends
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.spans import below_since
from services.trigger_engine.domain.moments import habit, milestone
from services.trigger_engine.domain.moments.habit import HabitState
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import HabitMoment, LimitMoment, MilestoneMoment
from services.trigger_engine.domain.standing import goal
from services.trigger_engine.domain.watching import trends
from services.trigger_engine.domain.watching.counting import Counted, Moved
from services.trigger_engine.domain.watching.limits import limit_after
from services.trigger_engine.domain.watching.scene import Scene

NOT_PASSED: Final = MilestoneState()


def watch(scene: Scene, counted: Counted, at: int) -> list[Passed]:
    """What fires now that a meter was moved by an event at ``at``."""
    trends.count(scene, counted, at)
    watched, moved, fired = counted.watched, counted.moved, list[Passed]()
    if moved is None or not watched.moments:
        return fired
    known = scene.knows(watched.meter, at)
    for moment in watched.moments:
        if isinstance(moment, LimitMoment):
            found = limit_after(scene, moment, watched.meter, moved, at, known=known)
        elif isinstance(moment, MilestoneMoment):
            found = _milestone(scene, moment, counted, moved, at) if known else None
        else:
            found = _habit(scene, moment, counted, moved, at)
        if found is not None:
            fired.append(found)
    return fired


def _milestone(scene: Scene, moment: MilestoneMoment, counted: Counted, moved: Moved, at: int) -> Passed | None:
    before = scene.state(moved.holder, moment, NOT_PASSED)
    if before.passed:
        return None
    reaches, stood = goal(scene.rules, scene.account, moment), moved.stood(counted.watched.meter, at, scene.when)
    state, fires = milestone.observe(before, reaches, stood, moved.reading.value)
    if state is not before:  # what was not passed is not kept: most milestones are far away from most accounts
        scene.keep(moved.holder, moment, state)
    return Passed.of(moment, counted.part, moved.reading) if fires else None


def _habit(scene: Scene, moment: HabitMoment, counted: Counted, moved: Moved, at: int) -> Passed | None:
    """A habit needs no more than what was seen: whatever else there was only adds to it."""
    meter, when, stands = counted.watched.meter, scene.when, moved.reading
    if isinstance(moved.after, MeterState):
        ends = below_since(meter, at, when)
    else:
        ends = habit_ends(meter, moved.after, moment.reaches, stands.at, when)
    before = scene.state(moved.holder, moment, HabitState())
    state, fires = habit.observe(moment, before, stands, None if ends is None else ends[1])
    if state is not before:
        scene.keep(moved.holder, moment, state)
    return Passed.of(moment, counted.part, stands, state.arm) if fires else None
