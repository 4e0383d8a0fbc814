"""Every meter, whatever it counts and over whichever time: how an event moves it, and what it stands at."""

from decimal import Decimal

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.calendar import day_of
from services.trigger_engine.domain.conditions.names import Scope
from services.trigger_engine.domain.inputs import Impossible, Property, Usage
from services.trigger_engine.domain.instants import FIRST_US
from services.trigger_engine.domain.meters.days_with import DaysTally, happened
from services.trigger_engine.domain.meters.distinct import DistinctTally, seen
from services.trigger_engine.domain.meters.last import LastState, told
from services.trigger_engine.domain.meters.marks import mark
from services.trigger_engine.domain.meters.meter import MeterState, amount
from services.trigger_engine.domain.meters.rolling import Rolling, RollingState
from services.trigger_engine.domain.meters.rolling_marks import MarksState, RollingMarks
from services.trigger_engine.domain.meters.spans import When, below_since, still_open, window_of
from services.trigger_engine.domain.meters.windows import NumberTally, WindowsState, tallied
from services.trigger_engine.domain.numbers import MAX_FRACTION, MAX_WHOLE, ZERO, added, countable
from services.trigger_engine.domain.playbook.meter_definitions import QUANTITY, USER, Aggregate, MeterDefinition, Span

CountedState = WindowsState | RollingState | MarksState | LastState
"""Closed: what is kept of a meter; windows that follow each other, or a rolling one of numbers, values or the last."""

By = Decimal | int
"""What is counted of an event: an amount; of values told apart a mark, of days a day."""

MARKED = (Aggregate.DISTINCT, Aggregate.DAYS_WITH)


class Reading(Struct, frozen=True):
    """What a meter stood at, at ``at`` (event time).

    ``period``: start of the billing period, or name of the day, week or month (`spans.window_of`); None for a meter of
    ever and a rolling one. ``exact``: the number is more than an estimate.
    """

    value: Decimal
    at: int
    period: int | None = None
    exact: bool = True


def empty(meter: MeterDefinition) -> CountedState:
    """What is kept of a meter before its first event."""
    if meter.span is not Span.ROLLING:
        return WindowsState()
    if meter.aggregate in MARKED:
        return MarksState()
    return LastState() if meter.aggregate is Aggregate.LAST else RollingState()


def counted(
    meter: MeterDefinition, state: CountedState, usage: Usage, when: When
) -> tuple[CountedState, Reading | None]:
    """The state after ``usage``, and the most that the meter stands at because of it; None when it moves nothing.

    Raises `Impossible`, with nothing changed, as `by_of` and `counted_by` do.
    """
    by = by_of(meter, usage, when)
    return (state, None) if by is None else counted_by(meter, state, by, usage.at, when)


def by_of(meter: MeterDefinition, usage: Usage, when: When) -> By | None:
    """What of ``usage`` the meter counts; None when it moves nothing.

    Raises `Impossible` when what the meter needs of the event is missing or of another kind.
    """
    if meter.where is not None and not meter.where.judge(_told_to_where(usage)).holds:
        return None
    if meter.aggregate is Aggregate.DAYS_WITH:
        return day_of(usage.at, when.zone)
    if meter.aggregate is Aggregate.DISTINCT:
        value = _told_apart(meter, usage)
        return None if value is None else mark(value)
    if meter.may_lack and meter.prop not in (None, QUANTITY) and usage.properties.get(meter.prop or "") is None:
        return None
    return amount(meter, usage)


def counted_by(
    meter: MeterDefinition, state: CountedState, by: By, at: int, when: When
) -> tuple[CountedState, Reading | None]:
    """The state after ``by`` was counted at ``at``, and the most that the meter stands at because of it.

    None when it moves nothing. A late event counts in the window that its own time lies in; of a rolling meter every
    window that holds it is looked at. Raises `Impossible`, with nothing changed, when the sum would be too large to be
    told.
    """
    count = _rolled if meter.span is Span.ROLLING else _tallied
    after, reading = count(meter, state, by, at, when)
    if reading is not None and countable(reading.value) is None:
        raise Impossible(DeadLetterReason.INVALID, f"data: {_too_large(meter)}")
    return after, reading


def standing(meter: MeterDefinition, state: CountedState, at: int, when: When) -> Reading | None:
    """What the meter stands at, at ``at``; None when no known billing period holds that."""
    match state:
        case RollingState():
            return Reading(_rolling(meter).value(state, at), at, exact=state.exact)
        case MarksState():
            return Reading(Decimal(_marks(meter).value(state, at)), at, exact=state.exact)
        case LastState():
            return Reading(state.within(at, meter.rolling_us or 0), at)
        case WindowsState():
            window = window_of(meter.span, at, when)
            return None if window is None else _reading(meter, state, window, at)


