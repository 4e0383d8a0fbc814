"""Something becomes true of an account that was known not to be."""

from msgspec import Struct


class BecomesState(Struct, frozen=True, array_like=True, tag="becomes"):
    """What the condition was when it was last known; None when it never was. ``arm`` counts the re-armings.

    ``day``: days since 1970, the newest at whose begin it was looked at; ``about``: what tells its text from others.
    """

    was: bool | None = None
    arm: int = 0
    day: int | None = None
    about: int | None = None

    def of(self, about: int) -> "BecomesState":
        """The state of a condition of this text: nothing is known of it when it was another's."""
        return self if self.about == about else BecomesState(None, self.arm, None, about)


def observe(state: BecomesState, holds: bool | None) -> tuple[BecomesState, bool]:  # noqa: FBT001  - as conditions say it
    """Whether the moment fires, now that its condition ``holds``, does not, or is unknown (None).

    It fires from false to true. Unknown is neither and changes nothing; what is true when it is first known has not
    become so. Re-arms when the condition is false again.
    """
    if holds is None:
        return state, False
    arm = state.arm + (state.was is True and not holds)
    return BecomesState(holds, arm, state.day, state.about), state.was is False and holds
