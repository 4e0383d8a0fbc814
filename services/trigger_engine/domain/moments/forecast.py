"""A forecast: at the pace of the last four weeks, a meter reaches its limit within some days."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.calendar import DAY_US, Zone, day_of, start_of_day
from services.trigger_engine.domain.moments.draws import below, draws, seed
from services.trigger_engine.domain.numbers import ZERO, added, times
from services.trigger_engine.domain.playbook.moments import ForecastMoment
from services.trigger_engine.domain.playbook.product import LimitValue

PAST_DAYS: Final = 28
"""Complete days that a forecast looks back on: four weeks, so that each day of the week counts as much."""

LEAST_DAYS: Final = 7
"""Complete days that must be known."""

SAMPLES: Final = 200
"""Futures drawn: a share of 80 % is then right to 3 points in two of three cases."""

MAX_TOTALS: Final = 64
"""Days with usage kept of one account: four weeks, and five more of lateness. The oldest is forgotten at the bound."""

REARM_US: Final = 30 * DAY_US


class ForecastState(Struct, frozen=True, array_like=True, tag="forecast"):
    """Totals by day (days since 1970), only of days on which something was counted.

    ``judged``: the newest day that was looked back from; ``fired_at``: when it fired last, microseconds since 1970 UTC.
    """

    totals: dict[int, Decimal] = {}
    judged: int | None = None
    fired_at: int | None = None
    arm: int = 0


class Outlook(Struct, frozen=True):
    """Where the meter stands, what its limit is, when its period ends (None: never), and since when all is known of it.

    Times in microseconds since 1970 UTC.
    """

    value: Decimal
    limit: LimitValue | None
    resets_at: int | None
    known_from: int


class Forecast(Struct, frozen=True):
    """The limit will be reached by the end of ``day`` (days since 1970), as sure as ``confidence``; said at ``at``."""

    day: int
    confidence: Decimal
    at: int


def counted(state: ForecastState, at: int, by: Decimal, place: Zone, floor: int) -> ForecastState:
    """The state after ``by`` was counted at ``at``; no event from before ``floor`` can come any more.

    The totals are the moment's own, whatever the span of its meter. What comes late counts on its own day.
    """
    day = day_of(at, place)
    oldest = _oldest(place, floor)
    held = state.totals | {day: added(state.totals.get(day, ZERO), by)}
    kept = sorted(known for known in held if known >= oldest)[-MAX_TOTALS:]
    return ForecastState({known: held[known] for known in kept}, state.judged, state.fired_at, state.arm)


def is_full(state: ForecastState, at: int, place: Zone, floor: int) -> bool:
    """Whether `counted` of this has to forget a day that is still needed."""
    if len(state.totals) < MAX_TOTALS:
        return False
    oldest = _oldest(place, floor)
    return sum(day >= oldest for day in {*state.totals, day_of(at, place)}) > MAX_TOTALS


def _oldest(place: Zone, floor: int) -> int:
    return day_of(floor, place) - PAST_DAYS


def due(state: ForecastState, place: Zone) -> int | None:
    """When the next day is complete that something can be said from; None when four weeks were silent."""
    day = _next(state)
    return None if day is None else start_of_day(day + 1, place)


def timed(
    moment: ForecastMoment, state: ForecastState, reached: int, place: Zone, outlook: Outlook, account: str
) -> tuple[ForecastState, Forecast | None]:
    """Look ahead from the day that was `due`, once time has ``reached`` its end; to be asked again while one is due.

    Futures are drawn day by day from the totals of the last 28 complete days, of which 7 at least must be known. The
    share of them that reach the limit within the days asked for is the confidence; the date is the first by which that
    many do. It never fires for a time after the period's end, nor when the limit is reached already, unknown or without
    end. Re-arms 30 days after it fired.
    """
    day, at = _next(state), due(state, place)
    if day is None or at is None or reached < at:
        return state, None
    state = ForecastState(state.totals, day, state.fired_at, state.arm)
    past = _past(state, day, place, outlook.known_from)
    if len(past) < LEAST_DAYS or (state.fired_at is not None and at < state.fired_at + REARM_US):
        return state, None
    ahead = _days_ahead(moment, day, place, outlook)
    found = _reached_by(past, _missing(outlook), ahead, moment.confidence, draws(seed(account, day)))
    if found is None:
        return state, None
    arm = state.arm + (state.fired_at is not None)
    return ForecastState(state.totals, day, at, arm), Forecast(day + found[0], found[1], at)


def _next(state: ForecastState) -> int | None:
    """The next complete day to look back from, as long as something was counted in its four weeks."""
    moving = [day for day, total in state.totals.items() if total]
    if not moving:
        return None
    day = min(moving) if state.judged is None else max(state.judged + 1, min(moving))
    return day if max(moving) > day - PAST_DAYS else None


def _past(state: ForecastState, day: int, place: Zone, known_from: int) -> list[Decimal]:
    """The totals of the last four weeks up to ``day``, of the days of which all is known."""
    first = day_of(known_from, place)
    if start_of_day(first, place) < known_from:
        first += 1
    return [state.totals.get(known, ZERO) for known in range(max(first, day - PAST_DAYS + 1), day + 1)]


def _missing(outlook: Outlook) -> Decimal | None:
    """How much is left up to the limit; None when it can not be reached any more, or ever."""
    if not isinstance(outlook.limit, Decimal):
        return None
    left = added(outlook.limit, outlook.value.copy_negate())
    return left if left > 0 else None


def _days_ahead(moment: ForecastMoment, day: int, place: Zone, outlook: Outlook) -> int:
    """Complete days from ``day`` on that are asked for, and of the same period."""
    if outlook.resets_at is None:
        return moment.within_days
    return min(moment.within_days, day_of(outlook.resets_at, place) - day - 1)


def _reached_by(
    past: Sequence[Decimal], missing: Decimal | None, ahead: int, confidence: Decimal, chance: Iterator[int]
) -> tuple[int, Decimal] | None:
    """The first number of days by which enough futures have come to ``missing``, and the share of all that will."""
    if missing is None or ahead < 1 or times(max(past), Decimal(ahead)) < missing:
        return None
    arrivals = [0] * (ahead + 1)
    for _ in range(SAMPLES):
        total = ZERO
        for days in range(1, ahead + 1):
            total = added(total, past[below(len(past), next(chance))])
            if total >= missing:
                arrivals[days] += 1
                break
    needed = times(confidence, Decimal(SAMPLES))
    for days in range(1, ahead + 1):
        if sum(arrivals[: days + 1]) >= needed:
            return days, Decimal(sum(arrivals)) / SAMPLES
    return None
