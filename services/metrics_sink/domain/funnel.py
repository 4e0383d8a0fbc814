"""The funnel of all offers together, as gauges show it."""

from enum import StrEnum


class FunnelStage(StrEnum):
    """What offers reached; each offer counts once in each. Columns of the view ``offer_funnel``."""

    MADE = "made"
    PRESENTED = "presented"
    CLICKED = "clicked"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    HELD_OUT = "held_out"
