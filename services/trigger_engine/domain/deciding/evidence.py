"""Why an offer is made: the account's own usage that earned it."""

from schemas.offers import Evidence
from services.trigger_engine.domain.calendar import written
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.moments import meter_of


def evidence(passed: Passed) -> Evidence:
    """The numbers of a moment."""
    moment = passed.moment
    return Evidence(
        moment=moment.name,
        kind=moment.kind,
        meter=meter_of(moment),
        group=passed.group,
        value=passed.value,
        limit=passed.limit,
        step=passed.step,
        percent=passed.percent,
        date=None if passed.date is None else written(passed.date),
        confidence=passed.confidence,
        happened_at=to_datetime(passed.at),
    )
