"""The plain meters of an account, or of a part of one: their numbers in a row, apart from what they are called.

Accounts of one product have the same meters, so names, periods and digits are one object for all that are alike. What
is left of each account is a row of integers: to move one touches little memory, and the row itself is its stored form.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

from msgspec import Struct

from services.trigger_engine.domain.meters.meter import MeterState
from services.trigger_engine.domain.numbers import NEAR, Number, kept, value_of
from services.trigger_engine.domain.packing import LONG, SHORT, unpacked

LAYOUTS: Final = 4_096
"""Layouts that are shared; an account with another one has its own."""

Row: TypeAlias = "array[int] | list[Number]"
"""An array of 32 bits when all its numbers fit, else one of 64; a list when one of them is a decimal."""

Digits = tuple[int | None, ...]
"""How many digits after the point each number has; None: it is a decimal, and has its own."""


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
def _with(layout: Layout, key: str, period: int | None, digits: int | None) -> Layout:
    """As ``layout``, but for one meter."""
    place = layout.places.get(key, len(layout))
    every = (*layout.digits[:place], digits, *layout.digits[place + 1 :])
    return _layout(tuple({**layout, key: period}.items()), every)


class PlainMeters(Struct, array_like=True):
    """What each meter stands at, by its key, in the order in which they were first counted.

    ``numbers`` is a `Row`. Who moves one in place asks `numbers.alike` how far; all of them stay where they are until a
    meter is taken out.
    """

    periods: dict[str, int | None] = {}
    numbers: Any = b""
    digits: Digits = ()

    def __post_init__(self) -> None:
        if isinstance(self.numbers, bytes):
            self.numbers = unpacked(self.numbers, len(self.periods))
        else:
            self._read(self.numbers)
        self._lay(_layout(tuple(self.periods.items()), self.digits))

    def _read(self, numbers: Sequence[int | str]) -> None:
        """Numbers one by one: some are decimals, or all are of before format 4, when each had its own digits."""
        if len(self.digits) == len(numbers):
            self.numbers = [Decimal(number) if isinstance(number, str) else number for number in numbers]
            return
        found = [kept(Decimal(number)) for number in numbers]
        self.numbers, self.digits = row([number for number, _ in found]), tuple([digits for _, digits in found])

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
        if type(numbers) is array and numbers.typecode == SHORT and digits is not None and -NEAR <= number < NEAR:
            whole: Any = [number]
            numbers[place : place + 1] = array(SHORT, whole)
        else:
            self.numbers = row([*numbers[:place], number, *numbers[place + 1 :]])
        self._lay(_with(self.periods, key, state.period, digits))  # type: ignore[arg-type]  # as above

    def __delitem__(self, key: str) -> None:
        place, periods = self.place(key), dict(self.periods)
        del periods[key]
        self.numbers = row([*self.numbers[:place], *self.numbers[place + 1 :]])
        self._lay(_layout(tuple(periods.items()), (*self.digits[:place], *self.digits[place + 1 :])))

    def __contains__(self, key: object) -> bool:
        return key in self.periods

    def __iter__(self) -> Iterator[str]:
        return iter(self.periods)

    def __len__(self) -> int:
        return len(self.periods)


def row(numbers: list[Number]) -> Row:
    """These numbers in as little room as they need."""
    if any(isinstance(number, Decimal) for number in numbers):
        return numbers
    fits = all(-NEAR <= number < NEAR for number in numbers)
    whole: Any = numbers
    return array(SHORT if fits else LONG, whole)
