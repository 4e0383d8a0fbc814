"""The bounds of what is kept of an account at which something is lost: told by the core, counted by the shell.

What a bound loses is defined where the list is added to; `docs/language/bounds.md` says it to operators.
"""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from services.trigger_engine.domain.packing import ENCODER


class Bound(StrEnum):
    """What became of it when there was more than is kept; each is told once for each time that it did."""

    WINDOW_ROUNDED = "window_rounded"  # a rolling number: its times are rounded to a coarser grid
    VALUES_ESTIMATED = "values_estimated"  # values told apart: how many there are is an estimate from here on
    WINDOW_CLOSED = "window_closed"  # a day, week, month or period: closed while events may still come for it
    DAYS_MERGED = "days_merged"  # days of more than 11 years: the oldest are only a number
    TIMES_DROPPED = "times_dropped"  # of a sequence, an absence, an ordered onboarding: one in the thick of others
    PERIODS_FORGOTTEN = "periods_forgotten"  # of a limit by day, week or month, of growth or a forecast: the oldest
    MOMENT_GIVEN_UP = "moment_given_up"  # of those held: the one held longest
    FAMILY_REOPENED = "family_reopened"  # of those that a no has closed: the one closed first
    OFFER_UNCOUNTED = "offer_uncounted"  # of those that a cap may count: the oldest
    VIEWER_FORGOTTEN = "viewer_forgotten"  # of those who saw an offer to the whole account: the newest
    COOL_DOWN_FORGOTTEN = "cool_down_forgotten"  # of quiet segments that were left: the one left first
    TICKET_FORGOTTEN = "ticket_forgotten"  # the one closed longest ago, else the one opened first
    FORMER_FORGOTTEN = "former_forgotten"  # of meters and moments of former sets: the first
    SEGMENTS_LEFT_OUT = "segments_left_out"  # of those that outcomes of an offer tell: the last


def stored(kept: object) -> int:
    """How many bytes of a slice it takes."""
    return len(ENCODER.encode(kept))


def too_many(kept: Sequence[object], most: int, least: int = 1) -> int:
    """How many of ``kept``, the first ones, have to go so that the rest takes ``most`` bytes; ``least`` always stay."""
    gone = 0
    while len(kept) - gone > least and stored(kept[gone:]) > most:
        gone += 1
    return gone


Reached = Counter[Bound]
"""How often each was reached, since somebody emptied it."""
