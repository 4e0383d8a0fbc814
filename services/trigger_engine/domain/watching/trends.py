"""Moments that look at how what a meter counts moves over days and months: growth, forecast."""

from decimal import Decimal

from msgspec.structs import replace

from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.bounds import Bound
from services.trigger_engine.domain.instants import earliest
from services.trigger_engine.domain.meters.counting import Reading
from services.trigger_engine.domain.meters.reading import reading
from services.trigger_engine.domain.meters.spans import CALENDAR
from services.trigger_engine.domain.moments import forecast, growth
from services.trigger_engine.domain.moments.forecast import ForecastState, Outlook
from services.trigger_engine.domain.moments.growth import GrowthState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.parts import Part
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span
from services.trigger_engine.domain.playbook.moments import ForecastMoment, GrowthMoment
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.slices import Holder
from services.trigger_engine.domain.watching.counting import Counted
from services.trigger_engine.domain.watching.scene import Scene


def count(scene: Scene, counted: Counted, at: int) -> None:
    """Add what was counted at ``at`` to the totals of these moments; they keep their own, whatever the meter's span."""
    holder, by, trends = counted.holder, counted.by, counted.watched.trends
    if holder is None or not trends:
        return
    place, floor = scene.account.zone(), scene.clocks.floor
    for moment in trends:
        if isinstance(moment, GrowthMoment):
            grown = scene.state(holder, moment, GrowthState())
            is_full = growth.is_full(moment, grown, at, place, floor)
            scene.keep(holder, moment, growth.counted(moment, grown, at, Decimal(by), place, floor))
        else:
            soon = scene.state(holder, moment, ForecastState())
            is_full = forecast.is_full(soon, at, place, floor)
            scene.keep(holder, moment, forecast.counted(soon, at, Decimal(by), place, floor))
        if is_full:
            scene.reached(Bound.PERIODS_FORGOTTEN)


def due(rules: CompiledSet, account: AccountSlice, holder: Holder) -> int | None:
    """When these moments of ``holder`` next have a complete period to look back on; None when never."""
    place, times = account.zone(), []
    for moment in rules.every(GrowthMoment):
        state = holder.moments.get(moment.name)
        if isinstance(state, GrowthState):
            times.append(growth.due(moment, state, place))
    for soon in rules.every(ForecastMoment):
        state = holder.moments.get(soon.name)
        if isinstance(state, ForecastState):
            times.append(forecast.due(state, place))
    return earliest(times)


def fire(scene: Scene, part: Part | None, reached: int) -> list[Passed]:
    """What fires of the account, or of ``part`` of it, once time has reached this far."""
    fired, holder = [], scene.holder(part)
    for moment in scene.rules.every(GrowthMoment):
        if moment.name in holder.moments:
            fired.extend(_grown(scene, moment, part, reached))
    for soon in scene.rules.every(ForecastMoment):
        if soon.name in holder.moments:
            fired.extend(_forecast(scene, soon, reached))
    return fired


def _grown(scene: Scene, moment: GrowthMoment, part: Part | None, reached: int) -> list[Passed]:
    fired, holder = [], scene.holder(part)
    place, since = scene.account.zone(), _known_from(scene, moment)
    state = scene.state(holder, moment, GrowthState())
    while (at := growth.due(moment, state, place)) is not None and at <= reached:
        state, found = growth.timed(moment, state, reached, place, since)
        if found is not None:
            stands = Reading(found.last, found.at, found.period)
            fired.append(replace(Passed.of(moment, part, stands), percent=found.percent))
    scene.keep(holder, moment, state)
    return fired


def _forecast(scene: Scene, moment: ForecastMoment, reached: int) -> list[Passed]:
    fired, account = [], scene.account
    place, state = account.zone(), scene.state(account, moment, ForecastState())
    while (at := forecast.due(state, place)) is not None and at <= reached:
        outlook = _outlook(scene, moment, at)
        state, found = forecast.timed(moment, state, reached, place, outlook, scene.id)
        if found is not None:
            passed = Passed.of(moment, None, Reading(outlook.value, found.at), state.arm).up_to(outlook.limit)
            fired.append(replace(passed, date=found.day, confidence=found.confidence))
    scene.keep(account, moment, state)
    return fired


def _outlook(scene: Scene, moment: ForecastMoment, at: int) -> Outlook:
    """Where the meter stands; while that is unknown its limit is, too: it waits."""
    account, meter, since = scene.account, scene.rules.product.meters[moment.meter], _known_from(scene, moment)
    stands = reading(meter, account, at, scene.when)
    if stands is None or not scene.knows(meter, at):
        return Outlook(ZERO, None, None, since)
    return Outlook(stands.value, account.limit(meter.name, scene.rules.product), _resets_at(scene, meter, at), since)


def _resets_at(scene: Scene, meter: MeterDefinition, at: int) -> int | None:
    period = scene.account.period()
    if meter.span is Span.BILLING_PERIOD and period is not None:
        return period.ends
    return calendar.end_of(CALENDAR[meter.span], at, scene.account.zone()) if meter.span in CALENDAR else None


def _known_from(scene: Scene, moment: GrowthMoment | ForecastMoment) -> int:
    """Since when all that the moment adds up was seen: it was published, and the account had begun, or was heard of."""
    published, begun = scene.rules.since(moment.name), scene.began()
    return max(published, scene.account.first_seen or published if begun is None else begun)
