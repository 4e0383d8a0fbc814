"""When an offer that has a guard (`stop_if`) is stopped: when it is certain that it broke it, and not before."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.difference import difference
from services.metrics_sink.domain.statistics.sample_ratio import Split, is_broken
from services.metrics_sink.domain.statistics.share import share_between

ALPHA: Final = 0.01
"""How often an offer that keeps within its guard is ever stopped: a stop takes offers back, so it must be certain."""

FIGURE_ALPHA: Final = ALPHA / 2
"""Of each of the two figures, so that both together are wrong no more often."""

HUNDRED: Final = 100
TENTH: Final = Decimal("0.1")


@dataclass(frozen=True)
class Guard:
    """As written: the offer is judged once ``after`` accounts have seen it.

    ``dismissed`` is the share of these that may say no; ``tickets`` how many more there may be than among those held
    out, as a share of theirs.
    """

    after: int
    dismissed: Decimal | None = None
    tickets: Decimal | None = None


@dataclass(frozen=True)
class Reaction:
    """What accounts did: how many have ``seen`` it and ``dismissed`` it; tickets of all, and how they were split."""

    seen: int
    dismissed: int
    tickets: tuple[Arm, Arm]
    split: Split


def broken(guard: Guard, reaction: Reaction) -> str | None:
    """Why the offer is to be stopped, for whoever asks; None while that is not certain."""
    if reaction.seen < guard.after:
        return None
    return _by_dismissals(guard, reaction) or _by_tickets(guard, reaction)


def _by_dismissals(guard: Guard, reaction: Reaction) -> str | None:
    if guard.dismissed is None:
        return None
    least, _ = share_between(reaction.dismissed, reaction.seen, FIGURE_ALPHA)
    if least <= guard.dismissed:
        return None
    return (
        f"stop_if: dismissed by {reaction.dismissed} of {reaction.seen} accounts that saw it, "
        f"for certain more than {_percent(guard.dismissed)}"
    )


def _by_tickets(guard: Guard, reaction: Reaction) -> str | None:
    if guard.tickets is None or is_broken([reaction.split]):
        return None
    treated, held_out = reaction.tickets
    found = difference(treated, held_out, times=1 + guard.tickets, alpha=FIGURE_ALPHA)
    if found is None or not found.surely_more:
        return None
    return (
        f"stop_if: {treated.total} tickets of {treated.accounts} accounts, against {held_out.total} of "
        f"{held_out.accounts} held out, for certain more than +{_percent(guard.tickets)}"
    )


def _percent(share: Decimal) -> str:
    return f"{(share * HUNDRED).normalize():f}%"
