"""What time alone brings about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.detecting import on_events, onboardings, trends
from oracle.detecting.fired import Fired
from oracle.language import moment as kinds
from oracle.moments import others
from oracle.moments import state as kept
from oracle.state import Account

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.ids import Part
    from oracle.state import Slice


def due(scene: Scene, holder: Slice) -> int | None:
    """When `fire` next has something to do for ``holder``: the account, or a part of it."""
    times = [*onboardings.due(scene, holder), *trends.due(scene, holder)]
    if isinstance(holder, Account):
        times += [*_full_at(scene), *on_events.absent_at(scene)]
    return min(times, default=None)


def fire(scene: Scene, part: Part | None, reached: int) -> list[Fired]:
    """What fires once time has reached this far."""
    onboardings.time_out(scene, scene.holder(part), reached)
    fired = trends.fire(scene, part, reached)
    if part is None:
        fired += [*_full(scene, reached), *on_events.absences(scene, reached)]
    return fired


def _full_at(scene: Scene) -> list[int]:
    """When the months of tenures are full."""
    clocks, times = scene.account.clocks(), []
    for moment in scene.rules.every(kinds.Tenure):
        state = scene.state(scene.account, moment, kept.Tenure())
        times.append(others.tenure_due(moment, state, scene.since_when(moment.since), clocks))
    return [time for time in times if time is not None]


def _full(scene: Scene, reached: int) -> list[Fired]:
    fired, clocks = [], scene.account.clocks()
    for moment in scene.rules.every(kinds.Tenure):
        before, since = scene.state(scene.account, moment, kept.Tenure()), scene.since_when(moment.since)
        after, full = others.tenure(moment, before, since, reached, clocks, scene.since(moment.name))
        if after.over and after is not before:  # until then all that counts is a fact
            scene.keep(scene.account, moment, after)
        if full is not None:
            fired.append(Fired(moment, full, arm=after.arm))
    return fired
