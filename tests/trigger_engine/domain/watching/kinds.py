"""What is told of moments, for tests of each kind of them through the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.decisions import Decided
from tests.trigger_engine.domain.building import PRODUCT, T0, Bench, rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.envelope import Envelope
    from schemas.offers import Evidence
    from services.trigger_engine.domain.playbook.sets import CompiledSet


def watching(*moments: str, product: str = PRODUCT) -> CompiledSet:
    """A set of these moments, with an offer on all of them that asks for usage where one of them shows none."""
    names = ", ".join(moment.partition(":")[0] for moment in moments)
    return rules([*moments], [f"photos_: {{on: [{names}], add: photos}}"], product=product)


def fired(events: Iterable[Envelope]) -> list[Evidence]:
    """The moments of all decisions among ``events``."""
    return [moment for event in events if isinstance(event, Decided) for moment in event.data.moments]


def said(moment: Evidence, *names: str) -> tuple[Any, ...]:
    """What is told of a moment under these names."""
    return tuple(getattr(moment, name) for name in names)


def since_start(events: Iterable[Envelope]) -> list[int]:
    """When they happened, microseconds after the story's begin."""
    return [round(moment.happened_at.timestamp() * 1_000_000) - T0 for moment in fired(events)]


def wait_until(bench: Bench, later: int) -> list[Envelope]:
    """Time passes up to this long after the story's begin."""
    return bench.wait(T0 + later - bench.now)
