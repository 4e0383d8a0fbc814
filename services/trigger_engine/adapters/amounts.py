"""Numbers of many ordinary events, as they stand in their JSON: integers, and the bytes of what has a point.

Meters are moved by integers of their last digit after the point, so numbers are made into those, all at once; a decimal
for each is made only where one is asked for.
"""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any, Final

from services.trigger_engine.domain.inputs import Property

Told = str | bool | int | bytes | None
"""A property as it was decoded."""

WHOLE: Final = 10**18
"""An ordinary integer has no more than 18 digits."""

POINTED: Final = 20
"""Characters of an ordinary number with a point: no more than 19 digits, and 18 of them after the point."""

ITS_SIGNS: Final = b"0123456789.-"
POINT: Final = b"."


def are_short(values: Sequence[object], kinds: set[type]) -> bool:
    """Whether all numbers among these, which are of these types, are ordinary: short, and without an exponent."""
    if int in kinds:
        whole = [value for value in values if type(value) is int]
        if not -WHOLE < min(whole) <= max(whole) < WHOLE:
            return False
    if bytes not in kinds:
        return True
    pointed: Any = values if len(kinds) == 1 else [value for value in values if type(value) is bytes]
    every = b"".join(pointed)
    has_point = every.count(POINT) == len(pointed)  # where the decoder gave up on an integer there is none
    return has_point and max(map(len, pointed)) <= POINTED and not every.translate(None, ITS_SIGNS)


def exact(number: int | bytes) -> Decimal:
    """A number as the domain has it."""
    return Decimal(number.decode() if isinstance(number, bytes) else number)


def told(value: Told) -> Property:
    """A property as the domain has it."""
    return exact(value) if isinstance(value, bytes) else value


def scaled(values: Sequence[Any], digits: int) -> Sequence[object]:
    """Integers of so many digits after the point, where these are numbers that have no more; else None."""
    kinds = set(map(type, values))
    if kinds == {int}:
        by = 10**digits
        return [value * by for value in values] if digits else values
    if kinds == {bytes}:
        with suppress(IndexError):  # one has too many digits
            return list(map(int, _padded(values, digits).translate(None, POINT).split()))
    return [_scaled(value, digits) for value in values]


def _padded(values: Sequence[bytes], digits: int) -> bytes:
    """Numbers with a point, a line for each, with zeros behind so that each has so many digits.

    Raises `IndexError` when one has more.
    """
    zeros, place = _zeros(digits), len(values[0]) - values[0].index(POINT)  # of the point, from the end
    missing = zeros[place]
    with suppress(IndexError):  # one is shorter than that; mostly all have the point where the first has it
        if [value[-place] for value in values].count(POINT[0]) == len(values):
            return (missing + b"\n").join(values) + missing
    return b"\n".join([value + zeros[len(value) - value.index(POINT)] for value in values])


@cache
def _zeros(digits: int) -> tuple[bytes, ...]:
    """What makes a number one of so many digits, by the place of its point from the end."""
    return (b"", *[b"0" * (digits - own) for own in range(digits + 1)])


def _scaled(value: object, digits: int) -> int | None:
    if type(value) is int:
        return int(value * 10**digits)
    if type(value) is not bytes:
        return None
    whole, _, fraction = value.partition(POINT)
    return int(whole + fraction.ljust(digits, b"0")) if len(fraction) <= digits else None
