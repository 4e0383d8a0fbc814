"""Moments of a few lines each: milestone, habit, tenure, becomes, outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle import days
from oracle.moments import state as kept

if TYPE_CHECKING:
    from datetime import tzinfo
    from decimal import Decimal

    from oracle.language.moment import Habit, Outcome, Tenure
    from oracle.meters.counting import Reading

MAX_OFFERS: Final = 32


def milestone(before: kept.Milestone, reaches: Decimal | None, stood: Decimal, stands: Decimal) -> tuple[bool, bool]:
    """Whether it is passed now, and whether it fires: once for ever, and not while nobody knows the goal.

    What had been reached before anybody looked is old news, and passes in silence.
    """
    if before.passed or reaches is None or max(stood, stands) < reaches:
        return before.passed, False
    return True, stood < reaches


def habit(moment: Habit, before: kept.Habit, reading: Reading, rearms_at: int | None) -> tuple[kept.Habit, bool]:
    """Whether it fires. Armed again once the meter was below for one whole window; that ends ``rearms_at`` next."""
    if reading.value < moment.reaches:
        return before, False
    again = before.rearms_at is not None and reading.at >= before.rearms_at
    later = [at for at in (before.rearms_at, rearms_at) if at is not None]
    arm = before.arm + (before.fired and again)
    return kept.Habit(True, None if rearms_at is None else max(later), arm), again or not before.fired  # noqa: FBT003 - as it is stored


def tenure_due(moment: Tenure, state: kept.Tenure, since: int | None, clocks: tzinfo) -> int | None:
    """When the months are full."""
    if since is None or (state.over and state.since == since):
        return None
    return days.add_months(since, moment.months, clocks)


def tenure(
    moment: Tenure, state: kept.Tenure, since: int | None, reached: int, clocks: tzinfo, published: int
) -> tuple[kept.Tenure, int | None]:
    """The state once time has ``reached`` so far, and when the months were full, if that is news.

    What was full before the moment was published is not.
    """
    if since is None:
        return state, None
    if state.since != since:
        state = kept.Tenure(since, False, state.arm + state.over)  # noqa: FBT003 - as it is stored
    full = tenure_due(moment, state, since, clocks)
    if full is None or reached < full:
        return state, None
    return kept.Tenure(since, True, state.arm), full if full >= published else None  # noqa: FBT003 - as it is stored


def becomes(before: kept.Becomes, truth: bool | None) -> tuple[kept.Becomes, bool]:  # noqa: FBT001 - as conditions answer
    """Whether it fires: from false to true. Unknown changes nothing."""
    if truth is None:
        return before, False
    arm = before.arm + (before.was is True and not truth)
    return kept.Becomes(truth, arm, before.day, before.about), before.was is False and truth


class Judged(NamedTuple):
    """A change in the life of an offer, at ``at``; ``presented``: it had been seen by then."""

    offer: str
    offer_id: str
    change: str
    made_at: int
    at: int
    presented: bool


def outcome(moment: Outcome, before: kept.Outcome, judged: Judged) -> kept.Outcome | None:
    """The state when it fires, once for each offer; None when it does not."""
    ignored = judged.change == "expired" and judged.presented
    fits = ignored if moment.ending == "ignored" else moment.ending == judged.change
    in_time = moment.within is None or judged.at <= judged.made_at + moment.within
    if judged.offer != moment.offer or judged.offer_id in before.offers or not fits or not in_time:
        return None
    return kept.Outcome((*before.offers, judged.offer_id)[-MAX_OFFERS:], before.arm + 1)
