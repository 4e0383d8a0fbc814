"""The calendar in an account's zone: where days, weeks and months begin, and how months are added."""

from enum import StrEnum


class Unit(StrEnum):
    """A period of the calendar. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
