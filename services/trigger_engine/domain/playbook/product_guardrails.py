"""Guardrails as declared: when to be quiet, what must be so before any offer, how steep a step may be."""

import re
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.conditions.names import ACCOUNT, Names, Scope
from services.trigger_engine.domain.playbook.conditions_reader import read_condition
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.guardrails import (
    BackOff,
    Guardrails,
    PriceStep,
    Quiet,
    QuietSegment,
    Threshold,
)
from services.trigger_engine.domain.playbook.problems import did_you_mean
from services.trigger_engine.domain.playbook.product_caps import CAPS, read_caps
from services.trigger_engine.domain.playbook.reading import NAME, Problems
from services.trigger_engine.domain.playbook.shapes import (
    A_CONDITION,
    A_DURATION,
    NUMERIC,
    TEXT,
    WHOLE,
    Shape,
    Shapes,
    any_of,
    keyed,
    list_of,
    mapping_of,
    matching,
)

TIMES: Final = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)x", re.ASCII)
QUIET_STATE: Final[Shape] = any_of(A_CONDITION, mapping_of(A_DURATION, TEXT))
BACK_OFF_KEYS: Final[Shapes] = {"after": WHOLE, "wait": A_DURATION}
AGES: Final = tuple(f"{Scope.ACCOUNT}.{name}" for name, told in ACCOUNT.items() if told.kind is Kind.DURATION)
NOT_BEFORE: Final[Shape] = {**mapping_of(NUMERIC, TEXT), "properties": dict.fromkeys(AGES, A_DURATION)}
GUARDRAIL_KEYS: Final[Shapes] = {
    "quiet_when": list_of(QUIET_STATE),
    "not_before": NOT_BEFORE,
    "caps": CAPS,
    "back_off": keyed(BACK_OFF_KEYS, BACK_OFF_KEYS),
    "price_step": matching(TIMES.pattern),
    "first_price": NUMERIC,
}
GUARDRAILS: Final[Shape] = keyed(GUARDRAIL_KEYS)
QUANTITIES: Final = (Kind.NUMBER, Kind.WHOLE, Kind.DURATION)


def read_guardrails(section: Entry | None, names: Names, flags: Names, problems: Problems) -> Guardrails:
    """The section. ``names`` are what conditions read; ``flags`` the segments and levels among them."""
    if section is None:
        return Guardrails()
    keys = problems.keys(section.node, "guardrails", GUARDRAIL_KEYS)
    quiet, segments = _Quiet(flags, problems).read(keys.get("quiet_when"))
    return Guardrails(
        quiet=quiet,
        quiet_segments=tuple(segments),
        not_before=read_not_before(keys.get("not_before"), names, problems),
        caps=read_caps(keys.get("caps"), names, problems),
        back_off=_back_off(keys.get("back_off"), problems),
        price_step=PriceStep(_times(keys.get("price_step"), problems), _first(keys.get("first_price"), problems)),
    )


class _Quiet:
    """Reads when to be quiet: built-in states, segments and levels, each alone or with its cool-down."""

    def __init__(self, flags: Names, problems: Problems) -> None:
        self._flags = flags
        self._problems = problems
        self._quiet: dict[Quiet, int] = {}
        self._segments: list[QuietSegment] = []

    def read(self, section: Entry | None) -> tuple[dict[Quiet, int], list[QuietSegment]]:
        for item in self._problems.items(section.node, "quiet_when") if section else ():
            if isinstance(item.value, str):
                self._state(item, None)
                continue
            for inner in self._problems.mapping(item, "a quiet state with its cool-down").values():
                self._state(Node(inner.key, inner.place), inner.node)
        return self._quiet, self._segments

    def _state(self, state: Node, cool_down: Node | None) -> None:
        length = self._problems.duration(cool_down, "a cool-down") if cool_down else None
        word = self._problems.text(state, "a state to be quiet in")
        if word in list(Quiet):
            self._built_in(Quiet(word), state, length)
        elif NAME.fullmatch(word) and word not in self._flags.kinds and word not in self._flags.refused:
            hint = did_you_mean(word, [*Quiet, *self._flags.kinds])
            told = f"{word!r} is not a state to be quiet in"
            self._problems.add(state.place, "unknown-state", told, hint, width=len(word))
        elif word:
            self._segment(state, length)

    def _built_in(self, name: Quiet, state: Node, cool_down: int | None) -> None:
        if name in self._quiet:
            self._problems.add(state.place, "twice", f"{name.value!r} stands twice", width=len(name))
        self._quiet[name] = cool_down or 0

    def _segment(self, state: Node, cool_down: int | None) -> None:
        condition = read_condition(state, "a state to be quiet in", self._flags, self._problems)
        if condition is None:
            return
        if any(condition.text == other.condition.text for other in self._segments):
            self._problems.add(state.place, "twice", f"{condition.text!r} stands twice", width=len(condition.text))
        self._segments.append(QuietSegment(condition, cool_down or 0))


