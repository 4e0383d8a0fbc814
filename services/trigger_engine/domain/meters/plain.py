"""The plain meters of an account, or of a part of one: their numbers in a row, apart from what they are called.

Accounts of one product have the same meters, so names and periods are one object for all that are alike. What is left
of each account is a list of numbers: to move one touches little memory, and to store them is one call.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from msgspec import Struct

from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.numbers import Number, kept

LAYOUTS: Final = 4_096
"""Layouts that are shared; an account with another one has its own."""


class Layout(dict[str, int | None]):
    """The billing period that each meter counts, by its key (None: it counts for ever); never changed.

    ``places``: where in a row their numbers stand.
    """

    __slots__ = ("places",)

    def __init__(self, periods: Iterable[tuple[str, int | None]]) -> None:
        super().__init__(periods)
        self.places = {key: place for place, key in enumerate(self)}

    __hash__ = object.__hash__  # type: ignore[assignment]  # it is never changed


_layout = lru_cache(LAYOUTS)(Layout)


@lru_cache(LAYOUTS)
def _and_also(layout: Layout, key: str, period: int | None) -> Layout:
    return _layout(tuple({**layout, key: period}.items()))


class PlainMeters(Struct, array_like=True):
    """What each meter stands at, by its key, in the order in which they were first counted.

    ``numbers`` is always the same list, for whoever moves them in place; a number stays where it is until a meter is
    taken out.
    """

    periods: dict[str, int | None] = {}
    numbers: list[Number] = []

    def __post_init__(self) -> None:
        self.periods = _layout(tuple(self.periods.items()))

    @classmethod
    def of(cls, states: Mapping[str, MeterState]) -> "PlainMeters":
        """These meters."""
        periods = {key: state.period for key, state in states.items()}
        return cls(periods, [kept(state.value) for state in states.values()])

    def place(self, key: str) -> int:
        """Where in the row the meter's number stands."""
        return self.periods.places[key]  # type: ignore[attr-defined,no-any-return]  # a `Layout`, see `__post_init__`

    def get(self, key: str) -> MeterState | None:
        """What the meter stands at; None when it never counted."""
        return self[key] if key in self.periods else None

    def items(self) -> list[tuple[str, MeterState]]:
        """Each with what it stands at."""
        return [(key, self[key]) for key in self.periods]

    def __getitem__(self, key: str) -> MeterState:
        return MeterState(Decimal(self.numbers[self.place(key)]), self.periods[key])

    def __setitem__(self, key: str, state: MeterState) -> None:
        periods = self.periods
        if key not in periods:
            self.numbers.append(kept(state.value))
        else:
            self.numbers[self.place(key)] = kept(state.value)
            if periods[key] == state.period:
                return
        self.periods = _and_also(periods, key, state.period)  # type: ignore[arg-type]  # as above

    def __delitem__(self, key: str) -> None:
        del self.numbers[self.place(key)]
        self.periods = _layout(tuple([known for known in self.periods.items() if known[0] != key]))

    def __contains__(self, key: object) -> bool:
        return key in self.periods

    def __iter__(self) -> Iterator[str]:
        return iter(self.periods)

    def __len__(self) -> int:
        return len(self.numbers)
