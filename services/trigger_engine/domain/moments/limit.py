"""A limit being reached: the account's usage passes a share of what its plan allows."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.numbers import times
from services.trigger_engine.domain.playbook.moments import LimitMoment
from services.trigger_engine.domain.playbook.product import LimitValue

REARM_BELOW: Final = Decimal("0.1")
"""Ten points under the lowest step: far enough that teetering at a limit is not news again and again."""

FULL: Final = Decimal(1)


class LimitState(Struct, frozen=True, array_like=True, tag="limit"):
    """Highest step passed, and the limit, plan and period as they were when it was looked at last.

    Of an account that has passed nothing all these are None: it is as if it had never been looked at. ``arm`` counts
    the re-armings.
    """

    passed: Decimal | None = None
    limit: Decimal | None = None
    plan: str | None = None
    period: int | None = None
    arm: int = 0


NOTHING_PASSED: Final = LimitState()
"""Not kept: most accounts are below most limits."""


class LimitReading(Struct, frozen=True):
    """Where the meter stands against the limit, after something moved one of them."""

    value: Decimal
    limit: LimitValue | None
    plan: str | None
    period: int | None


def observe(moment: LimitMoment, state: LimitState, reading: LimitReading) -> tuple[LimitState, Decimal | None]:
    """The step that fires, if any: the highest that this reading passes and that was not passed before.

    A step s is passed when s x limit <= value, so it fires at the limit and not one past it. When one change passes
    several, the highest fires and the lower ones are superseded. Teetering at a step fires once.

    Re-arms when the plan changes, when the period changes, and (a meter of ever) when the value falls more than ten
    points below the lowest step; any meter also where ``again_after`` says below which share. A raised limit passes the
    steps below the value silently, except that 100 % fires; a lowered limit, or one that was unknown until now, fires
    the highest step passed. An unknown limit passes nothing: it means "wait", not zero; so does one without end.
    """
    limit = reading.limit
    if not isinstance(limit, Decimal):
        return LimitState(arm=state.arm + (state.passed is not None)), None
    highest = _highest(moment, reading.value, limit)
    if highest is None and state is NOTHING_PASSED:  # as of most accounts, most of the time
        return state, None
    arm, passed = _armed(moment, state, reading, limit)
    fires = highest if highest is not None and (passed is None or highest > passed) else None
    if fires is not None and _raised(state.limit, limit) and fires < FULL:
        passed, fires = fires, None
    passed = fires if fires is not None else passed
    if passed is None:
        return LimitState(arm=arm), None
    return LimitState(passed, limit, reading.plan, reading.period, arm), fires


def _armed(moment: LimitMoment, state: LimitState, reading: LimitReading, limit: Decimal) -> tuple[int, Decimal | None]:
    """Arm number and highest step passed in it, after what re-arms."""
    if state.passed is None:
        return state.arm, None
    moved_on = state.plan != reading.plan or state.period != reading.period
    mark = rearms_below(moment, limit, reading.period)
    fell = mark is not None and reading.value < mark
    return (state.arm + 1, None) if moved_on or fell else (state.arm, state.passed)


def rearms_below(moment: LimitMoment, limit: Decimal, period: int | None) -> Decimal | None:
    """The value under which the moment re-arms, of a meter of ever (``period`` None) or within a period.

    None when no fall does so: within a period only one does of which the operator said it.
    """
    again = None if moment.again_after.below is None else times(limit, moment.again_after.below)
    if period is not None:
        return again
    usual = times(limit, moment.steps[0] - REARM_BELOW)
    return usual if again is None else max(usual, again)


def _highest(moment: LimitMoment, value: Decimal, limit: Decimal) -> Decimal | None:
    if value <= 0:  # with a limit of 0 every step would be passed by doing nothing
        return None
    highest = None
    for step in moment.steps:
        if times(step, limit) > value:
            break
        highest = step
    return highest


def _raised(before: Decimal | None, now: Decimal) -> bool:
    return before is not None and before < now
