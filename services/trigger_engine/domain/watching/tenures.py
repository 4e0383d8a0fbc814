"""Tenure: how long something has been so, told by time alone."""

from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.instants import earliest
from services.trigger_engine.domain.moments import tenure
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.moments.tenure import TenureState
from services.trigger_engine.domain.playbook.moments import TenureMoment
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.profile import created, plan_since, term_since
from services.trigger_engine.domain.watching.scene import Scene


def due(rules: CompiledSet, account: AccountSlice) -> int | None:
    """When the next number of months is full; None when none will be."""
    times = []
    for moment in rules.every(TenureMoment):
        state = account.moments.get(moment.name)
        known = state if isinstance(state, TenureState) else TenureState()
        times.append(tenure.due(moment, known, _since(rules, account, moment), account.zone()))
    return earliest(times)


def fire(scene: Scene, reached: int) -> list[Passed]:
    """What is full once time has reached this far."""
    fired = []
    for moment in scene.rules.every(TenureMoment):
        since, published = _since(scene.rules, scene.account, moment), scene.rules.since(moment.name)
        before = scene.state(scene.account, moment, TenureState())
        state, full = tenure.timed(moment, before, since, scene.account.zone(), reached, published)
        if state.over and state is not before:  # until then all that counts is since when it is so, and that is a fact
            scene.keep(scene.account, moment, state)
        if full is not None:
            fired.append(Passed(moment, full, arm=state.arm))
    return fired


def _since(rules: CompiledSet, account: AccountSlice, moment: TenureMoment) -> int | None:
    """Since when it is counted."""
    match moment.since:
        case "term_since":
            return term_since(account)
        case "plan_since":
            return plan_since(account, rules.product)
        case _:
            return created(account, rules.product)
