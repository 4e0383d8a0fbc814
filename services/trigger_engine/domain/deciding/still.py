"""Whether a moment that fired earlier still stands: some kinds stay true of the account, others are only fresh."""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.deciding.periods import is_over
from services.trigger_engine.domain.moments.absence import AbsenceState
from services.trigger_engine.domain.moments.becomes import BecomesState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.moments.tenure import TenureState
from services.trigger_engine.domain.numbers import times
from services.trigger_engine.domain.playbook.moments import (
    AbsenceMoment,
    AnyMoment,
    AttemptMoment,
    BecomesMoment,
    ForecastMoment,
    GrowthMoment,
    HabitMoment,
    LimitMoment,
    TenureMoment,
)
from services.trigger_engine.domain.profile import since_of
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import standing
from services.trigger_engine.domain.values import values_of

STAYS_TRUE: Final = (
    LimitMoment, AttemptMoment, HabitMoment, GrowthMoment, TenureMoment, ForecastMoment, BecomesMoment,
)  # fmt: skip
"""What is true of the account for a while. All other kinds are something that happened: news while it is fresh."""

AT_LIMIT: Final = Decimal(1)
"""The step of an attempt."""


def stays_true(moment: AnyMoment) -> bool:
    """Whether the moment is true for a while, so that its age does not matter."""
    return isinstance(moment, STAYS_TRUE)


def still(passed: Passed, situation: Situation) -> Passed | None:  # noqa: C901, PLR0911 - one branch a kind
    """The moment with the numbers of now, if it is still true, or fresh; None when it is not."""
    if is_over(passed.moment, passed.period, situation):
        return None
    match passed.moment:
        case LimitMoment(meter=meter):
            return _at_step(passed, meter, passed.step, situation)
        case AttemptMoment(of=meter):
            return _at_step(passed, meter, AT_LIMIT, situation)
        case HabitMoment() as habit:
            value = _standing(passed, habit, situation)
            return replace(passed, value=value) if value is not None and value >= habit.reaches else None
        case GrowthMoment() as growth:
            return passed if _newest_complete(growth, passed, situation) else None
        case TenureMoment() as tenure:
            return passed if _same_since(tenure, situation) else None
        case ForecastMoment() as forecast:
            return passed if _still_ahead(forecast, passed, situation) else None
        case BecomesMoment():
            state = situation.account.moments.get(passed.moment.name)
            return passed if isinstance(state, BecomesState) and state.was is True else None
        case moment:
            undone = isinstance(moment, AbsenceMoment) and answered(moment, passed, situation)
            return passed if not undone and situation.now - passed.at <= moment.stale_after_us else None


def _at_step(passed: Passed, meter: str, step: Decimal | None, situation: Situation) -> Passed | None:
    """At or above the step of the limit that there is now, which may be another than it was."""
    value = values_of(situation).get(f"meters.{meter}")
    limit = situation.account.limit(meter, situation.rules.product)
    if not isinstance(value, Decimal) or not isinstance(limit, Decimal) or step is None:
        return None
    return replace(passed, value=value, limit=limit) if value >= times(step, limit) else None


def _standing(passed: Passed, habit: HabitMoment, situation: Situation) -> Decimal | None:
    """What the meter of a habit stands at, for whom it fired."""
    meter = situation.rules.product.meters[habit.meter]
    holder = situation.part_of(passed.user, meter.by, passed.group)
    found = None if holder is None else standing(meter, holder, situation)
    return None if found is None else found.value


def _newest_complete(growth: GrowthMoment, passed: Passed, situation: Situation) -> bool:
    """Growth is of the last complete period, until the next one is complete."""
    if passed.period is None:
        return False
    after_next = calendar.moved(growth.of, passed.period, 2)
    return situation.now < calendar.start_of_day(after_next, situation.account.zone())


def _same_since(tenure: TenureMoment, situation: Situation) -> bool:
    state = situation.account.moments.get(tenure.name)
    return isinstance(state, TenureState) and state.over and state.since == since_of(tenure.since, situation)


def _still_ahead(forecast: ForecastMoment, passed: Passed, situation: Situation) -> bool:
    """The day foretold has yet to end, and the limit to be reached."""
    if passed.date is None or calendar.day_of(situation.now, situation.account.zone()) > passed.date:
        return False
    value = values_of(situation).get(f"meters.{forecast.meter}")
    limit = situation.account.limit(forecast.meter, situation.rules.product)
    return isinstance(value, Decimal) and isinstance(limit, Decimal) and value < limit


def answered(absence: AbsenceMoment, passed: Passed, situation: Situation) -> bool:
    """What was missing came in time after all, and was only late to arrive."""
    state = situation.account.moments.get(absence.name)
    times_of = state.answered if isinstance(state, AbsenceState) else ()
    return any(passed.at - absence.within_us <= at <= passed.at for at in times_of)
