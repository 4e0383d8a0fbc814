"""Moments that are made of events in the order of their own times: sequences and absences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.detecting.fired import Fired
from oracle.language import moment as kinds
from oracle.moments import events
from oracle.moments import state as kept

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.messages import Message


def sequences(scene: Scene, watching: tuple[kinds.Sequence, ...], usage: Message) -> list[Fired]:
    """The sequences that the event completes, whoever of the account did the steps."""
    fired = []
    for moment in watching:
        before = scene.state(scene.account, moment, kept.Sequence())
        after, completed = events.sequence(moment, before, usage.type, usage.at, scene.floor)
        scene.keep(scene.account, moment, after)
        if completed is not None:
            fired.append(Fired(moment, completed, arm=after.arm))
    return fired


def answer(scene: Scene, watching: tuple[kinds.Absence, ...], usage: Message) -> bool:
    """Open or close the windows of absences. Whether one is undone by it that had fired: the answer came late."""
    is_undone = False
    for moment in watching:
        before = scene.state(scene.account, moment, kept.Absence())
        after, undone = events.absence(moment, before, usage.type, usage.at, scene.floor)
        scene.keep(scene.account, moment, after)
        is_undone = is_undone or undone is not None
    return is_undone


def absent_at(scene: Scene) -> list[int]:
    """When windows end without an answer, as far as is known."""
    times = []
    for moment in scene.rules.every(kinds.Absence):
        state = scene.account.moments.get(moment.name)
        if isinstance(state, kept.Absence):
            times.append(events.absence_due(moment, state))
    return [time for time in times if time is not None]


def absences(scene: Scene, reached: int) -> list[Fired]:
    """What is sure to be missing once time has reached this far."""
    fired = []
    for moment in scene.rules.every(kinds.Absence):
        state = scene.account.moments.get(moment.name)
        if not isinstance(state, kept.Absence):
            continue
        while (at := events.absence_due(moment, state)) is not None and at <= reached:
            state, missed = events.missed(moment, state, reached)
            if missed is not None:
                fired.append(Fired(moment, missed, arm=state.arm))
        scene.keep(scene.account, moment, state)
    return fired
