"""The period of the meter that a moment counts, and when that is over."""

from typing import Final

from services.trigger_engine.domain import calendar
from services.trigger_engine.domain.account import AccountSlice
from services.trigger_engine.domain.calendar import DAY_US
from services.trigger_engine.domain.meters.spans import CALENDAR
from services.trigger_engine.domain.playbook.moments import (
    AnyMoment,
    AttemptMoment,
    HabitMoment,
    LimitMoment,
    MilestoneMoment,
    meter_of,
)
from services.trigger_engine.domain.playbook.product import Product, Span
from services.trigger_engine.domain.situation import Situation

OF_A_PERIOD: Final = (LimitMoment, AttemptMoment, MilestoneMoment, HabitMoment)
"""Moments that say something of the period that their meter counts. Growth is of periods that are complete."""


def ends_at(moment: AnyMoment, period: int | None, account: AccountSlice, product: Product) -> int | None:
    """When the ``period`` that the moment fired in ends, microseconds since 1970 UTC; None when it is of none.

    A billing period ends as announced, or when another one begins.
    """
    name = meter_of(moment) if isinstance(moment, OF_A_PERIOD) else None
    meter = product.meters.get(name or "")
    if meter is None or period is None:
        return None
    if meter.span in CALENDAR:
        after = calendar.moved(CALENDAR[meter.span], period // DAY_US, 1)
        return calendar.start_of_day(after, account.zone())
    known = account.period()
    if meter.span is not Span.BILLING_PERIOD or known is None or known.starts < period:
        return None
    return known.ends if known.starts == period else known.starts


def is_over(moment: AnyMoment, period: int | None, situation: Situation) -> bool:
    """Whether that period is over."""
    ends = ends_at(moment, period, situation.account, situation.rules.product)
    return ends is not None and ends <= situation.now
