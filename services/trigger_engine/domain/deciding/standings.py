"""What meters stand at, as far as an offer may know."""

from decimal import Decimal

from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.numbers import ZERO
from services.trigger_engine.domain.playbook.product import MeterDefinition, Span
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import standing as stands


def standing(meter: MeterDefinition, passed: Passed, situation: Situation) -> Decimal | None:
    """What the meter stands at; None when it is of no user, or of no period, that this offer is about."""
    if not meter.is_plain or meter.by is not None:
        return _counted(meter, passed, situation)
    period = situation.account.period()
    if meter.by_user and (passed.user is None or situation.user is None):
        return None
    if meter.span is Span.BILLING_PERIOD and period is None:
        return None
    holder = situation.user if meter.by_user and situation.user is not None else situation.account
    state = holder.meters.get(meter.key, MeterState())
    present = meter.span is Span.EVER or (period is not None and state.period == period.starts)
    return state.value if present else ZERO


def _counted(meter: MeterDefinition, passed: Passed, situation: Situation) -> Decimal | None:
    if (meter.by_user and passed.user is None) or (meter.by is not None and passed.group is None):
        return None
    holder = situation.part_of(passed.user if meter.by_user else None, meter.by, passed.group)
    found = None if holder is None else stands(meter, holder, situation)
    return None if found is None else found.value


def expected(meter: str, passed: Passed, situation: Situation) -> Decimal | None:
    """What is to be held of a meter: what it stands at."""
    return standing(situation.rules.product.meters[meter], passed, situation)
