"""Conditions that become true of the account.

They are looked at when a meter that they ask about moves, and with every fact; those that also ask about what changes
by itself, at the begin of each day of the account's calendar.
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.calendar import day_of, start_of_day
from services.trigger_engine.domain.conditions.condition import Truth
from services.trigger_engine.domain.inputs import Clocks
from services.trigger_engine.domain.instants import earliest
from services.trigger_engine.domain.moments import becomes
from services.trigger_engine.domain.moments.becomes import BecomesState
from services.trigger_engine.domain.moments.draws import seed
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import BecomesMoment
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.values import values_of
from services.trigger_engine.domain.watching.scene import Scene

Was = Mapping[str, bool | None]
"""What conditions were before an input, by moment: of those that nobody had asked until then."""


def asked(scene: Scene, moments: Iterable[BecomesMoment]) -> Was:
    """Ask before anything changes what was never asked; nothing is kept yet."""
    return {moment.name: _holds(scene, moment) for moment in moments if _state(scene.account, moment).was is None}


def look(scene: Scene, moments: Iterable[BecomesMoment], was: Was, at: int) -> list[Passed]:
    """What has become true by something that happened at ``at``."""
    fired = []
    for moment in moments:
        before = _state(scene.account, moment)
        if moment.name in was:
            before, _ = becomes.observe(before, was[moment.name])
        state, fires = becomes.observe(before, _holds(scene, moment))
        if state.was is not None:  # what was never known is not kept
            scene.keep(scene.account, moment, state)
        if fires:
            fired.append(Passed(moment, at, arm=state.arm))
    return fired


def due(rules: CompiledSet, account: AccountSlice) -> int | None:
    """When the next day begins on which time may have changed an answer; None when it never does."""
    place = account.zone()
    days = (_looked_at(rules, account, moment) for moment in rules.every(BecomesMoment) if moment.by_time)
    return earliest(None if day is None else start_of_day(day + 1, place) for day in days)


def fire(scene: Scene, reached: int) -> list[Passed]:
    """What time alone has made true, once it has reached this far: as things stood then, however late it is by now."""
    scene = replace(scene, clocks=Clocks(reached, scene.clocks.floor))
    place, fired = scene.account.zone(), []
    for moment in scene.rules.every(BecomesMoment):
        day = _looked_at(scene.rules, scene.account, moment) if moment.by_time else None
        if day is None or start_of_day(day + 1, place) > reached:
            continue
        fired.extend(look(scene, [moment], {}, reached))
        scene.keep(scene.account, moment, replace(_state(scene.account, moment), day=day_of(reached, place)))
    return fired


def _looked_at(rules: CompiledSet, account: AccountSlice, moment: BecomesMoment) -> int | None:
    """The day (days since 1970) on which it was looked at last since time went by; None before anything is known."""
    day = _state(account, moment).day
    if day is not None:
        return day
    if account.first_seen is None:
        return None
    return day_of(max(account.first_seen, rules.since(moment.name)), account.zone())


def _state(account: AccountSlice, moment: BecomesMoment) -> BecomesState:
    found = account.moments.get(moment.name)
    known = found if isinstance(found, BecomesState) else BecomesState()
    return known.of(seed("becomes", moment.condition.text))


def _holds(scene: Scene, moment: BecomesMoment) -> bool | None:
    truth = values_of(scene.situation()).judge(moment.condition).truth
    return None if truth is Truth.UNKNOWN else truth is Truth.TRUE
