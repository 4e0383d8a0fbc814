"""Numbers of many ordinary events, as they stand in their JSON: integers, and the bytes of what has a point.

Meters are moved by integers of their last digit after the point, so numbers are made into those, all at once; a decimal
for each is made only where one is asked for.
"""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from services.trigger_engine.domain.inputs import Property

Told = str | bool | int | bytes | None
"""A property as it was decoded."""

WHOLE: Final = 10**18
"""An ordinary integer has no more than 18 digits."""

POINTED: Final = 20
"""Characters of an ordinary number with a point: no more than 19 digits, and 18 of them after the point."""

ITS_SIGNS: Final = b"0123456789.-"
POINT: Final = ord(".")


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
    has_point = every.count(b".") == len(pointed)  # where the decoder gave up on an integer there is none
    return has_point and max(map(len, pointed)) <= POINTED and not every.translate(None, ITS_SIGNS)


def exact(number: int | bytes) -> Decimal:
    """A number as the domain has it."""
    return Decimal(number.decode() if isinstance(number, bytes) else number)


def told(value: Told) -> Property:
    """A property as the domain has it."""
    return exact(value) if isinstance(value, bytes) else value


def decimals(values: Sequence[object]) -> list[object]:
    """Integers and decimals, where these are numbers."""
    return [exact(value) if type(value) is bytes else value for value in values]


def scaled(values: Sequence[Any], digits: int) -> Sequence[object]:
    """Integers of so many digits after the point, where these are numbers that have no more; else None."""
    kinds = set(map(type, values))
    if kinds == {int} and not digits:
        return values
    if kinds == {bytes}:
        place = digits + 1  # of the point, from the end: mostly all have it there
        every: Any = [
            value if len(value) > digits and value[-place] == POINT else _padded(value, digits) for value in values
        ]
        with suppress(TypeError):  # one has too many digits
            return list(map(int, b"\n".join(every).translate(None, b".").split()))
    return [_scaled(value, digits) for value in values]


def _scaled(value: object, digits: int) -> int | None:
    if type(value) is int:
        return int(value * 10**digits)
    padded = _padded(value, digits) if type(value) is bytes else None
    return None if padded is None else int(padded)


def _padded(value: bytes, digits: int) -> bytes | None:
    """Without its point, and with zeros at its end that make it so many digits; None when it has more."""
    whole, _, fraction = value.partition(b".")
    missing = digits - len(fraction)
    return whole + fraction + b"0" * missing if missing >= 0 else None
