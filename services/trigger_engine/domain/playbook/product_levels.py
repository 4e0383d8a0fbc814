"""What an account is put down as, and what it uses: levels and in_use as declared."""

from collections.abc import Collection
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


def read_levels(section: Entry | None, names: Names, segments: Collection[str], problems: Problems) -> dict[str, Level]:
    """Levels by name. They read what is known of an account, and not one another."""
    levels: dict[str, Level] = {}
    written = problems.mapping(section.node, "levels").values() if section else ()
    flags = [f"{level.key}.{rung.key}" for level in written for item in _items(level) for rung in item.entries()]
    names = names.plus({}, dict.fromkeys([*flags, *segments], NO_FLAGS))
    for entry in written:
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
    _each_once(written, problems)
    if not isinstance(entry.node.value, tuple) or not written:
        return None
    *before, last = written
    for rung in before:
        if rung.node.value == OTHERWISE:
            told = f"what stands behind {OTHERWISE!r} is never reached: it must be the last"
            problems.add(rung.node.place, "level", told, width=len(OTHERWISE))
    if last.node.value != OTHERWISE:
        told = f"a level must cover every account: the last must be '{last.key}: {OTHERWISE}', or the like"
        problems.add(last.place, "level", told, width=len(last.key))
    if not before:
        problems.add(entry.place, "level", f"level {name!r} needs two at least", width=len(name))
    conditions = {
        rung.key: condition
        for rung in written
        if rung.node.value != OTHERWISE and (condition := read_condition(rung.node, "a level", names, problems))
    }
    _each_reached(written, problems)
    return Level(name, {key: found for key, found in conditions.items() if key != last.key}, last.key)


def _rung(item: Node, level: str, problems: Problems) -> list[Entry]:
    entries = list(problems.mapping(item, f"a line of level {level!r}").values())
    if len(entries) > 1:
        told = "one name and its condition a line, so that their order can be seen"
        problems.add(entries[1].place, "level", told, width=len(entries[1].key))
    for rung in entries:
        problems.name(rung, f"what level {level!r} can be,")
    return entries


def _each_once(written: list[Entry], problems: Problems) -> None:
    for at, rung in enumerate(written):
        if any(rung.key == before.key for before in written[:at]):
            problems.add(rung.place, "twice", f"{rung.key!r} stands twice", width=len(rung.key))


def _each_reached(written: list[Entry], problems: Problems) -> None:
    for at, rung in enumerate(written):
        same = [before.key for before in written[:at] if before.node.value == rung.node.value != OTHERWISE]
        if same:
            told = f"{rung.key!r} asks what {same[0]!r} asked before, and is never reached"
            problems.add(rung.place, "level", told, width=len(rung.key))
