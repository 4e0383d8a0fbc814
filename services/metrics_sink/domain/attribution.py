"""Which offer a conversion is credited to."""

from dataclasses import dataclass
from enum import StrEnum


class Touch(StrEnum):
    """What a customer must have done with an offer, at least, for it to be touched."""

    PRESENTED = "presented"
    CLICKED = "clicked"
    ACCEPTED = "accepted"


class Rule(StrEnum):
    """Which of the offers that were touched within the window is given the credit."""

    LAST = "last"  # the one touched last
    LAST_THAT_PROPOSED = "last_that_proposed"  # of those that proposed what was bought, the one touched last


@dataclass(frozen=True)
class Attribution:
    """Each conversion is credited to one offer at most: that which the rule finds, touched ``window_days`` before."""

    window_days: int = 30
    touch: Touch = Touch.PRESENTED
    rule: Rule = Rule.LAST
