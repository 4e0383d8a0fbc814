"""When unreadable records are no accident any more."""

from collections.abc import Iterable
from typing import Final

MAX_STREAK: Final = 100
"""Unreadable records in a row that stop the sink: a producer is broken, or we are; setting all aside helps nobody."""


def streak_after(streak: int, readable: Iterable[bool]) -> tuple[int, bool]:
    """How many records in a row could not be read after these, and whether it was too many at any point."""
    too_many = False
    for one in readable:
        streak = 0 if one else streak + 1
        too_many = too_many or streak >= MAX_STREAK
    return streak, too_many
