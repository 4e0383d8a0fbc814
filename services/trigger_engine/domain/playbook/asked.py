"""What the conditions of offers ask about, down to the names that stand for themselves."""

from collections.abc import Iterable, Iterator, Mapping

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.playbook.guardrails import Guardrails
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Level


def behind(names: Iterable[str], segments: Mapping[str, Condition], levels: Mapping[str, Level]) -> Iterator[str]:
    """``names``, and instead of segments and levels what those ask about; some perhaps more than once."""
    for name in names:
        level = levels.get(name.partition(".")[0])
        if name in segments:
            yield from behind(segments[name].reads, segments, levels)
        elif level is not None:
            for rung in level.rungs.values():
                yield from behind(rung.reads, segments, levels)
        else:
            yield name


def conditions_of(offer: OfferDefinition, bounds: Guardrails) -> Iterator[Condition]:
    """All that is asked before the offer is made."""
    if offer.only_for is not None:
        yield offer.only_for
    yield from (threshold.condition for threshold in (*offer.not_before, *bounds.not_before))
    yield from (segment.condition for segment in bounds.quiet_segments)
    yield from (cap.who for cap in bounds.caps if cap.who is not None)
