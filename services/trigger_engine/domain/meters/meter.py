"""One meter: how an event moves it, and what it stood at before and after."""

from decimal import Decimal

from msgspec import Struct

from schemas.dead_letters import DeadLetterReason
from services.trigger_engine.domain.inputs import Impossible, Usage
from services.trigger_engine.domain.numbers import (
    MAX_FRACTION,
    MAX_WHOLE,
    ROUGH,
    ZERO,
    added,
    countable,
    greatest,
)
from services.trigger_engine.domain.playbook.meter_definitions import QUANTITY, Aggregate, MeterDefinition


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


def amount(meter: MeterDefinition, usage: Usage) -> Decimal:
    """How much ``usage`` moves ``meter``: what is added, or for a maximum what is compared.

    A count counts ``quantity`` (1 unless said). Raises `Impossible` when the property that the meter needs is missing
    or no number that can be counted: counted as nothing, the fault of an emitter would stay unseen.
    """
    if meter.aggregate is Aggregate.COUNT:
        by = _countable(usage.quantity, "data.quantity", meter)
        return by if usage.type == meter.of else by.copy_negate()  # unary minus would round
    if meter.prop in (None, QUANTITY):
        return _countable(usage.quantity, "data.quantity", meter)
    value = usage.properties.get(meter.prop)
    where = f"data.properties.{meter.prop}"
    if type(value) is int:
        value = Decimal(value)
    if isinstance(value, Decimal):
        return _countable(value, where, meter)
    if value is None and meter.may_lack:
        return ZERO
    told = "is missing" if value is None else "is no number"
    raise Impossible(DeadLetterReason.INVALID, f"{where}: {told}, and meter {meter.name!r} needs it")


def _countable(number: Decimal, where: str, meter: MeterDefinition) -> Decimal:
    counted = countable(number)
    if counted is None:
        told = f"{where}: more than {MAX_WHOLE} digits before or {MAX_FRACTION} after the point"
        raise Impossible(DeadLetterReason.INVALID, f"{told}, and meter {meter.name!r} can not count it")
    return counted


def moved(meter: MeterDefinition, state: MeterState, by: Decimal, period: int | None) -> MeterState:
    """What ``by`` makes of ``state``; a meter of another period begins again at 0.

    ``period`` is the start of the billing period that the event lies in, None for a meter of ever. Raises `Impossible`
    when the sum would be too large to be told.
    """
    before = state.value if state.period == period else ZERO
    if meter.aggregate is not Aggregate.COUNT and meter.prop not in (None, QUANTITY):
        before = added(before, ROUGH)
    after = greatest(before, by) if meter.aggregate is Aggregate.MAX else _countable(added(before, by), "data", meter)
    return MeterState(after, period)


def baseline(meter: MeterDefinition, value: Decimal, period: int | None) -> MeterState:
    """``meter`` standing at ``value``, as another system had counted; raises `Impossible` when it is too large."""
    return MeterState(_countable(value, "data.value", meter), period)