def read_not_before(section: Entry | None, names: Names, problems: Problems) -> tuple[Threshold, ...]:
    """What must have come to so much, as in ``{account.age: 3d, meters.exports: 1}``."""
    found: list[Threshold] = []
    for entry in problems.mapping(section.node, "not_before").values() if section else ():
        kind = _quantity(entry, names, problems)
        if kind is None:
            continue
        least = _least(kind, entry, problems)
        if least is not None:
            told = least if kind is Kind.WHOLE else entry.node.value  # 2.0 is a whole number, written as none
            found.append(Threshold(entry.key, least, compile_condition(f"{entry.key} >= {told}", names)))
    return tuple(found)


def _least(kind: Kind, entry: Entry, problems: Problems) -> Decimal | int | None:
    if kind is Kind.DURATION:
        return problems.duration(entry.node, entry.key)
    if kind is Kind.WHOLE:
        return problems.whole(entry.node, entry.key, least=1)
    return problems.positive(entry.node, entry.key)


def _quantity(entry: Entry, names: Names, problems: Problems) -> Kind | None:
    kind = names.kinds.get(entry.key)
    quantities = [name for name, of in names.kinds.items() if of in QUANTITIES]
    if kind in QUANTITIES:
        return kind
    if kind is not None:
        told = f"not_before compares numbers and lengths of time, and {entry.key!r} is {kind.shown}"
        problems.add(entry.place, "not-before", told, width=len(entry.key))
    elif entry.key in names.refused:
        problems.add(entry.place, "unknown-name", names.refused[entry.key], width=len(entry.key))
    else:
        hint = did_you_mean(entry.key, quantities)
        problems.add(entry.place, "unknown-name", f"{entry.key!r} is not known here", hint, width=len(entry.key))
    return None


def _back_off(section: Entry | None, problems: Problems) -> BackOff | None:
    if section is None:
        return None
    keys = problems.keys(section.node, "back_off", BACK_OFF_KEYS)
    after = problems.required(keys, "after", section.node, "back_off")
    wait = problems.required(keys, "wait", section.node, "back_off")
    count = problems.whole(after, "after", least=1) if after else None
    length = problems.duration(wait, "wait") if wait else None
    return BackOff(count, length) if count and length else None


def _times(section: Entry | None, problems: Problems) -> Decimal | None:
    if section is None:
        return None
    word = problems.text(section.node, "price_step")
    found = TIMES.fullmatch(word)
    if found is None:
        if word:
            told = f"price_step must be a factor such as 3x, and this is {word!r}"
            problems.add(section.node.place, "shape", told, width=len(word))
        return None
    times = Decimal(found.group(1))
    if times <= 1:
        told = "price_step must be above 1x, or every upgrade would be too steep"
        problems.add(section.node.place, "range", told, width=len(word))
    return times


def _first(section: Entry | None, problems: Problems) -> Decimal | None:
    return problems.positive(section.node, "first_price") if section is not None else None
