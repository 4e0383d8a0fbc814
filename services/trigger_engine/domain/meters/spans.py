"""Which window an event counts in, when that ends, and until when events may come for it."""

from msgspec import Struct

from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.calendar import DAY_US, Unit, Zone
from services.trigger_engine.domain.meters.meter import Period
from services.trigger_engine.domain.meters.windows import EVER
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition, Span

CALENDAR = {Span.DAY: Unit.DAY, Span.WEEK: Unit.WEEK, Span.MONTH: Unit.MONTH}
"""Spans of the calendar in the account's zone."""


class When(Struct, frozen=True):
    """What times are held against: the account's ``zone`` and its billing period (None: unknown).

    ``floor``: no event of an earlier time can come any more, microseconds since 1970 UTC.
    """

    zone: Zone
    period: Period | None
    floor: int


def window_of(span: Span, at: int, when: When) -> int | None:
    """Name of the window that ``at`` lies in; None when no known billing period holds it.

    A billing period is named by its start. A day, week or month is named by the midnight of its first day as UTC has
    it: the same day keeps its name in every zone, so that an account that moves counts on and passes no step twice.
    """
    if span in CALENDAR:
        return calendar.first_day(CALENDAR[span], at, when.zone) * DAY_US
    if span is Span.BILLING_PERIOD:
        return when.period.starts if when.period is not None and when.period.holds(at) else None
    return EVER


def still_open(span: Span, when: When) -> int | None:
    """Name of the first window that an event may still come for; None: of any."""
    return window_of(span, when.floor, when) if span in CALENDAR else None


def below_since(meter: MeterDefinition, at: int, when: When) -> tuple[int, int] | None:
    """When a meter that is above a mark at ``at`` begins anew at nothing, and when it has then been so for one window.

    For spans that follow each other; None for those that do not, or whose end is unknown.
    """
    if meter.span in CALENDAR:
        unit = CALENDAR[meter.span]
        ends = calendar.end_of(unit, at, when.zone)
        return ends, calendar.end_of(unit, ends, when.zone)
    if meter.span is Span.BILLING_PERIOD and when.period is not None and when.period.holds(at):
        return when.period.ends, when.period.ends + (when.period.ends - when.period.starts)
    return None
