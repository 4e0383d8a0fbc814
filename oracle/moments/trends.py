"""Growth and forecasts: what the totals of complete days, weeks and months say."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from oracle import days
from oracle.chance import below, draws, seed
from oracle.moments import state as kept
from oracle.numbers import MONEY, ZERO, plus, times
from oracle.times import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from oracle.language.moment import Forecast, Growth

MAX_TOTALS: Final = 64
PAST_DAYS: Final = 28
LEAST_DAYS: Final = 7
SAMPLES: Final = 200
AGAIN_AFTER: Final = 30 * DAY


def _added(totals: Mapping[int, Decimal], name: int, by: Decimal, oldest: int) -> dict[int, Decimal]:
    held = {**totals, name: plus(totals.get(name, ZERO), by)}
    return {known: held[known] for known in sorted(known for known in held if known >= oldest)[-MAX_TOTALS:]}


# --- growth -----------------------------------------------------------------------------------------


class Grown(NamedTuple):
    """Growth up to the period that begins with day ``period``, complete ``at``: the first total, and the last."""

    period: int
    at: int
    first: Decimal
    last: Decimal

    @property
    def percent(self) -> Decimal:
        """By how many percent, as a whole number."""
        more = times(plus(self.last, self.first.copy_negate()), Decimal(100))
        return MONEY.divide(more, self.first).quantize(Decimal(1), context=MONEY)


def grew(moment: Growth, state: kept.Growth, at: int, by: Decimal, clocks: tzinfo, floor: int) -> kept.Growth:
    """After ``by`` was counted; a period that was looked at is looked at again."""
    period = days.first_day(moment.unit, at, clocks)
    oldest = days.moved(moment.unit, days.first_day(moment.unit, floor, clocks), -moment.periods - 1)
    judged = period - 1 if state.judged is not None and state.judged >= period else state.judged
    return kept.Growth(_added(state.totals, period, by, oldest), judged, state.fired)


def growth_due(moment: Growth, state: kept.Growth, clocks: tzinfo) -> int | None:
    """When the next period is complete that could show growth."""
    period = _next_period(state)
    return None if period is None else days.start_of_day(days.moved(moment.unit, period, 1), clocks)


def _next_period(state: kept.Growth) -> int | None:
    return min((name for name in state.totals if state.judged is None or name > state.judged), default=None)


def growth(
    moment: Growth, state: kept.Growth, reached: int, clocks: tzinfo, known_from: int
) -> tuple[kept.Growth, Grown | None]:
    """Look at the period that was due. Nothing is said of periods that began before ``known_from``."""
    period, at = _next_period(state), growth_due(moment, state, clocks)
    if period is None or at is None or reached < at:
        return state, None
    names = [days.moved(moment.unit, period, -back) for back in range(moment.periods, -1, -1)]
    totals = [state.totals.get(name, ZERO) for name in names]
    is_news = state.fired is None or period > state.fired
    is_known = days.start_of_day(names[0], clocks) >= known_from
    if not (is_news and is_known and totals[0] >= moment.at_least and _rose(totals, moment.by)):
        return kept.Growth(state.totals, period, state.fired), None
    return kept.Growth(state.totals, period, period), Grown(period, at, totals[0], totals[-1])


def _rose(totals: Sequence[Decimal], by: Decimal) -> bool:
    return all(before > 0 and after >= times(before, 1 + by) for before, after in pairwise(totals))


# --- forecasts --------------------------------------------------------------------------------------


class Outlook(NamedTuple):
    """Where the meter stands, its limit, when its period ends (None: never), and since when all is known of it."""

    value: Decimal
    limit: Decimal | str | None
    resets_at: int | None
    known_from: int


class Foreseen(NamedTuple):
    """The limit will be reached by the end of ``day``, as sure as ``confidence``; said ``at``."""

    day: int
    confidence: Decimal
    at: int


def foresaw(state: kept.Forecast, at: int, by: Decimal, clocks: tzinfo, floor: int) -> kept.Forecast:
    """After ``by`` was counted, on its own day."""
    totals = _added(state.totals, days.day_of(at, clocks), by, days.day_of(floor, clocks) - PAST_DAYS)
    return kept.Forecast(totals, state.judged, state.fired_at, state.arm)


def _next_day(state: kept.Forecast) -> int | None:
    """The next complete day to look back from, while something was counted in its four weeks."""
    moving = [day for day, total in state.totals.items() if total]
    if not moving:
        return None
    day = min(moving) if state.judged is None else max(state.judged + 1, min(moving))
    return day if max(moving) > day - PAST_DAYS else None


def forecast_due(state: kept.Forecast, clocks: tzinfo) -> int | None:
    """When the next day is complete that something can be said from."""
    day = _next_day(state)
    return None if day is None else days.start_of_day(day + 1, clocks)


def forecast(
    moment: Forecast, state: kept.Forecast, reached: int, clocks: tzinfo, outlook: Outlook, account: str
) -> tuple[kept.Forecast, Foreseen | None]:
    """Look ahead from the day that was due: futures drawn day by day from the totals of the last four weeks."""
    day, at = _next_day(state), forecast_due(state, clocks)
    if day is None or at is None or reached < at:
        return state, None
    state = kept.Forecast(state.totals, day, state.fired_at, state.arm)
    past = _past(state, day, clocks, outlook.known_from)
    if len(past) < LEAST_DAYS or (state.fired_at is not None and at < state.fired_at + AGAIN_AFTER):
        return state, None
    ahead = moment.days
    if outlook.resets_at is not None:
        ahead = min(ahead, days.day_of(outlook.resets_at, clocks) - day - 1)
    found = _first_sure(past, _missing(outlook), ahead, moment.confidence, seed(account, day))
    if found is None:
        return state, None
    arm = state.arm + (state.fired_at is not None)
    return kept.Forecast(state.totals, day, at, arm), Foreseen(day + found[0], found[1], at)


def _past(state: kept.Forecast, day: int, clocks: tzinfo, known_from: int) -> list[Decimal]:
    """The totals of the last four weeks, of the days of which all is known."""
    first = days.day_of(known_from, clocks)
    if days.start_of_day(first, clocks) < known_from:
        first += 1
    return [state.totals.get(known, ZERO) for known in range(max(first, day - PAST_DAYS + 1), day + 1)]


def _missing(outlook: Outlook) -> Decimal | None:
    """How much is left up to the limit; None when it was reached, or can not be."""
    if not isinstance(outlook.limit, Decimal):
        return None
    left = plus(outlook.limit, outlook.value.copy_negate())
    return left if left > 0 else None


def _first_sure(
    past: Sequence[Decimal], missing: Decimal | None, ahead: int, confidence: Decimal, start: int
) -> tuple[int, Decimal] | None:
    """After how many days enough futures have come to ``missing``, and the share of all that do within ``ahead``."""
    if missing is None or ahead < 1 or times(max(past), Decimal(ahead)) < missing:
        return None
    chance = draws(start)
    arrived = [0] * (ahead + 1)
    for _ in range(SAMPLES):
        total = ZERO
        for count in range(1, ahead + 1):
            total = plus(total, past[below(len(past), next(chance))])
            if total >= missing:
                arrived[count] += 1
                break
    for count in range(1, ahead + 1):
        if Decimal(sum(arrived[: count + 1])) / SAMPLES >= confidence:
            return count, Decimal(sum(arrived)) / SAMPLES
    return None
