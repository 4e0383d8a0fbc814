"""Limits and attempts: how near an account is to what its plan allows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from oracle.moments import state as kept
from oracle.numbers import times
from oracle.times import DAY

if TYPE_CHECKING:
    from oracle.language.moment import Limit

TEN_POINTS: Final = Decimal("0.1")
FULL: Final = Decimal(1)


class Standing(NamedTuple):
    """Where a meter stands, of which period; its limit (None: unknown, text: there is none), and the plan."""

    value: Decimal
    limit: Decimal | str | None
    plan: str | None
    period: int | None


def limit(moment: Limit, before: kept.Limit, now: Standing) -> tuple[kept.Limit, Decimal | None]:
    """The step that fires: the highest of those reached, when none as high was passed since the moment was armed."""
    value, allowed, plan, period = now
    if allowed is None or isinstance(allowed, str):  # unknown, or unlimited
        return kept.Limit(arm=before.arm + 1 if before.passed is not None else before.arm), None
    arm, passed = before.arm, before.passed
    if passed is not None and (before.plan != plan or before.period != period or _fell(moment, value, allowed, period)):
        arm, passed = arm + 1, None
    reached = _reached(moment, value, allowed)
    fires = reached if reached is not None and (passed is None or reached > passed) else None
    if fires is not None:
        passed = fires
        raised = before.limit is not None and before.limit < allowed
        if raised and fires < FULL:  # a raised limit passes what is below the value in silence
            fires = None
    if passed is None:
        return kept.Limit(arm=arm), None
    return kept.Limit(passed, allowed, plan, period, arm), fires


def _fell(moment: Limit, value: Decimal, allowed: Decimal, period: int | None) -> bool:
    """Whether use fell so far that it may come back: a meter of ever by itself, any meter where that is said."""
    by_itself = period is None and value < times(allowed, moment.steps[0] - TEN_POINTS)
    return by_itself or (moment.below is not None and value < times(allowed, moment.below))


def _reached(moment: Limit, value: Decimal, allowed: Decimal) -> Decimal | None:
    """The highest step that ``value`` has reached; steps are written in ascending order."""
    reached = None
    for step in moment.steps:
        if value <= 0 or times(step, allowed) > value:
            break
        reached = step
    return reached


def by_period(
    moment: Limit, before: kept.Limits, now: Standing, first: int | None
) -> tuple[kept.Limits, Decimal | None]:
    """The same for a meter of days, weeks or months, each of which has its own steps; none comes before ``first``."""
    if now.period is None:
        return before, None
    after, step = limit(moment, before.periods.get(now.period, kept.Limit()), now)
    held = {**before.periods, now.period: after}
    names = sorted(name for name in held if first is None or name >= first or name == now.period)[-moment.kept :]
    return kept.Limits({name: held[name] for name in names}), step


def attempt(before: kept.Attempt, at: int, value: Decimal, allowed: Decimal | str | None) -> kept.Attempt | None:
    """The state when an attempt fires, None when it does not: at the limit, once a day."""
    at_limit = isinstance(allowed, Decimal) and value >= allowed
    if not at_limit or (before.at is not None and at < before.at + DAY):
        return None
    return kept.Attempt(at, before.arm + (before.at is not None))
