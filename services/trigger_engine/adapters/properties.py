"""What ordinary usage events look like, learned from those that come.

Properties get fields of their own though everybody may name theirs: a dictionary for each event takes a third as long
as all the rest of decoding it; it is what events get when they have too many different names. Sources, types and
texts of which there are few are not made anew each time: each is one string, made once and shared.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Final, Literal, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from schemas.envelope import MAX_PROPERTIES
from services.trigger_engine.adapters.amounts import WHOLE, Told, are_short, told
from services.trigger_engine.domain.inputs import Property

SHORT: Final = 64
"""Characters; at most 256 bytes in any script, so nothing has to be encoded to be measured."""

MOST_NAMES: Final = 24
"""Names that get fields: each costs every event a little."""

MOST_WORDS: Final = 64
"""Sources, types, and texts of a property, that are known; with more of them each event brings its own."""

UNSAID: Final = "\x7f"
"""What no source and no type is: where none is known yet, none fits."""

Id = Annotated[str, Meta(min_length=1, max_length=SHORT)]
Whole = Annotated[int, Meta(gt=-WHOLE, lt=WHOLE)]
DICTIONARY: Final[Any] = dict[str, Any]


class Sort(IntEnum):
    """What the values of a name have been so far; each sort takes what the one before it takes, too."""

    TEXT = 0
    WHOLE = 1
    NUMBER = 2


SORTS: Final[Mapping[type, Sort]] = {
    str: Sort.TEXT,
    bool: Sort.TEXT,
    type(None): Sort.TEXT,
    int: Sort.WHOLE,
    bytes: Sort.NUMBER,
}
NUMBERS: Final = frozenset({int, bytes})
VALUES: Final = frozenset({*SORTS, UnsetType})


class Event(Protocol):
    """A decoded event."""

    source: str
    id: str
    type: str
    subject: str
    time: str
    data: "Data"


class Data(Protocol):
    """Of a decoded event: what happened, to whom, how much. ``properties`` are as its `Properties` know."""

    user: str | None
    quantity: int | bytes
    properties: Any


class Properties(Protocol):
    """How the properties of events are decoded. ``type`` is for msgspec."""

    type: Any

    def are_plain(self, properties: Sequence[Any]) -> bool:
        """Whether these are beyond doubt what the contract takes, given that they could be decoded."""

    def column(self, properties: Sequence[Any], name: str) -> list[object]:
        """One of them, of many events; where it is missing, something that is no number."""

    def all_of(self, properties: Any) -> dict[str, Property]:
        """All of one event."""


class InFields:
    """Each name has a field, typed by its sort and its texts."""

    def __init__(self, names: Mapping[str, Sort], texts: Mapping[str, "Words"]) -> None:
        fields = {name: f"p{number}" for number, name in enumerate(names)}
        self.type: Any = msgspec.defstruct(
            "InFields",
            [(fields[name], _field(sort, texts[name]), UNSET) for name, sort in names.items()],
            rename={field: name for name, field in fields.items()},
            forbid_unknown_fields=True,
            gc=False,
            frozen=True,
        )
        self._get = {name: attrgetter(field) for name, field in fields.items()}
        self._numbers = [self._get[name] for name, sort in names.items() if sort is Sort.NUMBER]

    def are_plain(self, properties: Sequence[Any]) -> bool:
        """See `Properties`."""
        return all(_are_values(list(map(get, properties))) for get in self._numbers)

    def column(self, properties: Sequence[Any], name: str) -> list[object]:
        """See `Properties`."""
        get = self._get.get(name)
        return [None] * len(properties) if get is None else list(map(get, properties))

    def all_of(self, properties: Any) -> dict[str, Property]:
        """See `Properties`."""
        found = {name: get(properties) for name, get in self._get.items()}
        return {name: told(value) for name, value in found.items() if value is not UNSET}


class InDictionaries:
    """As they come."""

    type: Any = DICTIONARY

    def are_plain(self, properties: Sequence[dict[str, Any]]) -> bool:
        """See `Properties`."""
        lengths = set(map(len, set().union(*properties)))
        return (
            (not lengths or 0 < min(lengths) <= max(lengths) <= SHORT)
            and max(map(len, properties)) <= MAX_PROPERTIES
            and _are_values(list(chain.from_iterable(map(dict.values, properties))))
        )

    def column(self, properties: Sequence[dict[str, Any]], name: str) -> list[object]:
        """See `Properties`."""
        return [one.get(name) for one in properties]

    def all_of(self, properties: dict[str, Told]) -> dict[str, Property]:
        """See `Properties`."""
        return {name: told(value) for name, value in properties.items()}


def _field(sort: Sort, texts: "Words") -> Any:
    """How to decode a property. Of what the first two sorts take nothing has to be asked any more."""
    text = texts.type | bool | None | UnsetType
    return {Sort.TEXT: text, Sort.WHOLE: Whole | text, Sort.NUMBER: Any}[sort]


def _are_values(values: list[object]) -> bool:
    """Whether none is a list or an object, nor a number of too many digits."""
    kinds = set(map(type, values))
    return kinds <= VALUES and (kinds.isdisjoint(NUMBERS) or are_short(values, kinds))


def are_short_numbers(values: Sequence[object]) -> bool:
    """Whether all these, as they were decoded, are numbers of not too many digits."""
    kinds = set(map(type, values))
    return kinds <= NUMBERS and are_short(values, kinds)


class Words:
    """Words that come again and again; ``others`` is how any can be decoded, for msgspec."""

    def __init__(self, others: Any) -> None:
        self._others = others
        self._known: set[str] = set()

    @property
    def type(self) -> Any:
        """How to decode one, for msgspec."""
        return self._others if len(self._known) > MOST_WORDS else Literal[tuple(sorted(self._known)) or UNSAID]

    def learn(self, word: str) -> bool:
        """Whether this word was unknown, and is known now."""
        if len(self._known) > MOST_WORDS or word in self._known:
            return False
        self._known.add(word)
        return True


class Forms:
    """What has been seen so far of sources, types, properties, and of quantities, which nearly always are whole."""

    def __init__(self) -> None:
        self.sources = Words(Id)
        self.types = Words(Id)
        self._names: dict[str, Sort] = {}
        self._texts: dict[str, Words] = {}
        self._quantity = Sort.WHOLE

    def quantity(self) -> Any:
        """How to decode quantities, for msgspec."""
        return Whole if self._quantity is Sort.WHOLE else Any

    @property
    def is_whole(self) -> bool:
        """Whether every quantity that could be decoded is a whole number of at most 18 digits."""
        return self._quantity is Sort.WHOLE

    def properties(self) -> Properties:
        """How to decode what is known."""
        return InFields(self._names, self._texts) if len(self._names) <= MOST_NAMES else InDictionaries()

    def learn(self, event: Event) -> bool:
        """Whether there was something new in ``event``, decoded with a dictionary of properties."""
        words = [self.sources.learn(event.source), self.types.learn(event.type)]
        return any([*words, self._learn(event.data)])

    def _learn(self, data: Data) -> bool:
        before, words = (dict(self._names), self._quantity), []
        quantity = SORTS.get(type(data.quantity), Sort.TEXT)
        if quantity is Sort.TEXT:
            return False
        self._quantity = max(self._quantity, quantity)
        for name, value in data.properties.items():
            sort = SORTS.get(type(value))
            if sort is not None and 0 < len(name) <= SHORT and len(self._names) <= MOST_NAMES:
                self._names[name] = max(self._names.get(name, sort), sort)
                texts = self._texts.setdefault(name, Words(str))
                words.append(isinstance(value, str) and texts.learn(value))
        return any(words) or before != (self._names, self._quantity)
