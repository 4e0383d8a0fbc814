"""Moments on a meter that just moved: limit, milestone."""

from services.trigger_engine.domain.meters.counting import Reading, newest
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.meters.spans import CALENDAR, still_open
from services.trigger_engine.domain.moments import limit, limit_by_period, milestone
from services.trigger_engine.domain.moments.limit import LimitReading, LimitState
from services.trigger_engine.domain.moments.limit_by_period import LimitsState
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.feeds import MeterMoment
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import LimitMoment, MilestoneMoment
from services.trigger_engine.domain.standing import goal
from services.trigger_engine.domain.watching.counting import Counted
from services.trigger_engine.domain.watching.scene import Scene


def watch(scene: Scene, counted: Counted, at: int) -> list[Passed]:
    """What fires now that a meter was moved by an event at ``at``."""
    found = (_watched(scene, moment, counted, at) for moment in counted.watched.moments)
    return [passed for passed in found if passed is not None]


def _watched(scene: Scene, moment: MeterMoment, counted: Counted, at: int) -> Passed | None:
    match moment:
        case LimitMoment():
            return _limit_after(scene, moment, counted, at)
        case MilestoneMoment():
            return _milestone(scene, moment, counted, at)


# --- limits -------------------------------------------------------------------------------------


def _limit_after(scene: Scene, moment: LimitMoment, counted: Counted, at: int) -> Passed | None:
    meter, moved = counted.watched.meter, counted.moved
    if moved is None:
        return None
    if meter.span is not Span.ROLLING:
        return limit_at(scene, moment, meter, moved.reading)
    if newest(moved.before) > at:
        return _limit_late(scene, moment, meter, moved.reading)
    fell = limit_at(scene, moment, meter, Reading(moved.stood(meter, at, scene.when), at))
    return limit_at(scene, moment, meter, moved.reading) or fell  # a window falls by itself, and may re-arm by that


def _limit_late(scene: Scene, moment: LimitMoment, meter: MeterDefinition, stands: Reading) -> Passed | None:
    """A late event may pass a step; that a window which was over stood low re-arms nothing."""
    before = scene.state(scene.account, moment, LimitState())
    found = limit_at(scene, moment, meter, stands)
    if found is None:
        scene.keep(scene.account, moment, before)
    return found


def limits_now(scene: Scene, at: int) -> list[Passed]:
    """What fires of all limits, now that a fact of ``at`` has moved one, or what its meter stands at."""
    fired = []
    for moment, meter in scene.rules.limits:
        stands = _stands(scene, meter)
        found = None if stands is None else limit_at(scene, moment, meter, stands)
        if found is not None:
            fired.append(found.by(at))
    return fired


def _stands(scene: Scene, meter: MeterDefinition) -> Reading | None:
    if not meter.is_plain:
        return reading(meter, scene.account, scene.clocks.now, scene.when)
    state = scene.account.meters.get(meter.key, MeterState())
    return Reading(state.value, scene.clocks.now, state.period)


def limit_at(scene: Scene, moment: LimitMoment, meter: MeterDefinition, stands: Reading) -> Passed | None:
    """The step that fires, if any, now that the meter stands so; while that is unknown, the moment waits."""
    if not scene.knows(meter, stands.at):
        return None
    account, product = scene.account, scene.rules.product
    allowed, plan = account.limit(meter.name, product), account.plan(product)
    against = LimitReading(stands.value, allowed, plan, stands.period)
    if meter.span in CALENDAR:
        before = scene.state(account, moment, LimitsState())
        after, step = limit_by_period.observe(moment, before, against, still_open(meter.span, scene.when))
        scene.keep(account, moment, after)
        arm = after.periods[stands.period].arm if stands.period in after.periods else 0
    else:
        state, step = limit.observe(moment, scene.state(account, moment, LimitState()), against)
        scene.keep(account, moment, state)
        arm = state.arm
    if step is None:
        return None
    return Passed(moment, stands.at, None, stands.value, allowed, step, stands.period, arm)


# --- milestones ---------------------------------------------------------------------------------


def _milestone(scene: Scene, moment: MilestoneMoment, counted: Counted, at: int) -> Passed | None:
    meter, moved = counted.watched.meter, counted.moved
    if moved is None or not scene.knows(meter, at):
        return None
    before = scene.state(moved.holder, moment, MilestoneState())
    if before.passed:
        return None
    reaches = goal(scene.rules, scene.account, moment)
    state, fires = milestone.observe(before, reaches, moved.stood(meter, at, scene.when), moved.reading.value)
    if state is not before:  # what was not passed is not kept: most milestones are far away from most accounts
        scene.keep(moved.holder, moment, state)
    if not fires:
        return None
    return Passed.of(moment, counted.part, moved.reading)
