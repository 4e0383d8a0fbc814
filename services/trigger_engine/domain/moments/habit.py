"""A habit: a meter of a span that passes reaches a number, and keeps coming back to it."""

from msgspec import Struct

from services.trigger_engine.domain.meters.counting import Reading
from services.trigger_engine.domain.playbook.moments import HabitMoment


class HabitState(Struct, frozen=True, array_like=True, tag="habit"):
    """Whether it fired; ``rearms_at``: when the meter has been below for one whole window, if nothing more happens."""

    fired: bool = False
    rearms_at: int | None = None
    arm: int = 0


def observe(moment: HabitMoment, state: HabitState, reading: Reading, rearms_at: int | None) -> tuple[HabitState, bool]:
    """Whether the habit fires now that its meter has come to ``reading``.

    ``rearms_at``: the second of what `counting.habit_ends` says of this reading; None when the meter never falls.
    Re-arms once the meter was below the number for one whole window: a rolling one of its own length, or all of a day,
    week, month or billing period. As long as each window reaches it again, it is one habit and fires once.
    """
    if reading.value < moment.reaches:
        return state, False
    rearmed = state.rearms_at is not None and reading.at >= state.rearms_at
    fires = rearmed or not state.fired
    later = [known for known in (state.rearms_at, rearms_at) if known is not None]
    arm = state.arm + (state.fired and rearmed)
    return HabitState(fired=True, rearms_at=None if rearms_at is None else max(later), arm=arm), fires
