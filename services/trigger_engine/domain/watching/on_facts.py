"""What an account fact means for meters and moments: another limit, another goal, a baseline, a word on onboarding."""

from decimal import Decimal
from typing import Final, NamedTuple

from schemas.dead_letters import DeadLetterReason
from schemas.facts import Fact, MeterSet, OnboardingAbandoned, OnboardingCompleted, OnboardingStarted
from services.trigger_engine.domain.account import BOUGHT, ENDED, PRODUCT
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.meters.baseline import baseline
from services.trigger_engine.domain.meters.bounded import bounded
from services.trigger_engine.domain.meters.counting import CountedState, empty
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.meter import baseline as plain_baseline
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.moments import milestone
from services.trigger_engine.domain.moments.milestone import MilestoneState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import MilestoneMoment
from services.trigger_engine.domain.standing import goal
from services.trigger_engine.domain.watching import onboardings
from services.trigger_engine.domain.watching.limits import limits_now
from services.trigger_engine.domain.watching.scene import Scene

MOVES_LIMITS: Final = ("plan", "seats", "limit:", PRODUCT, BOUGHT, ENDED, "period", "baseline:")
"""Slots of facts that can move a meter's limit, its period, or what it stands at."""

BELOW_ALL: Final = Decimal("-Infinity")


class Stands(NamedTuple):
    """By a baseline a meter stands at ``value``; ``state`` None when that is of a window which is over, or unknown."""

    meter: MeterDefinition
    value: Decimal
    as_of: int
    state: MeterState | CountedState | None


def watch(scene: Scene, fact: Fact, changed: tuple[str, ...], part: Part | None) -> list[Passed]:
    """What fires now that ``fact`` has changed these slots of the account, or of ``part`` of it."""
    at = to_us(fact.time)
    fired = []
    if any(slot.startswith(MOVES_LIMITS) for slot in changed):
        fired.extend(limits_now(scene, at))
    fired.extend(_goals(scene, changed, at))
    if isinstance(fact, OnboardingStarted | OnboardingCompleted | OnboardingAbandoned):
        fired.extend(onboardings.told(scene, fact, part))
    return fired


# --- baselines and periods ----------------------------------------------------------------------


def stands(scene: Scene, fact: MeterSet) -> Stands:
    """What the meter stands at by ``fact``; nothing has changed yet.

    Raises `Impossible` when no meter of accounts has this name, or it can not be set to a number.
    """
    meter = scene.rules.product.meters.get(fact.data.meter)
    if meter is None or not meter.of_account:
        raise Impossible(DeadLetterReason.INVALID, "data.meter: no meter of accounts has this name")
    as_of, value = to_us(fact.data.as_of), fact.data.value
    if not meter.is_plain:
        before = scene.account.counted.get(meter.key) or empty(meter)
        return Stands(meter, value, as_of, baseline(meter, before, value, as_of, scene.when))
    if meter.span is Span.EVER:
        return Stands(meter, value, as_of, plain_baseline(meter, value, None))
    period = scene.account.period()
    present = period is not None and period.holds(as_of)
    return Stands(meter, value, as_of, plain_baseline(meter, value, period.starts) if period and present else None)


def stand(scene: Scene, told: Stands) -> None:
    """Stand where another system had counted to. Milestones below it are old news and pass silently."""
    meter, account, present = told.meter, scene.account, scene.rules.meter_keys
    if told.state is None:
        return
    if isinstance(told.state, MeterState):
        scene.put(account.meters, meter.key, told.state, present)
    else:
        bound = bounded(account.counted.get(meter.key) or empty(meter), told.state, None)
        scene.put(account.counted, meter.key, told.state, present)
        if bound is not None:
            scene.reached(bound)
    scene.put(account.baselines, meter.key, told.as_of, present)
    for moment in scene.rules.moments.values():
        if isinstance(moment, MilestoneMoment) and moment.meter == meter.name:
            reaches = goal(scene.rules, scene.account, moment)
            if reaches is not None and told.value >= reaches:
                scene.keep(account, moment, MilestoneState(passed=True))


def begin_period(scene: Scene) -> None:
    """Begin again the meters that count by billing period, when another one was announced."""
    account, period = scene.account, scene.account.period()
    if period is None:
        return
    for meter in scene.rules.product.meters.values():
        if meter.span is not Span.BILLING_PERIOD or not meter.of_account or not meter.is_plain:
            continue
        state = account.meters.get(meter.key)
        if state is None or state.period != period.starts:
            scene.put(account.meters, meter.key, MeterState(period=period.starts), scene.rules.meter_keys)


# --- goals --------------------------------------------------------------------------------------


def _goals(scene: Scene, changed: tuple[str, ...], at: int) -> list[Passed]:
    """Milestones of the account whose goal was told just now, and is reached already."""
    fired = []
    for moment in scene.rules.every(MilestoneMoment):
        meter = scene.rules.product.meters[moment.meter]
        told = moment.reaches_fact is not None and f"attribute:{moment.reaches_fact}" in changed
        if not told or not meter.of_account:
            continue
        now = reading(meter, scene.account, scene.clocks.now, scene.when)
        if now is None or not scene.knows(meter, now.at):
            continue
        before = scene.state(scene.account, moment, MilestoneState())
        state, fires = milestone.observe(before, goal(scene.rules, scene.account, moment), BELOW_ALL, now.value)
        if fires:
            scene.keep(scene.account, moment, state)
            fired.append(Passed.of(moment, None, now).by(at))
    return fired
