"""Caps as declared: how many offers are enough."""

from collections.abc import Mapping
from typing import Final

from schemas.offers import Verb
from services.trigger_engine.domain.calendar import Unit
from services.trigger_engine.domain.conditions.names import Names
from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.guardrails import MAX_COUNTED, Cap, Each
from services.trigger_engine.domain.playbook.problems import did_you_mean
from services.trigger_engine.domain.playbook.reading import DURATIONS_US, Problems
from services.trigger_engine.domain.playbook.shapes import (
    A_CONDITION,
    A_DURATION,
    WHOLE,
    Shape,
    Shapes,
    any_of,
    keyed,
    list_of,
    one_of,
)

CAP_KEYS: Final[Shapes] = {
    "at_most": WHOLE,
    "per": any_of(one_of(Unit), A_DURATION),
    "each": one_of(Each),
    "for": A_CONDITION,
    "of": one_of(Verb),
}
CAPS: Final[Shape] = list_of(keyed(CAP_KEYS, ("at_most", "per")))
LONGEST_US: Final[Mapping[Unit, int]] = {
    Unit.DAY: DURATIONS_US["d"] + 2 * DURATIONS_US["h"],
    Unit.WEEK: DURATIONS_US["w"] + 2 * DURATIONS_US["h"],
    Unit.MONTH: 31 * DURATIONS_US["d"] + 2 * DURATIONS_US["h"],
}
"""The longest that a day, week or month can be: no zone of our days turns its clocks back by more than two hours."""


def read_caps(section: Entry | None, names: Names, problems: Problems) -> tuple[Cap, ...]:
    """Caps in the order written; ``names`` are what ``for`` can read."""
    found = []
    for item in problems.items(section.node, "caps") if section else ():
        cap = _cap(item, names, problems)
        if cap is not None:
            found.append(cap)
    return tuple(found)


def _cap(item: Node, names: Names, problems: Problems) -> Cap | None:
    keys = problems.keys(item, "a cap", CAP_KEYS)
    count = _at_most(keys, item, problems)
    per = problems.required(keys, "per", item, "a cap")
    length, calendar = _per(per, problems) if per else (None, None)
    who = read_condition(keys["for"].node, "for", names, problems) if "for" in keys else None
    verb = problems.one_of(keys["of"].node, "a verb of offers", list(Verb), "verb") if "of" in keys else None
    each = _each(keys["each"].node, problems) if "each" in keys else Each.ACCOUNT
    if count is None or length is None:
        return None
    return Cap(count, length, each, calendar, who, Verb(verb) if verb else None)


def _at_most(keys: Mapping[str, Entry], item: Node, problems: Problems) -> int | None:
    at_most = problems.required(keys, "at_most", item, "a cap")
    count = problems.whole(at_most, "at_most") if at_most else None
    if at_most and count is not None and count > MAX_COUNTED:
        problems.add(at_most.place, "range", f"at_most must be {MAX_COUNTED} or less")
    return count


def _per(node: Node, problems: Problems) -> tuple[int | None, Unit | None]:
    if isinstance(node.value, str) and node.value in list(Unit):
        return LONGEST_US[Unit(node.value)], Unit(node.value)
    if isinstance(node.value, str) and node.value.isalpha():
        told = f"per must be {', '.join(Unit)}, or a length such as 4h, and this is {node.value!r}"
        problems.add(node.place, "span", told, did_you_mean(node.value, Unit), width=len(node.value))
        return None, None
    return problems.duration(node, "per"), None


def _each(node: Node, problems: Problems) -> Each:
    word = problems.one_of(node, "what a cap counts by", list(Each), "each")
    return Each(word) if word else Each.ACCOUNT
