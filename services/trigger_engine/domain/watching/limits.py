"""Moments at a limit of the account: limit, and attempt at what is beyond it."""

from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.meters.counting import Reading, newest
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.meters.spans import CALENDAR, still_open
from services.trigger_engine.domain.moments import attempt, limit, limit_by_period
from services.trigger_engine.domain.moments.attempt import AttemptState
from services.trigger_engine.domain.moments.limit import NOTHING_PASSED, LimitReading, LimitState
from services.trigger_engine.domain.moments.limit_by_period import LimitsState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import trimmed
from services.trigger_engine.domain.playbook.feeds import Feed
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import LimitMoment
from services.trigger_engine.domain.watching.counting import Moved
from services.trigger_engine.domain.watching.scene import Scene


def attempts(scene: Scene, feed: Feed, usage: Usage) -> list[Passed]:
    """The attempts that the event is, with the meters as they stood before it: what reaches the limit is none yet."""
    fired = []
    for moment in feed.attempts:
        meter = scene.rules.product.meters[moment.of]
        stands = reading(meter, scene.account, usage.at, scene.when)
        if stands is None or not scene.knows(meter, usage.at):
            continue
        before = scene.state(scene.account, moment, AttemptState())
        state, fires = attempt.observe(before, usage.at, _against(scene, meter, stands))
        if fires:
            scene.keep(scene.account, moment, state)
            found = Passed.of(moment, None, stands, state.arm)
            fired.append(found.up_to(scene.account.limit(meter.name, scene.rules.product)))
    return fired


def limit_after(
    scene: Scene, moment: LimitMoment, meter: MeterDefinition, moved: Moved, at: int, *, known: bool
) -> Passed | None:
    """The step that fires, if any, now that an event at ``at`` moved the meter; ``known``: so it is at that time."""
    if meter.span is not Span.ROLLING:  # where it stands at another time is not asked
        return _limit(scene, moment, meter, moved.reading) if known else None
    if newest(moved.before) > at:
        return _limit_late(scene, moment, meter, moved.reading)
    fell = _limit_if_known(scene, moment, meter, Reading(moved.stood(meter, at, scene.when), at))
    # a window falls by itself, and may re-arm by that
    return _limit_if_known(scene, moment, meter, moved.reading) or fell


def limits_now(scene: Scene, at: int) -> list[Passed]:
    """What fires of all limits, now that a fact of ``at`` has moved one, or what its meter stands at."""
    fired = []
    for moment in scene.rules.every(LimitMoment):
        meter = scene.rules.product.meters[moment.meter]
        stands = _stands(scene, meter)
        found = None if stands is None else _limit_if_known(scene, moment, meter, stands)
        if found is not None:
            fired.append(found.by(at))
    return fired


def _stands(scene: Scene, meter: MeterDefinition) -> Reading | None:
    if not meter.is_plain:
        return reading(meter, scene.account, scene.clocks.now, scene.when)
    state = scene.account.meters.get(meter.key) or MeterState()
    return Reading(trimmed(state.value), scene.clocks.now, state.period)


def _limit_late(scene: Scene, moment: LimitMoment, meter: MeterDefinition, stands: Reading) -> Passed | None:
    """A late event may pass a step; that a window which was over stood low re-arms nothing."""
    before = scene.state(scene.account, moment, NOTHING_PASSED)
    found = _limit_if_known(scene, moment, meter, stands)
    if found is None:
        _keep(scene, moment, before)
    return found


def _limit_if_known(scene: Scene, moment: LimitMoment, meter: MeterDefinition, stands: Reading) -> Passed | None:
    """The same as `_limit`; while it is unknown where the meter stands, the moment waits."""
    return _limit(scene, moment, meter, stands) if scene.knows(meter, stands.at) else None


def _limit(scene: Scene, moment: LimitMoment, meter: MeterDefinition, stands: Reading) -> Passed | None:
    """The step that fires, if any, now that the meter is known to stand so."""
    account, against = scene.account, _against(scene, meter, stands)
    if not meter.is_plain and meter.span in CALENDAR:
        before, over = scene.state(account, moment, LimitsState()), still_open(meter.span, scene.when)
        after, step = limit_by_period.observe(moment, before, against, over)
        scene.keep(account, moment, after)
        if limit_by_period.forgot(before, stands.period, after, over):
            scene.reached(Bound.PERIODS_FORGOTTEN)
        arm = after.periods[stands.period].arm if stands.period in after.periods else 0
    else:
        state, step = limit.observe(moment, scene.state(account, moment, NOTHING_PASSED), against)
        _keep(scene, moment, state)
        arm = state.arm
    if step is None:
        return None
    return Passed.of(moment, None, stands, arm).up_to(against.limit, step)


def _keep(scene: Scene, moment: LimitMoment, state: LimitState) -> None:
    """Have the moment remember, if there is anything to be remembered."""
    if state == NOTHING_PASSED:
        scene.account.moments.pop(moment.name, None)
    else:
        scene.keep(scene.account, moment, state)


def _against(scene: Scene, meter: MeterDefinition, stands: Reading) -> LimitReading:
    account, product = scene.account, scene.rules.product
    return LimitReading(stands.value, account.limit(meter.name, product), account.plan(product), stands.period)
