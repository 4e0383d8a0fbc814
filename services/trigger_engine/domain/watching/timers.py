"""What time alone brings about, of an account and of each part of it."""

from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.instants import earliest
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.profile import created
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.watching import becoming, on_events, onboardings, tenures, trends
from services.trigger_engine.domain.watching.scene import Scene


def due(rules: CompiledSet, account: AccountSlice, holder: Holder) -> int | None:
    """When `fire` next has something to do for ``holder``: the ``account`` or a part of it; None when never."""
    times = [onboardings.due(rules, holder, created(account, rules.product)), trends.due(rules, account, holder)]
    if isinstance(holder, AccountSlice):
        times += [tenures.due(rules, holder), on_events.absent_at(rules, holder), becoming.due(rules, holder)]
    return earliest(times)


def fire(scene: Scene, part: Part | None, reached: int) -> list[Passed]:
    """What fires of the account, or of ``part`` of it, once time has reached this far."""
    holder = scene.holder(part)
    onboardings.time_out(scene, holder, reached)
    fired = trends.fire(scene, part, reached)
    if part is None:
        fired.extend(tenures.fire(scene, reached))
        fired.extend(on_events.absences(scene, reached))
        fired.extend(becoming.fire(scene, reached))
    return fired
