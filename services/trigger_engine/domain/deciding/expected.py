"""What is to be held of a meter: what it stands at, and what it will come to where a forecast watches it."""

from decimal import Decimal

from services.trigger_engine.domain.calendar import DAY_US, day_of
from services.trigger_engine.domain.deciding.standings import standing
from services.trigger_engine.domain.moments.forecast import LEAST_DAYS, PAST_DAYS, ForecastState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import ZERO, added, times
from services.trigger_engine.domain.playbook.moments import ForecastMoment
from services.trigger_engine.domain.playbook.money import MILLIONTHS, ROUNDED
from services.trigger_engine.domain.playbook.product import Span
from services.trigger_engine.domain.situation import Situation

MILLIONTH = Decimal(1).scaleb(-MILLIONTHS)


def expected(meter: str, passed: Passed, situation: Situation) -> Decimal | None:
    """What a plan, or seats, would have to hold of ``meter``; None when what it stands at is not known.

    Beside what it stands at, and where a forecast moment of the set watches it: what the days that the forecast looks
    ahead would add, at the average pace of the last 28 complete days on which it was counted, 7 at least. Of a billing
    period, no more days than are left of it. A meter that rolls, or begins anew each day, week or month, adds nothing.
    """
    stands = standing(situation.rules.product.meters[meter], passed, situation)
    if stands is None:
        return None
    watching = [
        moment
        for moment in situation.rules.moments.values()
        if isinstance(moment, ForecastMoment) and moment.meter == meter
    ]
    return max((added(stands, _more(moment, situation)) for moment in watching), default=stands)


def _more(moment: ForecastMoment, situation: Situation) -> Decimal:
    """What the days ahead would add, to a millionth, half to even; never less than nothing."""
    state, ahead = situation.account.moments.get(moment.name), _days_ahead(moment, situation)
    today = day_of(situation.now, situation.account.zone())
    totals = state.totals if isinstance(state, ForecastState) else {}
    first = max(today - PAST_DAYS, min(totals, default=today))
    days = today - first
    if days < LEAST_DAYS or ahead <= 0:
        return ZERO
    total = sum((amount for day, amount in totals.items() if first <= day < today), ZERO)
    more = ROUNDED.divide(times(total, Decimal(ahead)), Decimal(days)).quantize(MILLIONTH, context=ROUNDED)
    return max(more, ZERO)


def _days_ahead(moment: ForecastMoment, situation: Situation) -> int:
    match situation.rules.product.meters[moment.meter].span:
        case Span.EVER:
            return moment.within_days
        case Span.BILLING_PERIOD:
            period = situation.account.period()
            left = 0 if period is None else (period.ends - situation.now) // DAY_US
            return min(moment.within_days, left)
        case _:
            return 0
