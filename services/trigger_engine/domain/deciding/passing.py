"""What ends each reason: a moment that is withheld for one that passes is held, and decided again once it has."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from schemas.decisions import Reason


class Ends(Enum):
    """What makes a reason pass."""

    NEVER = "never"  # the moment is done with
    IN_TIME = "in_time"  # at a time that is known, or with facts, responses and offers that end
    WITH_USE = "with_use"  # the same, or when a meter that it waits for is counted


ENDS: Final[Mapping[Reason, Ends]] = {
    Reason.NO_OFFER: Ends.NEVER,
    Reason.PAUSED: Ends.NEVER,
    Reason.STALE: Ends.NEVER,
    Reason.PERIOD_OVER: Ends.NEVER,
    Reason.NOT_BEGUN: Ends.IN_TIME,
    Reason.RUN_OVER: Ends.NEVER,
    Reason.NOT_FOR: Ends.NEVER,
    Reason.UNKNOWN: Ends.IN_TIME,
    Reason.OWNED: Ends.NEVER,
    Reason.TOP_RUNG: Ends.NEVER,
    Reason.NOT_ADJACENT: Ends.NEVER,
    Reason.NOT_ON_LADDER: Ends.NEVER,
    Reason.LIFTS_NOTHING: Ends.NEVER,
    Reason.TOO_STEEP: Ends.NEVER,
    Reason.NOT_IN_USE: Ends.NEVER,
    Reason.NOTHING_FITS: Ends.NEVER,
    Reason.TOO_LITTLE_NEW: Ends.NEVER,
    Reason.ONBOARDING: Ends.WITH_USE,
    Reason.OPEN_TICKET: Ends.IN_TIME,
    Reason.PAYMENT_FAILED: Ends.IN_TIME,
    Reason.CANCELLING: Ends.IN_TIME,
    Reason.RENEWAL_WEEK: Ends.IN_TIME,
    Reason.QUIET: Ends.WITH_USE,
    Reason.NOT_BEFORE: Ends.WITH_USE,
    Reason.DISENGAGED: Ends.NEVER,
    Reason.DISMISSED: Ends.NEVER,
    Reason.BACK_OFF: Ends.IN_TIME,
    Reason.CAPPED: Ends.IN_TIME,
    Reason.TASK_OPEN: Ends.IN_TIME,
    Reason.PLACEMENT_TAKEN: Ends.IN_TIME,
    Reason.OUTSCORED: Ends.NEVER,
    Reason.IN_BUNDLE: Ends.NEVER,
    Reason.HELD_OUT: Ends.NEVER,
}


def passes(reason: Reason) -> bool:
    """Whether the reason passes, so that its moment is held."""
    return ENDS[reason] is not Ends.NEVER
