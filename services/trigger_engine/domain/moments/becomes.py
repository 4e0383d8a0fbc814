"""Something becomes true of an account that was known not to be."""

from msgspec import Struct


class BecomesState(Struct, frozen=True, array_like=True, tag="becomes"):
    """What the condition was when it was last known; None when it never was. ``arm`` counts the re-armings."""

    was: bool | None = None
    arm: int = 0


def observe(state: BecomesState, holds: bool | None) -> tuple[BecomesState, bool]:  # noqa: FBT001  - as conditions say it
    """Whether the moment fires, now that its condition ``holds``, does not, or is unknown (None).

    It fires from false to true. Unknown is neither and changes nothing; what is true when it is first known has not
    become so. Re-arms when the condition is false again.
    """
    if holds is None:
        return state, False
    arm = state.arm + (state.was is True and not holds)
    return BecomesState(holds, arm), state.was is False and holds
