"""What an offer changed, against those held out, and what to do about it: keep, watch or stop. A rule, no judgement.

An offer is judged by what it earned and whom it drove away, never by clicks (S63, S67). A harm that is sure stops it; a
gain that is sure keeps it; anything else is watched, and says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.difference import ALPHA, Difference, difference
from services.metrics_sink.domain.statistics.sample_ratio import Split, is_broken


class Figure(StrEnum):
    """What is compared, of each account from its first decision on."""

    CONVERSION = "conversion"  # it bought something: a bigger plan, a product, more seats, a longer term
    REVENUE = "revenue"  # what it pays a month now, less what it paid then
    CHURN = "churn"  # it closed, or pays nothing any more
    TICKETS = "tickets"  # how many it opened


class Advice(StrEnum):
    """What to do about an offer this week."""

    KEEP = "keep"
    WATCH = "watch"
    STOP = "stop"


class Because(StrEnum):
    """Why; the first that is true, in this order."""

    NO_HOLDOUT = "no_holdout"  # nobody was held out, so nothing can be compared
    SPLIT_BROKEN = "split_broken"  # too many or too few were held out: the numbers are void
    CHURNS_MORE = "churns_more"
    EARNS_LESS = "earns_less"
    CONVERTS_LESS = "converts_less"
    EARNS_AND_TICKETS = "earns_and_tickets"  # earns more, and those asked open more tickets
    TICKETS_MORE = "tickets_more"
    EARNS_MORE = "earns_more"
    CHURNS_LESS = "churns_less"
    CONVERTS_MORE = "converts_more"  # what that earned is not known yet
    NOT_KNOWN_YET = "not_known_yet"


FIGURE_ALPHA: Final = ALPHA / len(Figure)
"""So that all figures of an offer together are ever wrong no more often than `ALPHA` says of one."""


@dataclass(frozen=True)
class Compared:
    """One figure of those treated and those held out, and the difference; None while it is not known yet."""

    treated: Arm
    held_out: Arm
    difference: Difference | None


@dataclass(frozen=True)
class Effect:
    """What an offer changed. With a broken split every difference is None."""

    figures: dict[Figure, Compared]
    advice: Advice
    because: Because


def effect(arms: Mapping[Figure, tuple[Arm, Arm]], splits: Iterable[Split]) -> Effect:
    """Of the figures of the treated and the held-out, who were held out as ``splits`` says."""
    kept = tuple(splits)
    broken = is_broken(kept)
    figures = {
        figure: Compared(treated, held, None if broken else difference(treated, held, alpha=FIGURE_ALPHA))
        for figure, (treated, held) in arms.items()
    }
    if broken:
        return Effect(figures, Advice.WATCH, Because.SPLIT_BROKEN)
    if not any(split.held_out for split in kept) and not any(split.share for split in kept):
        return Effect(figures, Advice.WATCH, Because.NO_HOLDOUT)
    because = _because(figures)
    return Effect(figures, _ADVICE.get(because, Advice.WATCH), because)


def _because(figures: dict[Figure, Compared]) -> Because:
    more = {figure for figure, one in figures.items() if one.difference and one.difference.surely_more}
    less = {figure for figure, one in figures.items() if one.difference and one.difference.surely_less}
    found = (
        (Figure.CHURN in more, Because.CHURNS_MORE),
        (Figure.REVENUE in less, Because.EARNS_LESS),
        (Figure.CONVERSION in less, Because.CONVERTS_LESS),
        ({Figure.REVENUE, Figure.TICKETS} <= more, Because.EARNS_AND_TICKETS),
        (Figure.TICKETS in more, Because.TICKETS_MORE),
        (Figure.REVENUE in more, Because.EARNS_MORE),
        (Figure.CHURN in less, Because.CHURNS_LESS),
        (Figure.CONVERSION in more, Because.CONVERTS_MORE),
    )
    return next((because for holds, because in found if holds), Because.NOT_KNOWN_YET)


_ADVICE: Final = {
    Because.CHURNS_MORE: Advice.STOP,
    Because.EARNS_LESS: Advice.STOP,
    Because.CONVERTS_LESS: Advice.STOP,
    Because.TICKETS_MORE: Advice.STOP,
    Because.EARNS_MORE: Advice.KEEP,
    Because.CHURNS_LESS: Advice.KEEP,
}
"""All else is watched."""