def newest(state: CountedState | MeterState) -> int:
    """The newest event time that is kept of a rolling meter; before all time when there is none."""
    match state:
        case RollingState():
            return state.times[-1] if state.times else FIRST_US
        case MarksState():
            return max((own[-1] for own in state.times.values()), default=FIRST_US)
        case LastState():
            return FIRST_US if state.at is None else state.at
        case _:  # windows that follow each other, each of its own time
            return FIRST_US


def habit_ends(
    meter: MeterDefinition, state: CountedState, target: Decimal, at: int, when: When
) -> tuple[int, int] | None:
    """When a meter that reaches ``target`` at ``at`` falls below if nothing more happens, and one whole window later.

    None when that never comes, or the end of the billing period is unknown.
    """
    if isinstance(state, WindowsState):
        return below_since(meter, at, when)
    if isinstance(state, RollingState):
        falls = _rolling(meter).falls_below(state, target, at)
    elif isinstance(state, MarksState):
        falls = _marks(meter).falls_below(state, target, at)
    else:
        falls = None if state.at is None or target <= 0 else state.at + (meter.rolling_us or 0)
    return None if falls is None else (falls, falls + (meter.rolling_us or 0))


# --- what an event says -------------------------------------------------------------------------


def _told_to_where(usage: Usage) -> dict[str, Property]:
    """The event as the names of a ``where`` have it."""
    told = {f"{Scope.EVENT}.{name}": value for name, value in usage.properties.items()}
    return {**told, f"{Scope.EVENT}.user": usage.user, f"{Scope.EVENT}.quantity": usage.quantity}


def _told_apart(meter: MeterDefinition, usage: Usage) -> Property:
    if meter.prop == USER:
        value: Property = usage.user
    elif meter.prop == QUANTITY:
        value = usage.quantity
    else:
        value = usage.properties.get(meter.prop or "")
    if value is None and meter.prop != USER and not meter.may_lack:
        where = f"data.properties.{meter.prop}"
        raise Impossible(DeadLetterReason.INVALID, f"{where}: is missing, and meter {meter.name!r} needs it")
    return value


def _too_large(meter: MeterDefinition) -> str:
    digits = f"more than {MAX_WHOLE} digits before or {MAX_FRACTION} after the point"
    return f"{digits}, and meter {meter.name!r} can not count it"


# --- what is kept -------------------------------------------------------------------------------


def _rolling(meter: MeterDefinition) -> Rolling:
    return Rolling(meter.rolling_us or 0, meter.aggregate, meter.kept)


def _marks(meter: MeterDefinition) -> RollingMarks:
    return RollingMarks(meter.rolling_us or 0, meter.kept)


def _rolled(
    meter: MeterDefinition, state: CountedState, by: By, at: int, when: When
) -> tuple[CountedState, Reading | None]:
    if isinstance(by, int):
        marks = _marks(meter)
        seen_before = state if isinstance(state, MarksState) else MarksState()
        of = mark(by) if meter.aggregate is Aggregate.DAYS_WITH else by
        after = marks.seen(seen_before, of, at, when.floor)
        held, end = marks.peak(after, at)
        return after, Reading(Decimal(held), end, exact=after.exact)
    if meter.aggregate is Aggregate.LAST:
        last = told(state if isinstance(state, LastState) else LastState(), by, at)
        return last, Reading(last.value, last.at if last.at is not None else at)
    rolling = _rolling(meter)
    counts = rolling.counted(state if isinstance(state, RollingState) else RollingState(), at, by, when.floor)
    most, end = rolling.peak(counts, at)
    return counts, Reading(most, end, exact=counts.exact)


def _tallied(
    meter: MeterDefinition, state: CountedState, by: By, at: int, when: When
) -> tuple[CountedState, Reading | None]:
    windows = state if isinstance(state, WindowsState) else WindowsState()
    window = window_of(meter.span, at, when)
    if window is None or windows.is_closed(window):
        return state, None
    over, most = still_open(meter.span, when), meter.kept
    if isinstance(by, int) and meter.aggregate is Aggregate.DISTINCT:
        after = tallied(windows, window, DistinctTally(), lambda tally: seen(tally, by, most), over, most)
    elif isinstance(by, int):
        after = tallied(windows, window, DaysTally(), lambda tally: happened(tally, by), over, most)
    elif meter.aggregate is Aggregate.LAST:
        after = tallied(windows, window, LastState(), lambda tally: told(tally, by, at), over, most)
    else:
        after = tallied(windows, window, NumberTally(), lambda tally: _added(meter, tally, by), over, most)
    return after, _reading(meter, after, window, at)


def _added(meter: MeterDefinition, tally: NumberTally, by: Decimal) -> NumberTally:
    return NumberTally(max(tally.value, by) if meter.aggregate is Aggregate.MAX else added(tally.value, by))


def _reading(meter: MeterDefinition, state: WindowsState, window: int, at: int) -> Reading:
    tally = state.open.get(window)
    exact = tally.exact if isinstance(tally, DistinctTally) else True
    period = None if meter.span is Span.EVER else window
    return Reading(ZERO if tally is None else Decimal(tally.value), at, period, exact)
