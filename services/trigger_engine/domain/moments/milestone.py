"""A milestone: a meter reaches a number for the first time ever."""

from decimal import Decimal

from msgspec import Struct

from services.trigger_engine.domain.playbook.moments import MilestoneMoment


class MilestoneState(Struct, frozen=True, array_like=True, tag="milestone"):
    """Whether the milestone was passed."""

    passed: bool = False


def observe(
    moment: MilestoneMoment, state: MilestoneState, value: Decimal, told: Decimal | None = None
) -> tuple[MilestoneState, bool]:
    """Whether the milestone fires now that its meter stands at ``value``.

    Where a fact of the account says what is to be reached, ``told`` is what it says: unknown (None) it waits, and it
    may be the fact that makes it fire. Never re-arms: a first report is exported once, also after a restart, a replay,
    a fall of the meter or another goal.
    """
    reaches = moment.reaches if moment.reaches_fact is None else told
    fires = not state.passed and reaches is not None and value >= reaches
    return (MilestoneState(passed=True), True) if fires else (state, False)
