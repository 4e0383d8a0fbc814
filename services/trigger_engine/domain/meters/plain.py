"""The plain meters of an account, or of a part of one: their numbers in a row, apart from what they are called.

Accounts of one product have the same meters, so names, periods and digits are one object for all that are alike. What
is left of each account is a row of integers: to move one touches little memory, and the row itself is its stored form.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.numbers import NEAR, kept, value_of
from services.trigger_engine.domain.packing import SHORT, row, unpacked

LAYOUTS: Final = 4_096
"""Layouts that are shared; an account with another one has its own."""

Digits = tuple[int, ...]
"""How many digits after the point each number is kept with, see `numbers.kept`."""


class Layout(dict[str, int | None]):
    """The billing period that each meter counts, by its key (None: it counts for ever); never changed.

    ``places``: where in a row their numbers stand.
    """

    __slots__ = ("digits", "places")

    def __init__(self, periods: Iterable[tuple[str, int | None]], digits: Digits) -> None:
        super().__init__(periods)
        self.digits = digits
        self.places = {key: place for place, key in enumerate(self)}

    __hash__ = object.__hash__  # type: ignore[assignment]  # it is never changed


_layout = lru_cache(LAYOUTS)(Layout)


@lru_cache(LAYOUTS)
def _with(layout: Layout, key: str, period: int | None, digits: int) -> Layout:
    """As ``layout``, but for one meter."""
    place = layout.places.get(key, len(layout))
    every = (*layout.digits[:place], digits, *layout.digits[place + 1 :])
    return _layout(tuple({**layout, key: period}.items()), every)


class PlainMeters(Struct, array_like=True):
    """What each meter stands at, by its key, in the order in which they were first counted.

    ``numbers`` is a `packing.Row`. Who moves one in place asks `numbers.alike` how far; all of them stay where they are
    until a meter is taken out.
    """

    periods: dict[str, int | None] = {}
    numbers: Any = b""
    digits: Digits = ()

    def __post_init__(self) -> None:
        self.numbers = unpacked(self.numbers, len(self.periods))
        self._lay(_layout(tuple(self.periods.items()), self.digits))

    def _lay(self, layout: Layout) -> None:
        self.periods, self.digits = layout, layout.digits

    @classmethod
    def of(cls, states: Mapping[str, MeterState]) -> "PlainMeters":
        """These meters."""
        meters = cls()
        for key, state in states.items():
            meters[key] = state
        return meters

    def place(self, key: str) -> int:
        """Where in the row the meter's number stands."""
        return self.periods.places[key]  # type: ignore[attr-defined,no-any-return]  # a `Layout`, see `_lay`

    def get(self, key: str) -> MeterState | None:
        """What the meter stands at; None when it never counted."""
        return self[key] if key in self.periods else None

    def items(self) -> list[tuple[str, MeterState]]:
        """Each with what it stands at."""
        return [(key, self[key]) for key in self.periods]

    def __getitem__(self, key: str) -> MeterState:
        place = self.place(key)
        return MeterState(value_of(self.numbers[place], self.digits[place]), self.periods[key])

    def __setitem__(self, key: str, state: MeterState) -> None:
        number, digits = kept(state.value)
        numbers, place = self.numbers, self.place(key) if key in self.periods else len(self)
        if type(numbers) is array and numbers.typecode == SHORT and -NEAR <= number < NEAR:
            numbers[place : place + 1] = array(SHORT, (number,))
        else:
            every = list(numbers)
            every[place : place + 1] = [number]
            self.numbers = row(every)
        self._lay(_with(self.periods, key, state.period, digits))  # type: ignore[arg-type]  # as above

    def __delitem__(self, key: str) -> None:
        place, periods = self.place(key), dict(self.periods)
        del periods[key]
        self.numbers = row([number for at, number in enumerate(self.numbers) if at != place])
        self._lay(_layout(tuple(periods.items()), (*self.digits[:place], *self.digits[place + 1 :])))

    def __contains__(self, key: object) -> bool:
        return key in self.periods

    def __iter__(self) -> Iterator[str]:
        return iter(self.periods)

    def __len__(self) -> int:
        return len(self.periods)
