"""What meters stand at, as far as an offer may know."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oracle import days
from oracle.ids import Part
from oracle.language.meter import BILLING_PERIOD, EVER
from oracle.language.moment import Forecast
from oracle.moments import state as kept
from oracle.moments.trends import LEAST_DAYS, PAST_DAYS
from oracle.numbers import MILLIONTH, MONEY, ZERO, plus, times
from oracle.times import DAY

if TYPE_CHECKING:
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.meter import Meter


def standing(meter: Meter, fired: Fired, scene: Scene) -> Decimal | None:
    """What it stands at; None when it is of nobody that the moment is about, or not known."""
    part = None
    if meter.by is not None:
        name = fired.user if meter.by_user else fired.group
        if name is None:
            return None
        part = Part(name, None if meter.by_user else meter.by)
    found = scene.stands(meter, scene.holder(part))
    return None if found is None else found.value


def expected(meter: str, fired: Fired, scene: Scene) -> Decimal | None:
    """What is to be held of it: what it stands at, and what is to come where a forecast watches it."""
    stands = standing(scene.rules.meters[meter], fired, scene)
    if stands is None:
        return None
    watching = [moment for moment in scene.rules.every(Forecast) if moment.meter == meter]
    return max((plus(stands, _to_come(moment, scene)) for moment in watching), default=stands)


def _to_come(moment: Forecast, scene: Scene) -> Decimal:
    """As much each day ahead as on average on the complete days since it was counted, 28 at most and 7 at least."""
    state, today = scene.account.moments.get(moment.name), days.day_of(scene.now, scene.account.clocks())
    totals = state.totals if isinstance(state, kept.Forecast) else {}
    first = max(today - PAST_DAYS, min(totals, default=today))
    ahead, past = _days_ahead(moment, scene), today - first
    if past < LEAST_DAYS or ahead <= 0:
        return ZERO
    total = ZERO
    for day, amount in totals.items():
        total = plus(total, amount) if first <= day < today else total
    more = MONEY.divide(times(total, Decimal(ahead)), Decimal(past)).quantize(MILLIONTH, context=MONEY)
    return max(more, ZERO)


def _days_ahead(moment: Forecast, scene: Scene) -> int:
    """How far it looks: no further than the billing period goes; not at all where use begins anew, or rolls on."""
    span, period = scene.rules.meters[moment.meter].span, scene.account.period()
    if span == EVER:
        return moment.days
    if span != BILLING_PERIOD or period is None:
        return 0
    return min(moment.days, (period.ends - scene.now) // DAY)
