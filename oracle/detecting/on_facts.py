"""What an account fact means for meters and moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle.detecting import onboardings
from oracle.detecting.limits import limits_now
from oracle.detecting.on_meters import goals_now
from oracle.detecting.scene import put
from oracle.language import moment as kinds
from oracle.language.meter import BILLING_PERIOD, EVER
from oracle.messages import Refused
from oracle.meters.counting import baseline, must_count
from oracle.moments import state as kept
from oracle.state import Standing
from oracle.times import instant

if TYPE_CHECKING:
    from decimal import Decimal

    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.ids import Part
    from oracle.language.meter import Meter
    from oracle.messages import Message
    from oracle.meters.state import Counted

MOVES_LIMITS: Final = ("plan", "seats", "limit:", "product:", "bought:", "ended:", "period", "baseline:")
"""Slots of facts that may bring an account to a limit."""


class Stands(NamedTuple):
    """A meter stands at ``value``; ``state`` is None when that is of a window which is over, or unknown."""

    meter: Meter
    value: Decimal
    as_of: int
    state: Standing | Counted | None


def watch(scene: Scene, fact: Message, changed: list[str], part: Part | None) -> list[Fired]:
    """What fires now that a fact has changed these slots."""
    fired = limits_now(scene, fact.at) if any(slot.startswith(MOVES_LIMITS) for slot in changed) else []
    fired.extend(goals_now(scene, changed, fact.at))
    if fact.type.startswith("rung.onboarding_"):
        fired.extend(onboardings.told(scene, fact, part))
    return fired


def stands(scene: Scene, fact: Message) -> Stands:
    """What a meter stands at by a baseline; nothing is changed. Raises `Refused`."""
    meter = scene.rules.meters.get(fact.data["meter"])
    if meter is None or not meter.of_account:
        raise Refused("invalid")
    value, as_of = fact.data["value"], instant(fact.data["as_of"]) or 0
    if not meter.is_plain:
        return Stands(
            meter, value, as_of, baseline(meter, scene.account.counted.get(meter.key), value, as_of, scene.when)
        )
    period = scene.account.period()
    if meter.span == EVER:
        return Stands(meter, value, as_of, Standing.at(must_count(value)))
    if period is None or not period.holds(as_of):
        return Stands(meter, value, as_of, None)
    return Stands(meter, value, as_of, Standing.at(must_count(value), period.starts))


def stand(scene: Scene, told: Stands) -> None:
    """Let the meter stand there; milestones below it are old news."""
    account, key, present = scene.account, told.meter.key, scene.rules.meter_keys
    if told.state is None:
        return
    if isinstance(told.state, Standing):
        put(account.meters, key, told.state, present)
    else:
        put(account.counted, key, told.state, present)
    put(account.baselines, key, told.as_of, present)
    for moment in scene.rules.moments.values():
        if isinstance(moment, kinds.Milestone) and moment.meter == told.meter.name:
            goal = scene.goal(moment)
            if goal is not None and told.value >= goal:
                scene.keep(account, moment, kept.Milestone(passed=True))


def begin_period(scene: Scene) -> None:
    """Meters that count by billing period begin again when another one was announced."""
    account, period = scene.account, scene.account.period()
    for meter in scene.rules.meters.values():
        if period is not None and meter.is_plain and meter.of_account and meter.span == BILLING_PERIOD:
            held = account.meters.get(meter.key)
            if held is None or held.period != period.starts:
                put(account.meters, meter.key, Standing(period=period.starts), scene.rules.meter_keys)
