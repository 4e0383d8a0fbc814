"""Moments that are made of events themselves, in the order of their own times: sequence, absence."""

from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.inputs import Usage
from services.trigger_engine.domain.instants import earliest
from services.trigger_engine.domain.moments import absence, sequence
from services.trigger_engine.domain.moments.absence import AbsenceState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.moments.sequence import SequenceState
from services.trigger_engine.domain.moments.times import dropped
from services.trigger_engine.domain.playbook.feeds import Feed
from services.trigger_engine.domain.playbook.moments import AbsenceMoment
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.watching.scene import Scene


def sequences(scene: Scene, feed: Feed, usage: Usage) -> list[Passed]:
    """The sequences of the account that the event completes, whoever did the steps."""
    fired = []
    for moment in feed.sequences:
        before = scene.state(scene.account, moment, SequenceState())
        state, completed = sequence.observe(moment, before, usage.type, usage.at, scene.clocks.floor)
        scene.keep(scene.account, moment, state)
        if dropped(before.times.get(usage.type, ()), usage.at, state.times.get(usage.type, ())):
            scene.reached(Bound.TIMES_DROPPED)
        if completed is not None:
            fired.append(Passed(moment, completed, arm=state.arm))
    return fired


def answer(scene: Scene, feed: Feed, usage: Usage) -> bool:
    """Open or close the windows of absences; whether one that fired is undone by an answer that only came late.

    What they say, time brings about.
    """
    is_undone = False
    for moment in feed.absences:
        before = scene.state(scene.account, moment, AbsenceState())
        state, undone = absence.observe(moment, before, usage.type, usage.at, scene.clocks.floor)
        scene.keep(scene.account, moment, state)
        opened, answered = usage.type == moment.after, usage.type == moment.event
        if (opened and dropped(before.opened, usage.at, state.opened)) or (
            answered and dropped(before.answered, usage.at, state.answered)
        ):
            scene.reached(Bound.TIMES_DROPPED)
        is_undone = is_undone or undone is not None
    return is_undone


def absent_at(rules: CompiledSet, account: AccountSlice) -> int | None:
    """When the next window ends without an answer, as far as is known; None when none is open."""
    times = []
    for moment in rules.every(AbsenceMoment):
        state = account.moments.get(moment.name)
        if isinstance(state, AbsenceState):
            times.append(absence.due(moment, state))
    return earliest(times)


def absences(scene: Scene, reached: int) -> list[Passed]:
    """The absences that are sure once time has reached this far."""
    fired = []
    for moment in scene.rules.every(AbsenceMoment):
        state = scene.account.moments.get(moment.name)
        if not isinstance(state, AbsenceState):
            continue
        while (at := absence.due(moment, state)) is not None and at <= reached:
            state, missed = absence.timed(moment, state, reached)
            if missed is not None:
                fired.append(Passed(moment, missed, arm=state.arm))
        scene.keep(scene.account, moment, state)
    return fired
