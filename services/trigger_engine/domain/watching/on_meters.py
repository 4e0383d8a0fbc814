"""Moments on a meter that just moved: limit, milestone, habit; and what moments that add up make of it."""

from services.trigger_engine.domain.meters.counting import habit_ends
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.spans import below_since
from services.trigger_engine.domain.moments import habit, milestone
from services.trigger_engine.domain.moments.habit import HabitState
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.feeds import MeterMoment
from services.trigger_engine.domain.playbook.moments import HabitMoment, LimitMoment, MilestoneMoment
from services.trigger_engine.domain.standing import goal
from services.trigger_engine.domain.watching import trends
from services.trigger_engine.domain.watching.counting import Counted
from services.trigger_engine.domain.watching.limits import limit_after
from services.trigger_engine.domain.watching.scene import Scene


def watch(scene: Scene, counted: Counted, at: int) -> list[Passed]:
    """What fires now that a meter was moved by an event at ``at``."""
    trends.count(scene, counted, at)
    found = (_watched(scene, moment, counted, at) for moment in counted.watched.moments)
    return [passed for passed in found if passed is not None]


def _watched(scene: Scene, moment: MeterMoment, counted: Counted, at: int) -> Passed | None:
    match moment:
        case LimitMoment():
            return limit_after(scene, moment, counted, at)
        case MilestoneMoment():
            return _milestone(scene, moment, counted, at)
        case HabitMoment():
            return _habit(scene, moment, counted, at)


def _milestone(scene: Scene, moment: MilestoneMoment, counted: Counted, at: int) -> Passed | None:
    meter, moved = counted.watched.meter, counted.moved
    if moved is None or not scene.knows(meter, at):
        return None
    before = scene.state(moved.holder, moment, MilestoneState())
    if before.passed:
        return None
    reaches, stood = goal(scene.rules, scene.account, moment), moved.stood(meter, at, scene.when)
    state, fires = milestone.observe(before, reaches, stood, moved.reading.value)
    if state is not before:  # what was not passed is not kept: most milestones are far away from most accounts
        scene.keep(moved.holder, moment, state)
    return Passed.of(moment, counted.part, moved.reading) if fires else None


def _habit(scene: Scene, moment: HabitMoment, counted: Counted, at: int) -> Passed | None:
    """A habit needs no more than what was seen: whatever else there was only adds to it."""
    meter, moved = counted.watched.meter, counted.moved
    if moved is None:
        return None
    when, stands = scene.when, moved.reading
    if isinstance(moved.after, MeterState):
        ends = below_since(meter, at, when)
    else:
        ends = habit_ends(meter, moved.after, moment.reaches, stands.at, when)
    before = scene.state(moved.holder, moment, HabitState())
    state, fires = habit.observe(moment, before, stands, None if ends is None else ends[1])
    if state is not before:
        scene.keep(moved.holder, moment, state)
    return Passed.of(moment, counted.part, stands, state.arm) if fires else None
