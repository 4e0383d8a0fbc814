"""Values to make accounts up from: what is written in conditions, and what lies between."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, combinations, pairwise
from typing import Final, Self

from services.trigger_engine.domain.conditions.kinds import Kind, Value
from services.trigger_engine.domain.conditions.tokens import Token, TokenKind
from services.trigger_engine.domain.playbook.reading import DURATIONS_US

ZERO: Final = Decimal(0)
MAX_OWNED: Final = 4
"""Most texts of which every selection is made."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Values by kind; enough of them that as many names as are compared can differ, at any place in the order.

    A kind that is not there is one of which too many values would be needed.
    """

    texts: tuple[str, ...]
    of_kind: Mapping[Kind, tuple[Value, ...]]

    @classmethod
    def of(cls, written: Iterable[Token], kinds: Iterable[Kind]) -> Self:
        """The values that ``written`` holds, for conditions that read names of these kinds."""
        found = list(written)
        many = Counter(kinds)
        said = tuple(dict.fromkeys(token.text[1:-1] for token in found if token.kind is TokenKind.TEXT))
        numbers = _sorted(ZERO, *(Decimal(token.text) for token in found if token.kind is TokenKind.NUMBER))
        lengths = _sorted(ZERO, *(_length(token.text) for token in found if token.kind is TokenKind.DURATION))
        compared = many[Kind.NUMBER] + many[Kind.WHOLE]
        of_kind: dict[Kind, tuple[Value, ...]] = {
            Kind.FLAG: (True, False),
            Kind.NUMBER: _spread(numbers, compared),
            Kind.WHOLE: _around(numbers, compared),
            Kind.DURATION: tuple(int(length) for length in _spread(lengths, many[Kind.DURATION])),
        }
        if len(said) <= MAX_OWNED:
            of_kind[Kind.TEXTS] = tuple(chain.from_iterable(combinations(said, some) for some in range(len(said) + 1)))
        others = (f"(another {number})" for number in range(many[Kind.TEXT]))
        return cls((*said, *others), of_kind)


def _sorted(*numbers: Decimal) -> list[Decimal]:
    return sorted(set(numbers))


def _spread(written: list[Decimal], many: int) -> tuple[Decimal, ...]:
    """What is written, and ``many`` values below, in each gap, and above."""
    between = (
        low + (high - low) * place / (many + 1) for low, high in pairwise(written) for place in range(1, many + 1)
    )
    outside = (end + away for end, way in ((written[0], -1), (written[-1], 1)) for away in _away(way, many))
    return tuple(sorted({*written, *between, *outside}))


def _away(way: int, many: int) -> Iterable[int]:
    return (way * place for place in range(1, many + 1))


def _around(written: list[Decimal], many: int) -> tuple[int, ...]:
    """The whole numbers up to ``many`` away from what is written."""
    return tuple(sorted({int(number) + away for number in written for away in range(-many, many + 1)}))


def _length(text: str) -> Decimal:
    return Decimal(text[:-1]) * DURATIONS_US[text[-1]]
