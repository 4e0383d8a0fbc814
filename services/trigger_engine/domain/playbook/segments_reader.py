"""Read the segments of a playbook: names for conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import RESERVED, Names, Scope
from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.document import Entry
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import A_CONDITION, Shape, described, mapping_of

SEGMENTS: Final[Shape] = described(mapping_of(A_CONDITION), "Conditions, under the names that offers have for them")


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments read, each below those it names; and the names that the playbook's conditions can read.

    ``declared`` are the names of all, also of those that could not be read. ``of_user`` are the names for offers to one
    user: meters by user are that user's there.
    """

    declared: tuple[str, ...]
    read: Mapping[str, Condition]
    names: Names
    of_user: Names


def read_segments(section: Entry | None, product: Product, problems: Problems) -> Segments:
    """The segments under ``section``. Each can name those above it, so none can go round in circles."""
    entries = problems.mapping(section.node, "segments") if section else {}
    names = product.names.plus(dict.fromkeys(entries, Kind.FLAG)) if entries else product.names
    read: dict[str, Condition] = {}
    above: list[str] = []
    for entry in entries.values():
        _name(entry, product, problems)
        condition = read_condition(entry.node, "a segment", names, problems)
        for name in condition.reads if condition else ():
            if name in entries and name not in above:
                told = f"segment {entry.key!r} can name those above it only, and {name!r} is not"
                problems.add(entry.node.place, "segment-order", told)
        above.append(entry.key)
        if condition is not None:
            read[entry.key] = condition
    return Segments(tuple(entries), read, names, _of_user(names, product))


def _name(entry: Entry, product: Product, problems: Problems) -> None:
    name = problems.name(entry, "a segment")
    if name in RESERVED or name in product.levels:
        told = f"{name!r} is a word of conditions, so no segment can have it as its name"
        problems.add(entry.place, "name", told, width=len(name))


def _of_user(names: Names, product: Product) -> Names:
    by_user = {f"{Scope.METERS}.{name}": Kind.NUMBER for name, meter in product.meters.items() if meter.by_user}
    return names.plus(by_user) if by_user else names
