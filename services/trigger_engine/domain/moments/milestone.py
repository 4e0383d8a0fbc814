"""A milestone: a meter reaches a number for the first time ever."""

from decimal import Decimal

from msgspec import Struct


class MilestoneState(Struct, frozen=True, array_like=True, tag="milestone"):
    """Whether the milestone was passed."""

    passed: bool = False


def observe(
    state: MilestoneState, reaches: Decimal | None, before: Decimal, value: Decimal
) -> tuple[MilestoneState, bool]:
    """Whether the milestone fires now that its meter came from ``before`` to ``value``; None: the goal is unknown.

    It is passed when before < reaches <= value. What had been reached before anybody looked (the milestone is new, or
    lower than it was, or the meter was unknown) is old news, and passes silently. Never re-arms: a first report is
    exported once, also after a restart, a replay, a fall of the meter or another goal.
    """
    if state.passed or reaches is None or (before < reaches and value < reaches):
        return state, False
    return MilestoneState(passed=True), before < reaches
