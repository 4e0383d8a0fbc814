"""Growth and forecasts: they keep totals of their own, and look back once a period, or a day, is complete."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oracle import days
from oracle.detecting.fired import Fired, fired_of
from oracle.language import moment as kinds
from oracle.language.meter import BILLING_PERIOD, CALENDAR
from oracle.meters.counting import Reading
from oracle.moments import state as kept
from oracle.moments import trends
from oracle.numbers import ZERO

if TYPE_CHECKING:
    from oracle.detecting.scene import Scene
    from oracle.detecting.usage import Moved
    from oracle.ids import Part
    from oracle.language.meter import Meter
    from oracle.state import Slice


def add(scene: Scene, moved: Moved, at: int) -> None:
    """Add what a meter counted to the totals of those that look at it, whatever its span."""
    clocks, floor, by = scene.account.clocks(), scene.floor, Decimal(moved.by)
    for moment in moved.trends:
        if isinstance(moment, kinds.Growth):
            grown = scene.state(moved.holder, moment, kept.Growth())
            scene.keep(moved.holder, moment, trends.grew(moment, grown, at, by, clocks, floor))
        else:
            soon = scene.state(moved.holder, moment, kept.Forecast())
            scene.keep(moved.holder, moment, trends.foresaw(soon, at, by, clocks, floor))


def due(scene: Scene, holder: Slice) -> list[int]:
    """When the next period, or day, is complete."""
    clocks, times = scene.account.clocks(), []
    for moment in scene.rules.every(kinds.Growth):
        state = holder.moments.get(moment.name)
        if isinstance(state, kept.Growth):
            times.append(trends.growth_due(moment, state, clocks))
    for soon in scene.rules.every(kinds.Forecast):
        state = holder.moments.get(soon.name)
        if isinstance(state, kept.Forecast):
            times.append(trends.forecast_due(state, clocks))
    return [time for time in times if time is not None]


def fire(scene: Scene, part: Part | None, reached: int) -> list[Fired]:
    """What is seen looking back, once time has reached this far."""
    fired, holder = [], scene.holder(part)
    for moment in scene.rules.every(kinds.Growth):
        if moment.name in holder.moments:
            fired.extend(_growth(scene, moment, part, reached))
    for soon in scene.rules.every(kinds.Forecast):
        if soon.name in holder.moments:
            fired.extend(_forecast(scene, soon, reached))
    return fired


def _growth(scene: Scene, moment: kinds.Growth, part: Part | None, reached: int) -> list[Fired]:
    fired, holder, clocks = [], scene.holder(part), scene.account.clocks()
    state = scene.state(holder, moment, kept.Growth())
    while (at := trends.growth_due(moment, state, clocks)) is not None and at <= reached:
        state, found = trends.growth(moment, state, reached, clocks, _known_from(scene, moment))
        if found is not None:
            stands = Reading(found.last, found.at, found.period)
            fired.append(fired_of(moment, part, stands)._replace(percent=found.percent))
    scene.keep(holder, moment, state)
    return fired


def _forecast(scene: Scene, moment: kinds.Forecast, reached: int) -> list[Fired]:
    fired, account, clocks = [], scene.account, scene.account.clocks()
    state = scene.state(account, moment, kept.Forecast())
    while (at := trends.forecast_due(state, clocks)) is not None and at <= reached:
        outlook = _outlook(scene, moment, at)
        state, found = trends.forecast(moment, state, reached, clocks, outlook, scene.id)
        if found is not None:
            stands = Fired(moment, found.at, None, outlook.value, outlook.limit, arm=state.arm)
            fired.append(stands._replace(date=found.day, confidence=found.confidence))
    scene.keep(account, moment, state)
    return fired


def _outlook(scene: Scene, moment: kinds.Forecast, at: int) -> trends.Outlook:
    """Where the meter stands; nothing is foreseen while that is not known."""
    meter, known_from = scene.rules.meters[moment.meter], _known_from(scene, moment)
    stands = scene.reading(meter, scene.account, at)
    if stands is None or not scene.knows(meter, at):
        return trends.Outlook(ZERO, None, None, known_from)
    limit = scene.account.limit(meter.name, scene.rules.product)
    return trends.Outlook(stands.value, limit, _ends(scene, meter, at), known_from)


def _ends(scene: Scene, meter: Meter, at: int) -> int | None:
    """When the meter begins anew."""
    period = scene.account.period()
    if meter.span == BILLING_PERIOD:
        return None if period is None else period.ends
    return days.end_of(meter.span, at, scene.account.clocks()) if meter.span in CALENDAR else None


def _known_from(scene: Scene, moment: kinds.Growth | kinds.Forecast) -> int:
    """Since when all was seen that it adds up: it was published, and the account had begun, or was heard of."""
    published, began = scene.since(moment.name), scene.began
    if began is None:
        began = scene.account.first_seen or published
    return max(published, began)
