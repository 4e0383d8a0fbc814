"""The states of an offer, as a front end is told them."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an offer is in its life. Part of the HTTP contract: add, never rename."""

    OPEN = "open"  # may be shown, and nobody has seen it since
    PRESENTED = "presented"
    CLICKED = "clicked"
    SNOOZED = "snoozed"  # hidden for a while
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    REVOKED = "revoked"


OVER: Final = frozenset({State.ACCEPTED, State.DISMISSED, State.EXPIRED, State.REVOKED})
"""States that an offer never leaves."""

PROGRESS: Final = {State.OPEN: 0, State.PRESENTED: 1, State.CLICKED: 2}
"""How far somebody has come with an open offer; it only rises."""
