"""What an account is put down as, and what it uses: levels and in_use as declared."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import RESERVED, Names
from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.product import Level
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import A_CONDITION, AN_ID, Shape, list_of, mapping_of

OTHERWISE: Final = "otherwise"
NO_FLAGS: Final = "a level asks what is known of an account, and neither other levels nor segments"
A_RUNG: Final[Shape] = {**mapping_of(A_CONDITION), "minProperties": 1, "maxProperties": 1}
LEVELS: Final[Shape] = mapping_of(list_of(A_RUNG, least=2))
IN_USE: Final[Shape] = mapping_of(A_CONDITION, AN_ID)


def read_in_use(
    section: Entry | None, things: Collection[str], names: Names, problems: Problems
) -> dict[str, Condition]:
    """When each of ``things`` (products and features) counts as used."""
    found: dict[str, Condition] = {}
    for entry in problems.mapping(section.node, "in_use").values() if section else ():
        name = Node(entry.key, entry.place)
        thing = problems.one_of(name, "a product or a feature", things, "unknown-product")
        condition = read_condition(entry.node, "in_use", names, problems)
        if thing and condition:
            found[thing] = condition
    return found


@dataclass(frozen=True, slots=True)
class DeclaredLevel:
    """What a level can be, as written, whether or not its conditions can be read: one fault is told once."""

    name: str
    values: tuple[str, ...]


def declared_levels(section: Entry | None) -> tuple[DeclaredLevel, ...]:
    """The levels as written, in their order."""
    return tuple(
        DeclaredLevel(level.key, tuple(rung.key for item in _items(level) for rung in item.entries()))
        for level in (section.node.entries() if section else ())
    )


def read_levels(section: Entry | None, names: Names, segments: Collection[str], problems: Problems) -> dict[str, Level]:
    """Levels by name. They read what is known of an account, and neither one another nor segments."""
    levels: dict[str, Level] = {}
    flags = [f"{level.name}.{value}" for level in declared_levels(section) for value in level.values]
    names = names.plus({}, dict.fromkeys([*flags, *segments], NO_FLAGS))
    for entry in problems.mapping(section.node, "levels").values() if section else ():
        name = problems.name(entry, "a level")
        if name in RESERVED or name in segments:
            whose = "a word of conditions" if name in RESERVED else "a segment"
            told = f"{name!r} is {whose} already: a level needs a name of its own"
            problems.add(entry.place, "twice", told, width=len(name))
        level = _level(entry, name, names, problems)
        if level is not None:
            levels[name] = level
    return levels


def _items(level: Entry) -> tuple[Node, ...]:
    return level.node.value if isinstance(level.node.value, tuple) else ()


def _level(entry: Entry, name: str, names: Names, problems: Problems) -> Level | None:
    written = [rung for item in problems.items(entry.node, f"level {name!r}") for rung in _rung(item, name, problems)]
    if not written:
        return None
    _covers(entry, written, problems)
    _each_once(written, problems)
    _each_reached(written, problems)
    conditions = {
        rung.key: condition
        for rung in written
        if rung.node.value != OTHERWISE and (condition := read_condition(rung.node, "a level", names, problems))
    }
    return Level(name, conditions, written[-1].key)


def _covers(entry: Entry, written: Sequence[Entry], problems: Problems) -> None:
    """The last, and only the last, is what an account is put down as otherwise."""
    *before, last = written
    early = next((rung for rung in before if rung.node.value == OTHERWISE), None)
    if early is not None:
        told = f"what stands behind {OTHERWISE!r} is never reached: it must be the last"
        problems.add(early.node.place, "level", told, width=len(OTHERWISE))
    elif last.node.value != OTHERWISE:
        told = f"a level must cover every account: the last must be '{last.key}: {OTHERWISE}', or the like"
        problems.add(last.place, "level", told, width=len(last.key))
    if not before:
        problems.add(entry.place, "level", f"level {entry.key!r} needs two at least", width=len(entry.key))


def _rung(item: Node, level: str, problems: Problems) -> list[Entry]:
    entries = list(problems.mapping(item, f"a line of level {level!r}").values())
    if len(entries) > 1:
        told = "one name and its condition a line, so that their order can be seen"
        problems.add(entries[1].place, "level", told, width=len(entries[1].key))
    for rung in entries:
        problems.name(rung, f"what level {level!r} can be,")
    return entries


def _each_once(written: Sequence[Entry], problems: Problems) -> None:
    for at, rung in enumerate(written):
        if any(rung.key == before.key for before in written[:at]):
            problems.add(rung.place, "twice", f"{rung.key!r} stands twice", width=len(rung.key))


def _each_reached(written: Sequence[Entry], problems: Problems) -> None:
    for at, rung in enumerate(written):
        same = [before.key for before in written[:at] if before.node.value == rung.node.value != OTHERWISE]
        if same:
            told = f"{rung.key!r} asks what {same[0]!r} asked before, and is never reached"
            problems.add(rung.place, "level", told, width=len(rung.key))
