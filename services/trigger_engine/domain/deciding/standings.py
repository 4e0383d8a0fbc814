"""What meters stand at, as far as an offer may know."""

from decimal import Decimal

from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.product import MeterDefinition, Span
from services.trigger_engine.domain.situation import Situation


def standing(meter: MeterDefinition, passed: Passed, situation: Situation) -> Decimal | None:
    """What the meter stands at; None when it is of no user, or of no period, that this offer is about."""
    period = situation.account.period()
    if meter.by_user and (passed.user is None or situation.user is None):
        return None
    if meter.span is Span.BILLING_PERIOD and period is None:
        return None
    holder = situation.user if meter.by_user and situation.user is not None else situation.account
    state = holder.meters.get(meter.key, MeterState())
    present = meter.span is Span.EVER or (period is not None and state.period == period.starts)
    return state.value if present else ZERO


def expected(meter: str, passed: Passed, situation: Situation) -> Decimal | None:
    """What is to be held of a meter: what it stands at."""
    return standing(situation.rules.product.meters[meter], passed, situation)
