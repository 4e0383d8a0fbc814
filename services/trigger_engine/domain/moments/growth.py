"""Growth: what is counted rose from each complete day, week or month of the calendar to the next."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.calendar import Zone, first_day, moved, start_of_day
from services.trigger_engine.domain.numbers import ZERO, added, times
from services.trigger_engine.domain.playbook.moments import GrowthMoment

MAX_TOTALS: Final = 64
"""Periods with usage kept of one account, at some 12 bytes each: those compared, and what comes late, by day seven
weeks of it. The oldest is forgotten at the bound."""

WIDE: Final = Context(prec=96)


class GrowthState(Struct, frozen=True, array_like=True, tag="growth"):
    """Totals by the first day of their period (days since 1970); only of periods in which something was counted.

    ``judged``: the newest period that was looked at once it was complete; ``fired``: the newest that fired.
    """

    totals: dict[int, Decimal] = {}
    judged: int | None = None
    fired: int | None = None


class Grown(Struct, frozen=True):
    """Growth up to the period that begins with day ``period`` and was complete at ``at``: first and last total."""

    period: int
    at: int
    first: Decimal
    last: Decimal

    @property
    def percent(self) -> Decimal:
        """By how many percent, rounded to a whole number."""
        grown = WIDE.divide(times(added(self.last, self.first.copy_negate()), Decimal(100)), self.first)
        return grown.quantize(Decimal(1), ROUND_HALF_EVEN, WIDE)


def counted(moment: GrowthMoment, state: GrowthState, at: int, by: Decimal, place: Zone, floor: int) -> GrowthState:
    """The state after ``by`` was counted at ``at``; no event from before ``floor`` can come any more.

    The totals are the moment's own, whatever the span of its meter. A period that was looked at already is looked at
    again when something comes late for it.
    """
    period, oldest = first_day(moment.of, at, place), _oldest(moment, place, floor)
    held = state.totals | {period: added(state.totals.get(period, ZERO), by)}
    kept = sorted(name for name in held if name >= oldest)[-MAX_TOTALS:]
    judged = state.judged if state.judged is None or state.judged < period else period - 1
    return GrowthState({name: held[name] for name in kept}, judged, state.fired)


def is_full(moment: GrowthMoment, state: GrowthState, at: int, place: Zone, floor: int) -> bool:
    """Whether `counted` of this has to forget a period that is still needed."""
    if len(state.totals) < MAX_TOTALS:
        return False
    oldest, names = _oldest(moment, place, floor), {*state.totals, first_day(moment.of, at, place)}
    return sum(name >= oldest for name in names) > MAX_TOTALS


def _oldest(moment: GrowthMoment, place: Zone, floor: int) -> int:
    return moved(moment.of, first_day(moment.of, floor, place), -moment.periods - 1)


def due(moment: GrowthMoment, state: GrowthState, place: Zone) -> int | None:
    """When the next period is complete that could show growth; None when there is none."""
    period = _next(state)
    return None if period is None else start_of_day(moved(moment.of, period, 1), place)


def timed(
    moment: GrowthMoment, state: GrowthState, reached: int, place: Zone, known_from: int
) -> tuple[GrowthState, Grown | None]:
    """Look at the period that was `due`, once time has ``reached`` its end; to be asked again while another is due.

    It fires when each of the last ``periods`` was above the one before it by the share ``by`` or more, and the first of
    them all had ``at_least``: each a complete period of which all is known, so none that began before ``known_from``.
    From nothing there is no growth. Re-arms with the next period.
    """
    at, period = due(moment, state, place), _next(state)
    if at is None or period is None or reached < at:
        return state, None
    state = GrowthState(state.totals, period, state.fired)
    names = [moved(moment.of, period, -back) for back in range(moment.periods, -1, -1)]
    totals = [state.totals.get(name, ZERO) for name in names]
    known = start_of_day(names[0], place) >= known_from
    if not known or not _grew(moment, totals) or (state.fired is not None and period <= state.fired):
        return state, None
    return GrowthState(state.totals, period, period), Grown(period, at, totals[0], totals[-1])


def _next(state: GrowthState) -> int | None:
    return min((name for name in state.totals if state.judged is None or name > state.judged), default=None)


def _grew(moment: GrowthMoment, totals: list[Decimal]) -> bool:
    share = added(Decimal(1), moment.by)
    rose = all(before > 0 and after >= times(before, share) for before, after in pairwise(totals))
    return rose and totals[0] >= moment.at_least
