"""Standing where another system had counted to."""

from decimal import Decimal

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.inputs import Impossible
from services.trigger_engine.domain.meters.counting import CountedState
from services.trigger_engine.domain.meters.last import LastState, told
from services.trigger_engine.domain.meters.spans import When, still_open, window_of
from services.trigger_engine.domain.meters.windows import NumberTally, WindowsState, tallied
from services.trigger_engine.domain.numbers import MAX_FRACTION, MAX_WHOLE, countable
from services.trigger_engine.domain.playbook.meter_definitions import Aggregate, MeterDefinition, Span

TOLD_APART = (Aggregate.DISTINCT, Aggregate.DAYS_WITH)


def baseline(
    meter: MeterDefinition, state: CountedState, value: Decimal, as_of: int, when: When
) -> CountedState | None:
    """The state standing at ``value`` in the window that ``as_of`` lies in; None when that window is over or unknown.

    Whatever was counted in this window is replaced: the other system had counted it, too. Raises `Impossible` for a
    meter that a number can not set: one that tells values or days apart does not learn which, a rolling one not when.
    """
    if meter.aggregate in TOLD_APART or meter.span is Span.ROLLING:
        why = "is rolling" if meter.span is Span.ROLLING else "tells values apart"
        raise Impossible(DeadLetterReason.INVALID, f"data.meter: {meter.name!r} {why}, and can not be set to a number")
    exact = countable(value)
    if exact is None:
        digits = f"more than {MAX_WHOLE} digits before or {MAX_FRACTION} after the point"
        raise Impossible(DeadLetterReason.INVALID, f"data.value: {digits}, and meter {meter.name!r} can not count it")
    windows = state if isinstance(state, WindowsState) else WindowsState()
    window, over = window_of(meter.span, as_of, when), still_open(meter.span, when)
    if window is None or windows.is_closed(window) or (over is not None and window < over):
        return None
    if meter.aggregate is Aggregate.LAST:
        return tallied(windows, window, LastState(), lambda last: told(last, exact, as_of), over, meter.kept)
    return tallied(windows, window, NumberTally(), lambda _: NumberTally(exact), over, meter.kept)
