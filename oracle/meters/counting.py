"""How an event moves a meter, and what that then stands at."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from oracle import days
from oracle.language.meter import QUANTITY, ROLLING, TOLD_APART, USER
from oracle.messages import Refused
from oracle.meters.apart import Apart, different, happened, how_many_days, mark, seen
from oracle.meters.rolling import Summing
from oracle.meters.state import Counted, Days, Distinct, Last, Marks, Number, Rolling, Tally, Windows
from oracle.meters.windows import When, first_open, is_closed, next_two_ends, put, window_of
from oracle.numbers import ZERO, countable, plus

if TYPE_CHECKING:
    from oracle.language.meter import Meter
    from oracle.messages import Message


class Reading(NamedTuple):
    """What a meter stood at, at ``at``; ``period`` names the billing period, day, week or month.

    ``exact``: it is no estimate.
    """

    value: Decimal
    at: int
    period: int | None = None
    exact: bool = True


def counted(meter: Meter, state: Counted | None, usage: Message, when: When) -> tuple[Counted, Reading] | None:
    """The state after an event, and the most that the meter stands at because of it; None when nothing moves.

    Raises `Refused` when the meter can not read the event, or the number could not be told.
    """
    by = by_of(meter, usage, when)
    return None if by is None else counted_by(meter, state, by, usage.at, when)


def counted_by(
    meter: Meter, state: Counted | None, by: Decimal | int, at: int, when: When
) -> tuple[Counted, Reading] | None:
    """The same, of what is counted."""
    found = (_rolled if meter.span == ROLLING else _tallied)(meter, state, by, at, when)
    if found is not None and countable(found[1].value) is None:
        raise Refused("invalid")
    return found


def amount(meter: Meter, usage: Message) -> Decimal | None:
    """How much an event adds, or what is compared or kept; None when it may lack that, and does."""
    data = usage.data
    if meter.kind == "count":
        by = must_count(data["quantity"])
        return by if usage.type in meter.events else by.copy_negate()
    if meter.prop == QUANTITY:
        return must_count(data["quantity"])
    value = data["properties"].get(meter.prop)
    if value is None and meter.may_lack:
        return None
    if value is None or isinstance(value, str | bool):
        raise Refused("invalid")
    return must_count(value)


def must_count(number: Decimal | int) -> Decimal:
    """A number as meters count it; raises `Refused` when it has too many digits."""
    found = countable(Decimal(number))
    if found is None:
        raise Refused("invalid")
    return found


def by_of(meter: Meter, usage: Message, when: When) -> Decimal | int | None:
    """An amount; a mark, for values told apart; a day, for days. None when it moves nothing."""
    if meter.where is not None and not meter.where.judge(_for_where(usage)).holds:
        return None
    if meter.kind == "days_with":
        return days.day_of(usage.at, when.clocks)
    if meter.kind != "distinct":
        return amount(meter, usage)
    value: Any = usage.data["user"] if meter.prop == USER else usage.data["properties"].get(meter.prop)
    if value is None and meter.prop != USER and not meter.may_lack:
        raise Refused("invalid")
    return None if value is None else mark(value)


def _for_where(usage: Message) -> dict[str, Any]:
    """The event as the names of a ``where`` have it."""
    told = {f"event.{name}": value for name, value in usage.data["properties"].items()}
    return {**told, "event.user": usage.data["user"], "event.quantity": usage.data["quantity"]}


# --- rolling ----------------------------------------------------------------------------------------


def _summing(meter: Meter) -> Summing:
    return Summing(meter.rolling or 0, greatest=meter.kind == "max", most=meter.kept)


def _rolled(
    meter: Meter, state: Counted | None, by: Decimal | int, at: int, when: When
) -> tuple[Counted, Reading] | None:
    if isinstance(by, int):
        apart, before = Apart(meter.rolling or 0, meter.kept), state if isinstance(state, Marks) else Marks()
        marks = apart.seen(before, mark(by) if meter.kind == "days_with" else by, at, when.floor)
        held, end = apart.most(marks, at)
        return marks, Reading(Decimal(held), end, exact=marks.below is None)
    if meter.kind == "last":
        last = _newest(state if isinstance(state, Last) else Last(), by, at)
        return last, Reading(last.value, at if last.at is None else last.at)
    summing = _summing(meter)
    sums = summing.added(state if isinstance(state, Rolling) else Rolling(), at, by, when.floor)
    most, end = summing.most(sums, at)
    return sums, Reading(most, end, exact=not sums.grid)


def _newest(state: Last, value: Decimal, at: int) -> Last:
    """Of two that were told at the same time the greater holds."""
    return state if state.at is not None and (state.at, state.value) >= (at, value) else Last(value, at)


# --- windows that follow each other -----------------------------------------------------------------


def _tallied(
    meter: Meter, state: Counted | None, by: Decimal | int, at: int, when: When
) -> tuple[Counted, Reading] | None:
    windows = state if isinstance(state, Windows) else Windows()
    window = window_of(meter.span, at, when)
    if window is None or is_closed(windows, window):
        return None
    tally = _after(meter, windows.open.get(window), by, at)
    after = put(windows, window, tally, first_open(meter.span, when), meter.kept)
    return after, _reading(meter, after.open.get(window), window, at)  # closed, when it was the oldest of too many


def _after(meter: Meter, before: Tally | None, by: Decimal | int, at: int) -> Tally:
    if isinstance(by, int):
        if meter.kind == "distinct":
            return seen(before if isinstance(before, Distinct) else Distinct(), by, meter.kept)
        return happened(before if isinstance(before, Days) else Days(), by)
    if meter.kind == "last":
        return _newest(before if isinstance(before, Last) else Last(), by, at)
    value = before.value if isinstance(before, Number) else ZERO
    return Number(max(value, by) if meter.kind == "max" else plus(value, by))


def _reading(meter: Meter, tally: Tally | None, window: int, at: int) -> Reading:
    match tally:
        case None:
            value, exact = ZERO, True
        case Distinct():
            value, exact = Decimal(different(tally)), tally.below is None
        case Days():
            value, exact = Decimal(how_many_days(tally)), True
        case _:
            value, exact = tally.value, True
    return Reading(value, at, None if meter.span == "ever" else window, exact)


# --- what it stands at ------------------------------------------------------------------------------


def standing(meter: Meter, state: Counted | None, at: int, when: When) -> Reading | None:
    """What the meter stands at, at ``at``; None when no known billing period holds that."""
    if meter.span == ROLLING:
        return _standing_now(meter, state, at)
    window = window_of(meter.span, at, when)
    tally = state.open.get(window or 0) if isinstance(state, Windows) else None
    return None if window is None else _reading(meter, tally, window, at)


def _standing_now(meter: Meter, state: Counted | None, at: int) -> Reading:
    match state:
        case Rolling():
            return Reading(_summing(meter).value(state, at), at, exact=not state.grid)
        case Marks():
            return Reading(Decimal(Apart(meter.rolling or 0).value(state, at)), at, exact=state.below is None)
        case Last():
            held = state.at is not None and at - (meter.rolling or 0) < state.at <= at
            return Reading(state.value if held else ZERO, at)
        case _:
            return Reading(ZERO, at)


def newest(state: Counted) -> int | None:
    """The newest event time that is kept of a rolling meter."""
    match state:
        case Rolling():
            return max(state.times, default=None)
        case Marks():
            return max((own[-1] for own in state.times.values()), default=None)
        case Last():
            return state.at
        case Windows():
            return None


def falls_below(meter: Meter, state: Counted, target: Decimal, at: int, when: When) -> tuple[int, int] | None:
    """When a meter that has come to ``target`` at ``at`` is below it if nothing more happens, and a whole window later.

    None when that never comes, or nobody knows.
    """
    falls: int | None
    match state:
        case Windows():
            return next_two_ends(meter, at, when)
        case Rolling():
            falls = _summing(meter).falls_below(state, target, at)
        case Marks():
            falls = Apart(meter.rolling or 0).falls_below(state, target, at)
        case Last():
            falls = None if state.at is None or target <= 0 else state.at + (meter.rolling or 0)
    return None if falls is None else (falls, falls + (meter.rolling or 0))


# --- baselines and what is known --------------------------------------------------------------------


def baseline(meter: Meter, state: Counted | None, value: Decimal, as_of: int, when: When) -> Counted | None:
    """Standing at ``value`` in the window of ``as_of``; None when that window is over or unknown.

    Raises `Refused` for a meter that a number can not set.
    """
    if meter.kind in TOLD_APART or meter.span == ROLLING:
        raise Refused("invalid")
    exact = must_count(value)
    windows = state if isinstance(state, Windows) else Windows()
    window, first = window_of(meter.span, as_of, when), first_open(meter.span, when)
    if window is None or is_closed(windows, window) or (first is not None and window < first):
        return None
    if meter.kind != "last":
        return put(windows, window, Number(exact), first, meter.kept)
    before = windows.open.get(window)
    return put(
        windows, window, _newest(before if isinstance(before, Last) else Last(), exact, as_of), first, meter.kept
    )
