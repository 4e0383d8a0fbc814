"""What any meter stands at, wherever it is kept."""

from typing import Protocol

from services.trigger_engine.domain.meters.counting import CountedState, Reading, empty, standing
from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.meters.plain import PlainMeters
from services.trigger_engine.domain.meters.spans import When
from services.trigger_engine.domain.numbers import ZERO, trimmed
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span


class Holder(Protocol):
    """Whoever meters are kept of: an account, a user, or a value of a property.

    Plain meters are in ``meters``, all others in ``counted``, by their key.
    """

    meters: PlainMeters
    counted: dict[str, CountedState]


def reading(meter: MeterDefinition, holder: Holder, at: int, when: When) -> Reading | None:
    """What ``meter`` stands at, at ``at``; None when that lies in no billing period that is known.

    Of a meter by user, or by a property, the account itself has the total. Whether all that happened was counted is
    another question: `known.is_known`.
    """
    if not meter.is_plain:
        return standing(meter, holder.counted.get(meter.key) or empty(meter), at, when)
    state = holder.meters.get(meter.key) or MeterState()
    if meter.span is Span.EVER:
        return Reading(trimmed(state.value), at)
    if when.period is None or not when.period.holds(at):
        return None
    starts = when.period.starts
    return Reading(trimmed(state.value) if state.period == starts else ZERO, at, starts)
