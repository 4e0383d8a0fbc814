"""Read the moments of a playbook, each by its kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas.offers import MomentKind
from services.trigger_engine.domain.playbook.account_moments import (
    BECOMES_KEYS,
    OUTCOME_KEYS,
    TENURE_KEYS,
    read_becomes,
    read_outcome,
    read_tenure,
)
from services.trigger_engine.domain.playbook.document import Entry
from services.trigger_engine.domain.playbook.event_moments import (
    ABSENCE_KEYS,
    ONBOARDING_KEYS,
    SEQUENCE_KEYS,
    read_absence,
    read_onboarding,
    read_sequence,
)
from services.trigger_engine.domain.playbook.limit_moments import ATTEMPT_KEYS, LIMIT_KEYS, read_attempt, read_limit
from services.trigger_engine.domain.playbook.meter_moments import HABIT_KEYS, MILESTONE_KEYS, read_habit, read_milestone
from services.trigger_engine.domain.playbook.moments import AnyMoment
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reading import DURATIONS_US, Problems
from services.trigger_engine.domain.playbook.shapes import (
    A_DURATION,
    Shape,
    Shapes,
    any_of,
    described,
    keyed,
    mapping_of,
)
from services.trigger_engine.domain.playbook.trend_moments import FORECAST_KEYS, GROWTH_KEYS, read_forecast, read_growth
from services.trigger_engine.domain.playbook.written import Declared, Written, misspelt

DEFAULT_STALE_AFTER_US: Final = DURATIONS_US["d"]
COMMON_KEYS: Final[Shapes] = {
    "stale_after": described(A_DURATION, "A moment older than this is not worth an offer; 24h when left out"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of moment is written and read; ``needs`` are the keys that it can not do without."""

    keys: Shapes
    read: Callable[[Written, int], AnyMoment | None]
    needs: tuple[str, ...] = ()


KINDS: Final[Mapping[MomentKind, Kind]] = {
    MomentKind.LIMIT: Kind(LIMIT_KEYS, read_limit),
    MomentKind.ATTEMPT: Kind(ATTEMPT_KEYS, read_attempt, ("of",)),
    MomentKind.MILESTONE: Kind(MILESTONE_KEYS, read_milestone, ("reaches",)),
    MomentKind.ONBOARDING: Kind(ONBOARDING_KEYS, read_onboarding),
    MomentKind.HABIT: Kind(HABIT_KEYS, read_habit, ("reaches",)),
    MomentKind.GROWTH: Kind(GROWTH_KEYS, read_growth, ("by", "of", "from")),
    MomentKind.TENURE: Kind(TENURE_KEYS, read_tenure, ("reaches",)),
    MomentKind.FORECAST: Kind(FORECAST_KEYS, read_forecast, ("within",)),
    MomentKind.BECOMES: Kind(BECOMES_KEYS, read_becomes),
    MomentKind.SEQUENCE: Kind(SEQUENCE_KEYS, read_sequence, ("within",)),
    MomentKind.ABSENCE: Kind(ABSENCE_KEYS, read_absence, ("after", "within")),
    MomentKind.OUTCOME: Kind(OUTCOME_KEYS, read_outcome, ("of",)),
}
"""The key that tells the kind bears its name."""

MOMENTS: Final[Shape] = mapping_of(
    any_of(*(keyed({**kind.keys, **COMMON_KEYS}, required=[name, *kind.needs]) for name, kind in KINDS.items()))
)


def read_moments(
    section: Entry | None, product: Product, declared: Declared, problems: Problems
) -> dict[str, AnyMoment]:
    """The moments of a playbook, by name; without those that can not be read."""
    found: dict[str, AnyMoment] = {}
    for entry in problems.mapping(section.node, "moments").values() if section else ():
        moment = _moment(entry, product, declared, problems)
        if moment is not None:
            found[moment.name] = moment
    return found


def _moment(entry: Entry, product: Product, declared: Declared, problems: Problems) -> AnyMoment | None:
    what = f"moment {problems.name(entry, 'a moment')!r}"
    shape = problems.mapping(entry.node, what)
    kinds = [kind for kind in KINDS if kind in shape]
    known = KINDS[kinds[0]].keys if len(kinds) == 1 else [key for kind in KINDS.values() for key in kind.keys]
    keys = problems.keys(entry.node, what, [*known, *COMMON_KEYS])
    if len(kinds) != 1:
        if isinstance(entry.node.value, dict) and not misspelt(shape, KINDS):
            told_kinds = f"{what} needs exactly one of {', '.join(KINDS)}"
            problems.add(entry.place, "moment", told_kinds, width=len(entry.key))
        return None
    written = Written(what, entry, keys, product, declared, problems)
    stale_after_us = written.duration("stale_after", DEFAULT_STALE_AFTER_US)
    return KINDS[kinds[0]].read(written, DEFAULT_STALE_AFTER_US if stale_after_us is None else stale_after_us)
