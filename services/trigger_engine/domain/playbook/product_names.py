"""The names that the conditions of a set can read, as its product document makes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import ACCOUNT, EVENT, NOW, Names, Scope, total
from services.trigger_engine.domain.playbook.meter_definitions import MeterDefinition
from services.trigger_engine.domain.playbook.product import FactDefinition

ONLY_IN_WHERE = "an event is read by the 'where' of a meter only"
ONLY_THE_EVENT = "'where' reads the event only, as in event.format == 'pdf'"


def names_of(
    facts: Mapping[str, FactDefinition],
    meters: Mapping[str, MeterDefinition],
    events: Mapping[str, Mapping[str, str]],
) -> Names:
    """What is asked of an account: what is built in, its facts, its meters and limits, and the time."""
    kinds: dict[str, Kind] = {NOW: Kind.TIME}
    kinds |= {_account(name): built_in.kind for name, built_in in ACCOUNT.items()}
    kinds |= {_account(fact.name): fact.type for fact in facts.values()}
    told = [*EVENT, *(name for properties in events.values() for name in properties)]
    refused = {f"{Scope.EVENT}.{name}": ONLY_IN_WHERE for name in told}
    for meter in meters.values():
        of_meter, of_limit = f"{Scope.METERS}.{meter.name}", f"{Scope.LIMIT}.{meter.name}"
        if meter.of_account:
            kinds |= {of_meter: Kind.NUMBER, of_limit: Kind.NUMBER}
            refused[total(of_meter)] = f"{of_meter} counts for the whole account already: leave total out"
        else:
            kinds[total(of_meter)] = Kind.NUMBER
            by = "user" if meter.by_user else meter.by
            refused[of_meter] = f"meter {meter.name!r} counts by {by}: say {total(of_meter)} for the whole account"
            refused[of_limit] = f"limits apply to meters of accounts; {meter.name!r} is by {by}"
    return Names(kinds, refused)


class Rated(Protocol):
    """A level, as far as names go: what an account can be put down as."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def values(self) -> Sequence[str]:
        """What it can be."""


def with_levels(names: Names, levels: Iterable[Rated]) -> Names:
    """``names`` and those of levels: ``engagement.high`` is a flag, ``engagement`` alone says nothing."""
    kinds: dict[str, Kind] = {}
    refused: dict[str, str] = {}
    for level in levels:
        flags = [f"{level.name}.{value}" for value in level.values]
        kinds |= dict.fromkeys(flags, Kind.FLAG)
        refused[level.name] = f"{level.name!r} is a level: say {' or '.join(flags)}"
    return names.plus(kinds, refused)


def flags_of(levels: Iterable[Rated], segments: Iterable[str]) -> Names:
    """Levels and segments alone: what an account can be."""
    return with_levels(Names({}), levels).plus(dict.fromkeys(segments, Kind.FLAG))


def names_of_event(properties: Mapping[str, str], elsewhere: Names) -> Names:
    """What ``where`` reads of an event with these properties; ``elsewhere`` is what can be read in other places."""
    kinds = {f"{Scope.EVENT}.{name}": built_in.kind for name, built_in in EVENT.items()}
    kinds |= {f"{Scope.EVENT}.{name}": Kind(written.removesuffix("?")) for name, written in properties.items()}
    return Names(kinds, dict.fromkeys(elsewhere.kinds, ONLY_THE_EVENT))


def _account(name: str) -> str:
    return f"{Scope.ACCOUNT}.{name}"
