"""What meters stand at, as far as an offer may know."""

from decimal import Decimal

from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.product import MeterDefinition
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.standing import standing as stands


def standing(meter: MeterDefinition, passed: Passed, situation: Situation) -> Decimal | None:
    """What the meter stands at now; None when that is unknown, or it is of nobody that the moment is about."""
    if (meter.by_user and passed.user is None) or (meter.by is not None and passed.group is None):
        return None
    holder = situation.part_of(passed.user if meter.by_user else None, meter.by, passed.group)
    found = None if holder is None else stands(meter, holder, situation)
    return None if found is None else found.value
