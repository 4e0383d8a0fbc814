"""Conditions that become true of an account: asked when a meter moves that they read, with each fact, each day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from oracle import days
from oracle.chance import seed
from oracle.deciding.values import Values
from oracle.detecting.fired import Fired
from oracle.detecting.scene import Scene
from oracle.moments import others
from oracle.moments import state as kept

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle.language.moment import Becomes

Was = dict[str, bool | None]
"""What conditions were before an input, of those that nobody had asked until then."""


def asked(scene: Scene, moments: Iterable[Becomes]) -> Was:
    """Ask for the first time, before anything changes. Nothing is kept yet."""
    return {one.name: _truth(scene, one) for one in moments if _before(scene, one).was is None}


def look(scene: Scene, moments: Iterable[Becomes], was: Was, at: int) -> list[Fired]:
    """What has become true by something of ``at``."""
    fired = []
    for moment in moments:
        before = _before(scene, moment)
        if moment.name in was:
            before, _ = others.becomes(before, was[moment.name])
        after, fires = others.becomes(before, _truth(scene, moment))
        if after.was is not None:
            scene.keep(scene.account, moment, after)
        if fires:
            fired.append(Fired(moment, at, arm=after.arm))
    return fired


def due(scene: Scene) -> list[int]:
    """When the next day begins, for those that time alone may make true."""
    clocks = scene.account.clocks()
    looked_at = [_looked_at(scene, moment) for moment in scene.rules.by_time]
    return [days.start_of_day(day + 1, clocks) for day in looked_at if day is not None]


def fire(scene: Scene, reached: int) -> list[Fired]:
    """What time alone has made true: as things stood at ``reached``, however late it is by now."""
    clocks, fired = scene.account.clocks(), []
    then = Scene(scene.id, scene.account, scene.holdings, scene.rules, scene.at._replace(now=reached))
    for moment in scene.rules.by_time:
        day = _looked_at(scene, moment)
        if day is not None and days.start_of_day(day + 1, clocks) <= reached:
            fired += look(then, [moment], {}, reached)
            after = replace(_before(scene, moment), day=days.day_of(reached, clocks))
            scene.keep(scene.account, moment, after)
    return fired


def _looked_at(scene: Scene, moment: Becomes) -> int | None:
    """The day on which time had it looked at last; None before anything is known of the account."""
    day, seen = _before(scene, moment).day, scene.account.first_seen
    if day is not None or seen is None:
        return day
    return days.day_of(max(seen, scene.since(moment.name)), scene.account.clocks())


def _before(scene: Scene, moment: Becomes) -> kept.Becomes:
    """What is known of it; nothing when that was of another condition."""
    found, about = scene.state(scene.account, moment, kept.Becomes()), seed("becomes", moment.condition.text)
    return found if found.about == about else kept.Becomes(None, found.arm, None, about)


def _truth(scene: Scene, moment: Becomes) -> bool | None:
    return Values(scene).judge(moment.condition).truth
