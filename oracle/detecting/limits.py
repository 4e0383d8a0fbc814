"""How near an account is to its limits: steps that are reached, and attempts at what is beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.detecting.fired import Fired, fired_of
from oracle.detecting.scene import NOTHING_YET
from oracle.language.meter import CALENDAR, ROLLING
from oracle.meters.counting import Reading, newest
from oracle.meters.windows import first_open
from oracle.moments import limits
from oracle.moments import state as kept
from oracle.numbers import trimmed
from oracle.state import Standing

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.detecting.usage import Moved
    from oracle.language.meter import Meter
    from oracle.language.moment import Attempt, Limit
    from oracle.messages import Message


def attempts(scene: Scene, watching: tuple[Attempt, ...], usage: Message) -> list[Fired]:
    """The attempts that an event is. It is not counted yet: what brings the account to its limit is none."""
    fired = []
    for moment in watching:
        meter = scene.rules.meters[moment.meter]
        stands = scene.reading(meter, scene.account, usage.at)
        if stands is None or not scene.knows(meter, usage.at):
            continue
        before = scene.state(scene.account, moment, kept.Attempt())
        allowed = scene.account.limit(meter.name, scene.rules.product)
        after = limits.attempt(before, usage.at, stands.value, allowed)
        if after is not None:
            scene.keep(scene.account, moment, after)
            fired.append(fired_of(moment, None, stands, after.arm)._replace(limit=allowed))
    return fired


def limit_after(scene: Scene, moment: Limit, moved: Moved, at: int) -> Fired | None:
    """The step that fires, if one does, now that an event at ``at`` has moved the meter."""
    meter = moved.meter
    if moved.reading is None:
        return None
    if meter.span != ROLLING:
        return _limit(scene, moment, meter, moved.reading)
    last = None if moved.before is None or isinstance(moved.before, Standing) else newest(moved.before)
    if last is not None and last > at:  # a window that was over stood low: that arms nothing again
        before = scene.state(scene.account, moment, kept.Limit())
        found = _limit(scene, moment, meter, moved.reading)
        if found is None:
            _remember(scene, moment, before)
        return found
    fell = _limit(scene, moment, meter, Reading(moved.stood(at, scene), at))  # a window falls by itself
    return _limit(scene, moment, meter, moved.reading) or fell


def limits_now(scene: Scene, at: int) -> list[Fired]:
    """What fires of all limits, now that a fact of ``at`` has moved one, or what its meter stands at."""
    fired = []
    for moment, meter in scene.rules.limits:
        stands = _stands(scene, meter)
        found = None if stands is None else _limit(scene, moment, meter, stands)
        fired.extend([] if found is None else [found._replace(at=at)])
    return fired


def _stands(scene: Scene, meter: Meter) -> Reading | None:
    if not meter.is_plain:
        return scene.reading(meter, scene.account, scene.now)
    held = scene.account.meters.get(meter.key, NOTHING_YET)
    return Reading(trimmed(held.value), scene.now, held.period)


def _limit(scene: Scene, moment: Limit, meter: Meter, stands: Reading) -> Fired | None:
    """The step that fires, now that the meter stands so; nothing while that is not known."""
    if not scene.knows(meter, stands.at):
        return None
    account, product = scene.account, scene.rules.product
    allowed = account.limit(meter.name, product)
    now = limits.Standing(stands.value, allowed, account.plan(product), stands.period)
    if meter.span in CALENDAR:
        before_all = scene.state(account, moment, kept.Limits())
        after_all, step = limits.by_period(moment, before_all, now, first_open(meter.span, scene.when))
        scene.keep(account, moment, after_all)
        after = after_all.periods.get(stands.period or 0, kept.Limit())
    else:
        after, step = limits.limit(moment, scene.state(account, moment, kept.Limit()), now)
        _remember(scene, moment, after)
    if step is None:
        return None
    return Fired(moment, stands.at, None, stands.value, allowed, step, stands.period, after.arm)


def _remember(scene: Scene, moment: Limit, state: kept.Limit) -> None:
    """Nothing passed, and never armed anew: of that nothing is kept."""
    if state != kept.Limit():
        scene.keep(scene.account, moment, state)
    else:
        scene.account.moments.pop(moment.name, None)
