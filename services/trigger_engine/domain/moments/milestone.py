"""A milestone: a meter reaches a number for the first time ever."""

from decimal import Decimal

from msgspec import Struct

from services.trigger_engine.domain.playbook.offers import MilestoneMoment


class MilestoneState(Struct, frozen=True, array_like=True, tag="milestone"):
    """Whether the milestone was passed."""

    passed: bool = False


def observe(moment: MilestoneMoment, state: MilestoneState, value: Decimal) -> tuple[MilestoneState, bool]:
    """Whether the milestone fires now that its meter stands at ``value``.

    Never re-arms: a first report is exported once, also after a restart, a replay or a fall of the meter.
    """
    fires = not state.passed and value >= moment.reaches
    return (MilestoneState(passed=True), True) if fires else (state, False)
