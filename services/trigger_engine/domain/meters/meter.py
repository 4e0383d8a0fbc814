"""One meter: how an event moves it, and what it stood at before and after."""

from decimal import Decimal

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.inputs import Impossible, Usage
from services.trigger_engine.domain.numbers import ZERO, added
from services.trigger_engine.domain.playbook.product import Aggregate, MeterDefinition


class Period(Struct, frozen=True, array_like=True):
    """A billing period, from ``starts`` (included) to ``ends`` (not included), microseconds since 1970 UTC."""

    starts: int
    ends: int

    def holds(self, at: int) -> bool:
        """Whether ``at`` lies in the period."""
        return self.starts <= at < self.ends


class MeterState(Struct, frozen=True, array_like=True):
    """What a meter stands at. ``period``: start of the billing period it counts, None for a meter of ever."""

    value: Decimal = ZERO
    period: int | None = None


class MeterChange(Struct, frozen=True):
    """A meter moved at ``at`` (event time), from ``before`` to ``after``."""

    meter: MeterDefinition
    before: Decimal
    after: Decimal
    at: int
    period: int | None


def amount(meter: MeterDefinition, usage: Usage) -> Decimal:
    """How much ``usage`` moves ``meter``, before the sign of ``less``.

    A count counts ``quantity`` (1 unless said). Raises `Impossible` when the property that the meter needs is missing
    or no number: counted as nothing, the fault of an emitter would stay unseen.
    """
    if meter.aggregate is Aggregate.COUNT:
        return usage.quantity if usage.type == meter.of else -usage.quantity
    if meter.prop == "quantity" or meter.prop is None:
        return usage.quantity
    value = usage.properties.get(meter.prop)
    if isinstance(value, Decimal):
        return value
    told = "is missing" if value is None else "is no number"
    raise Impossible(
        DeadLetterReason.INVALID, f"data.properties.{meter.prop}: {told}, and meter {meter.name!r} needs it"
    )


def moved(
    meter: MeterDefinition, state: MeterState, by: Decimal, at: int, period: int | None
) -> tuple[MeterState, MeterChange | None]:
    """``state`` after ``by`` at ``at``; no change when the event belongs to a period that is already over.

    ``period`` is the start of the billing period that ``at`` lies in, None for a meter of ever.
    """
    if state.period is not None and period is not None and period < state.period:
        return state, None
    before = state.value if state.period == period else ZERO
    after = max(before, by) if meter.aggregate is Aggregate.MAX else added(before, by)
    return MeterState(after, period), MeterChange(meter, before, after, at, period)
