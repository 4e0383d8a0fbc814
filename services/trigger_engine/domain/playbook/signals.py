"""Every offer names the usage that earned it: its evidence is measured, never made up."""

from collections.abc import Mapping
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import Scope, total
from services.trigger_engine.domain.playbook.moments import AnyMoment, BecomesMoment, OutcomeMoment, TenureMoment
from services.trigger_engine.domain.playbook.offers import OfferDefinition
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.segments_reader import Segments
from services.trigger_engine.domain.playbook.written import Written

METER: Final = f"{Scope.METERS}."
METERS: Final = (METER, total(METER).removesuffix(")"))
"""How names of meters begin, in conditions."""


def check_signal(
    written: Written, offer: OfferDefinition, moments: Mapping[str, AnyMoment], segments: Segments
) -> None:
    """A usage signal is a moment on a meter or an event, or a meter that the offer's own conditions need."""
    needs = [offer.only_for, *(threshold.condition for threshold in offer.not_before)]
    if any(need is not None and reads_meters(need, segments.read, written.product) for need in needs):
        return
    for name in offer.on:
        if not _is_signal(moments[name], segments, written.product):
            told = (
                f"moment {name!r} tells of no usage, so {written.what} could not say what earned it: "
                "let 'for' or 'not_before' ask for a meter"
            )
            written.add("on", "no-signal", told)


def _is_signal(moment: AnyMoment, segments: Segments, product: Product) -> bool:
    match moment:
        case TenureMoment() | OutcomeMoment():
            return False
        case BecomesMoment():
            return reads_meters(moment.condition, segments.read, product)
        case _:
            return True


def reads_meters(condition: Condition, segments: Mapping[str, Condition], product: Product) -> bool:
    """Whether a condition needs a meter, itself or through a segment or a level that it names."""
    return any(
        name.startswith(METERS)
        or (name in segments and reads_meters(segments[name], segments, product))
        or _of_level(name.partition(".")[0], segments, product)
        for name in condition.reads
    )


def _of_level(name: str, segments: Mapping[str, Condition], product: Product) -> bool:
    level = product.levels.get(name)
    return level is not None and any(reads_meters(rung, segments, product) for rung in level.rungs.values())
