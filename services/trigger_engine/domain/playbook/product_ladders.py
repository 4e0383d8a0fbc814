"""Ladders as declared: what is next to what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import AN_ID, Shape, list_of, mapping_of

LADDERS: Final[Shape] = mapping_of(list_of(AN_ID, least=2))
LEAST_RUNGS: Final = 2


@dataclass(frozen=True, slots=True)
class Rungs:
    """What a rung can be: ids of plans, of products, and features; ``in_use`` those for which it is said when."""

    plans: Collection[str]
    products: Collection[str]
    features: Collection[str]
    in_use: Collection[str]


def read_ladders(section: Entry | None, known: Rungs, problems: Problems) -> dict[str, tuple[str, ...]]:
    """The rungs of each ladder, from the lowest up."""
    ladders: dict[str, tuple[str, ...]] = {}
    for entry in problems.mapping(section.node, "ladders").values() if section and known.plans else ():
        name = problems.name(entry, "a ladder")
        written = problems.items(entry.node, f"ladder {entry.key!r}")
        rungs = _rungs(written, known, problems)
        items = [item for item in written if isinstance(item.value, str)]
        if isinstance(entry.node.value, tuple) and len(written) < LEAST_RUNGS:
            problems.add(entry.place, "ladder", f"ladder {name!r} needs two rungs at least", width=len(entry.key))
        _of_one_kind(name, items, known, problems)
        _asks_for_use(items, known, problems)
        _not_the_other_way_round(items, rungs, ladders, problems)
        ladders[name] = tuple(rungs)
    return ladders


def _rungs(items: Sequence[Node], known: Rungs, problems: Problems) -> list[str]:
    rungs: list[str] = []
    for item in items:
        both = [*known.plans, *known.products, *known.features]
        word = problems.one_of(item, "a plan or product", both, "unknown-rung")
        if word in rungs:
            problems.add(item.place, "twice", f"{word!r} stands twice", width=len(word or ""))
        if word in known.features and word in (*known.plans, *known.products):
            told = f"{word!r} is the id of something sold and of a feature: a rung must be one of them"
            problems.add(item.place, "ambiguous", told, width=len(word or ""))
        rungs.extend([word] if word else [])
    return rungs


def _of_one_kind(name: str, items: Sequence[Node], known: Rungs, problems: Problems) -> None:
    beside = [item for item in items if item.value in (*known.products, *known.features)]
    plans = [item for item in items if item.value in known.plans]
    if beside and plans:
        told = f"ladder {name!r} has plans on it: {beside[0].value!r} is none"
        problems.add(beside[0].place, "ladder", told, width=len(str(beside[0].value)))


def _not_the_other_way_round(
    items: Sequence[Node], rungs: Sequence[str], ladders: Mapping[str, Sequence[str]], problems: Problems
) -> None:
    for lower, upper in pairwise(rungs):
        for name, others in ladders.items():
            if lower in others and upper in others and others.index(lower) > others.index(upper):
                told = f"{upper!r} stands above {lower!r} here, and below it on ladder {name!r}"
                place = next(item.place for item in items if item.value == upper)
                problems.add(place, "ladder", told, width=len(upper))


def _asks_for_use(items: Sequence[Node], known: Rungs, problems: Problems) -> None:
    """On a ladder of products or features the next is offered when the one before is in use: which must be known."""
    if any(item.value in known.plans for item in items):
        return
    for item in items[:-1]:
        if item.value in (*known.products, *known.features) and item.value not in known.in_use:
            told = f"what comes after {item.value!r} asks whether it is in use: say under in_use when it is"
            problems.add(item.place, "in-use", told, width=len(str(item.value)))
