"""Stage 1, first part: is the offer made these days, at this moment, to this account? And is the moment still so?"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from oracle import days
from oracle.deciding import asking
from oracle.deciding.candidate import Withheld
from oracle.deciding.values import Values
from oracle.ids import Part
from oracle.language import moment as kinds
from oracle.language.meter import BILLING_PERIOD, CALENDAR
from oracle.moments import state as kept
from oracle.numbers import ONE, times
from oracle.times import DAY

if TYPE_CHECKING:
    from oracle.deciding.candidate import Candidate
    from oracle.detecting.fired import Fired
    from oracle.detecting.scene import Scene
    from oracle.language.moment import Moment
    from oracle.language.offer import Offer

STAYS: Final = ("limit", "attempt", "habit", "growth", "tenure", "forecast", "becomes")
"""Kinds that are true of an account for a while; the others are something that happened: news while it is fresh."""

OF_A_PERIOD: Final = (kinds.Limit, kinds.Attempt, kinds.Milestone, kinds.Habit)


def meant(candidate: Candidate, scene: Scene) -> Withheld | None:
    """Why the offer is none for this moment or this account."""
    offer, fired = candidate.offer, candidate.fired
    if offer.name in scene.rules.paused:
        return Withheld("paused")
    waited = candidate.attempt > 1 and fired.moment.kind in STAYS
    if not waited and scene.now - fired.at > fired.moment.stale_after:
        return Withheld("stale")
    if is_over(fired.moment, fired.period, scene):
        return Withheld("period_over")
    return _not_running(offer, scene) or _not_for(offer, fired, scene)


def over_at(offer: Offer, scene: Scene) -> int | None:
    """When the days are over on which it is made."""
    until = offer.runs[1]
    return None if until is None else days.start_of_day(until, scene.account.clocks())


def _not_running(offer: Offer, scene: Scene) -> Withheld | None:
    first, until = offer.runs
    begins, ends = None if first is None else days.start_of_day(first, scene.account.clocks()), over_at(offer, scene)
    if first is not None and begins is not None and scene.now < begins:
        return Withheld("not_begun", f"from {days.told_day(first)}", until=begins)
    if until is not None and ends is not None and scene.now >= ends:
        return Withheld("run_over", f"until {days.told_day(until)}")
    return None


def _not_for(offer: Offer, fired: Fired, scene: Scene) -> Withheld | None:
    if offer.who is None:
        return None
    values = Values(scene, fired.user)
    verdict = values.judge(offer.who)
    if verdict.holds:
        return None
    if verdict.truth is None:
        return asking.unknown(offer.who.text, verdict, values, scene)
    return Withheld("not_for", offer.who.text)


# --- periods ----------------------------------------------------------------------------------------


def ends_at(moment: Moment, period: int | None, scene: Scene) -> int | None:
    """When the period ends that the moment fired in: as announced, or when another one begins."""
    meter = scene.rules.meters.get(moment.meter) if isinstance(moment, OF_A_PERIOD) else None
    if meter is None or period is None:
        return None
    if meter.span in CALENDAR:
        return days.start_of_day(days.moved(meter.span, period // DAY, 1), scene.account.clocks())
    known = scene.account.period()
    if meter.span != BILLING_PERIOD or known is None or known.starts < period:
        return None
    return known.ends if known.starts == period else known.starts


def is_over(moment: Moment, period: int | None, scene: Scene) -> bool:
    """Whether that period is over."""
    ends = ends_at(moment, period, scene)
    return ends is not None and ends <= scene.now


# --- is it still so? --------------------------------------------------------------------------------


def still(fired: Fired, scene: Scene) -> Fired | None:
    """A moment that fired earlier, with the numbers of now; None when it is not true, or fresh, any more."""
    if is_over(fired.moment, fired.period, scene):
        return None
    match fired.moment:
        case kinds.Limit(meter=meter):
            return _at_step(fired, meter, fired.step, scene)
        case kinds.Attempt(meter=meter):
            return _at_step(fired, meter, ONE, scene)
        case kinds.Habit() as habit:
            return _habitual(habit, fired, scene)
        case kinds.Growth() | kinds.Tenure() | kinds.Forecast() | kinds.Becomes():
            return fired if _stays(fired, scene) else None
        case moment:
            undone = isinstance(moment, kinds.Absence) and answered(moment, fired, scene)
            return fired if not undone and scene.now - fired.at <= moment.stale_after else None


def _at_step(fired: Fired, meter: str, step: Decimal | None, scene: Scene) -> Fired | None:
    """At or above the step of the limit that there is now."""
    value, limit = Values(scene).get(f"meters.{meter}"), scene.account.limit(meter, scene.rules.product)
    if not isinstance(value, Decimal) or not isinstance(limit, Decimal) or step is None:
        return None
    return fired._replace(value=value, limit=limit) if value >= times(step, limit) else None


def _habitual(habit: kinds.Habit, fired: Fired, scene: Scene) -> Fired | None:
    meter = scene.rules.meters[habit.meter]
    part = None
    if fired.user is not None:
        part = Part(fired.user)
    elif meter.by is not None and fired.group is not None:
        part = Part(fired.group, meter.by)
    found = scene.stands(meter, scene.holder(part))
    return fired._replace(value=found.value) if found is not None and found.value >= habit.reaches else None


def _stays(fired: Fired, scene: Scene) -> bool:
    state, clocks = scene.account.moments.get(fired.moment.name), scene.account.clocks()
    match fired.moment:
        case kinds.Growth() as growth:  # of the last complete period, until the next one is complete
            after_next = days.moved(growth.unit, fired.period or 0, 2)
            return fired.period is not None and scene.now < days.start_of_day(after_next, clocks)
        case kinds.Tenure() as tenure:
            same = isinstance(state, kept.Tenure) and state.over
            return same and isinstance(state, kept.Tenure) and state.since == scene.since_when(tenure.since)
        case kinds.Forecast() as forecast:
            value = Values(scene).get(f"meters.{forecast.meter}")
            limit = scene.account.limit(forecast.meter, scene.rules.product)
            ahead = fired.date is not None and days.day_of(scene.now, clocks) <= fired.date
            return ahead and isinstance(value, Decimal) and isinstance(limit, Decimal) and value < limit
        case _:
            return isinstance(state, kept.Becomes) and state.was is True


def answered(absence: kinds.Absence, fired: Fired, scene: Scene) -> bool:
    """What was missing came in time after all, and was only late to arrive."""
    state = scene.account.moments.get(absence.name)
    return isinstance(state, kept.Absence) and any(fired.at - absence.within <= at <= fired.at for at in state.answered)
