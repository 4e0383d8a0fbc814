"""Why an offer is made: the account's own usage that earned it."""

from collections.abc import Iterator
from decimal import Decimal

from schemas.envelope import unchecked
from schemas.offers import Evidence
from services.trigger_engine.domain.calendar import written
from services.trigger_engine.domain.deciding.candidate import Candidate
from services.trigger_engine.domain.instants import to_datetime
from services.trigger_engine.domain.moments.passed import Passed
from services.trigger_engine.domain.playbook.asked import behind
from services.trigger_engine.domain.playbook.moments import meter_of
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.sets import CompiledSet
from services.trigger_engine.domain.situation import Situation
from services.trigger_engine.domain.values import METER, TOTAL_OF, values_of


def signals(candidate: Candidate, situation: Situation) -> tuple[Evidence, ...]:
    """The moment, and each meter that the offer's own ``for`` and ``not_before`` asked about, as far as it is known."""
    passed, asked = candidate.passed, values_of(situation, candidate.passed.user)
    found = [evidence(passed)]
    for meter, name in _asked(candidate.offer, situation.rules):
        value = asked.get(name)
        if meter != meter_of(passed.moment) and isinstance(value, Decimal):
            found.append(_told(Passed(passed.moment, passed.at, value=value), meter))
    return tuple(found)


def _asked(offer: OfferDefinition, rules: CompiledSet) -> Iterator[tuple[str, str]]:
    """Each meter that the offer's own conditions read, once, with the name by which it is read first."""
    own = (offer.only_for, *(threshold.condition for threshold in offer.not_before))
    reads = [name for needs in own if needs is not None for name in needs.reads]
    found: dict[str, str] = {}
    for name in behind(reads, rules.segments, rules.product.levels):
        if name.startswith((METER, TOTAL_OF)):
            found.setdefault(name.removeprefix(TOTAL_OF).removeprefix(METER).removesuffix(")"), name)
    yield from found.items()


def evidence(passed: Passed) -> Evidence:
    """The numbers of a moment."""
    return _told(passed, meter_of(passed.moment))


def _told(passed: Passed, meter: str | None) -> Evidence:
    return unchecked(
        Evidence,
        {
            "moment": passed.moment.name,
            "kind": passed.moment.kind,
            "meter": meter,
            "group": passed.group,
            "value": passed.value,
            "limit": passed.limit,
            "step": passed.step,
            "percent": passed.percent,
            "date": None if passed.date is None else written(passed.date),
            "confidence": passed.confidence,
            "happened_at": to_datetime(passed.at),
        },
    )
