"""Read the account facts of a scenario: the fields of each are those of its contract in `schemas.facts`."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.facts import AccountCreated, AttributeSet, Fact
from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.instants import to_us
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.product import UNLIMITED, Product
from services.trigger_engine.domain.playbook.reading import DURATION, DURATIONS_US, Problems
from services.trigger_engine.domain.playbook.scenario import Scalar, Told, When
from services.trigger_engine.domain.playbook.shapes import Shape, any_of, keyed, matching, one_of
from services.trigger_engine.domain.playbook.written import width

OURS: Final = "rung."
FACTS: Final[Mapping[str, type[Fact]]] = {
    fact.model_fields["type"].default.removeprefix(OURS): fact
    for fact in get_args(Fact)
    if fact not in (AccountCreated, AttributeSet)  # what a scenario says with 'account' and with 'fact'
}
"""Account facts by the word for them."""

AGO: Final = re.compile(rf"({DURATION.pattern}) ago", re.ASCII)
AHEAD: Final = re.compile(rf"in ({DURATION.pattern})", re.ASCII)
DAY_AND_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?", re.ASCII)
NOW: Final = "now"
AS_OF: Final = "as_of"
"""Of a meter that was set: now, unless a scenario says otherwise."""
WHEN: Final[Shape] = any_of(
    one_of([NOW]), matching(AGO.pattern), matching(AHEAD.pattern), matching(DAY_AND_TIME.pattern)
)
TIMES: Final = "a time must be such as '10d ago', 'in 20d', now or '2026-03-01 09:00' (UTC)"


def fields_of(word: str) -> Mapping[str, FieldInfo]:
    """The fields of the fact with this word, as its contract has them."""
    model = FACTS[word].model_fields["data"].annotation
    return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}


def fact_shapes() -> dict[str, Shape]:
    """Each word for a fact, with the fields that it needs and can have."""
    return {word: keyed({name: {} for name in fields_of(word)}, _needed(word)) for word in FACTS}


def _needed(word: str) -> list[str]:
    return [name for name, field in fields_of(word).items() if field.is_required() and name != AS_OF]


def read_when(node: Node, problems: Problems) -> When | None:
    """A time: so long ago, so far ahead, now, or a day and a time of the day in UTC."""
    word = node.value if isinstance(node.value, str) else ""
    if word == NOW:
        return When()
    if found := AGO.fullmatch(word):
        return When(-int(found.group(2)) * DURATIONS_US[found.group(3)])
    if found := AHEAD.fullmatch(word):
        return When(int(found.group(2)) * DURATIONS_US[found.group(3)])
    at_us = read_day_and_time(node, problems)
    return None if at_us is None else When(at_us=at_us)


def read_day_and_time(node: Node, problems: Problems, form: str = TIMES) -> int | None:
    """A day, and a time of it, in UTC, as microseconds since 1970."""
    found = DAY_AND_TIME.fullmatch(node.value) if isinstance(node.value, str) else None
    try:
        written = " ".join(filter(None, found.groups())) if found else ""
        return to_us(datetime.fromisoformat(written).replace(tzinfo=UTC))
    except ValueError:
        problems.add(node.place, "shape", f"{form}, and this is {node.kind}", width=width(node))
        return None


def read_value(kind: Kind, node: Node, what: str, problems: Problems) -> Scalar:
    """A value of this kind, as an event or a fact has it."""
    match kind:
        case Kind.NUMBER:
            return problems.decimal(node, what)
        case Kind.WHOLE:
            return _whole(node, what, problems)
        case Kind.FLAG:
            word = problems.one_of(node, "true or false", ("true", "false"), "flag")
            return None if word is None else word == "true"
        case _:
            return problems.text(node, what)


def _whole(node: Node, what: str, problems: Problems) -> int | None:
    number = problems.decimal(node, what)
    if number is not None and number != int(number):
        told = f"{what} must be a whole number, and this is {node.kind}"
        problems.add(node.place, "range", told, width=width(node))
        return None
    return None if number is None else int(number)


class FactReader:
    """Reads facts of one account against the product document."""

    def __init__(self, product: Product, problems: Problems) -> None:
        self._product = product
        self._problems = problems
        self.fields: Mapping[str, Callable[[Node], Scalar | When]] = {
            "plan": lambda node: self._known(node, "a plan", product.plans, "unknown-plan"),
            "term": lambda node: self._known(node, "a term", product.terms, "unknown-term"),
            "product": lambda node: self._known(node, "a product", product.products, "unknown-product"),
            "meter": lambda node: self._known(node, "a meter", product.meters, "unknown-meter"),
            "seats": lambda node: problems.whole(node, "seats"),
            "price": lambda node: problems.positive(node, "a price", or_zero=True),
            "value": lambda node: UNLIMITED if node.value == UNLIMITED else problems.decimal(node, "a value"),
            "as_of": lambda node: read_when(node, problems),
            "starts": lambda node: read_when(node, problems),
            "ends": lambda node: read_when(node, problems),
            "ticket": lambda node: problems.id(node, "a ticket"),
            "user": lambda node: problems.id(node, "a user"),
            "locale": lambda node: problems.id(node, "a locale"),
            "zone": lambda node: problems.text(node, "a zone"),
        }

    def read(self, entry: Entry, at: When) -> Told:
        """The fact of this word."""
        fields = fields_of(entry.key)
        keys = self._problems.keys(entry.node, entry.key, fields)
        data: dict[str, Scalar | When] = {}
        for name, field in fields.items():
            if name in keys:
                data[name] = self.fields[name](keys[name].node)
            elif name == AS_OF:
                data[name] = When()
            elif field.is_required():
                self._problems.required(keys, name, entry.node, entry.key)
        return Told(entry.place, OURS + entry.key, data, at)

    def read_declared(self, entry: Entry, at: When) -> Told:
        """A fact that the product document declares, under its name."""
        return Told(entry.place, AttributeSet.model_fields["type"].default, self.declared(entry), at)

    def declared(self, entry: Entry) -> dict[str, Scalar]:
        """Name and value of a fact that the product document declares."""
        known = self._known(
            Node(entry.key, entry.place), "a fact of the product document", self._product.facts, "unknown-fact"
        )
        value = read_value(self._product.facts[known].type, entry.node, known, self._problems) if known else None
        return {"name": entry.key, "value": value}

    def field(self, entry: Entry) -> Scalar | When:
        """The value of one field, by its name."""
        return self.fields[entry.key](entry.node)

    def _known(self, node: Node, what: str, known: Iterable[str], rule: str) -> str | None:
        return self._problems.one_of(node, what, known, rule)
