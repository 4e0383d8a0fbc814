"""What the conditions of offers ask about, down to the names that stand for themselves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import NOW, Scope, total
from services.trigger_engine.domain.playbook.guardrails import Guardrails
from services.trigger_engine.domain.playbook.meter_definitions import Span
from services.trigger_engine.domain.playbook.moments import AnyMoment, BecomesMoment
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Level, Product

BY_TIME: Final = (NOW, f"{Scope.ACCOUNT}.age", f"{Scope.ACCOUNT}.term_ends")
"""Names of what changes by itself, beside meters of spans that pass."""


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


def asking(moment: AnyMoment, segments: Mapping[str, Condition], product: Product) -> AnyMoment:
    """The moment, with all that its condition asks about, if it has one."""
    if not isinstance(moment, BecomesMoment):
        return moment
    asks = tuple(sorted(set(behind(moment.condition.reads, segments, product.levels))))
    return replace(moment, asks=asks, by_time=any(changes_by_itself(name, product) for name in asks))


def changes_by_itself(name: str, product: Product) -> bool:
    """Whether time alone can change what is behind ``name``: lengths of time, and meters that begin anew or forget."""
    if not name.startswith((f"{Scope.METERS}.", total(f"{Scope.METERS}.")[:-1])):
        return name in BY_TIME
    meter = product.meters[name.rpartition(".")[2].removesuffix(")")]
    return meter.span is not Span.EVER
