"""Two messages field by field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from oracle.numbers import without_zeros
from oracle.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = "nothing"

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Difference(NamedTuple):
    """One field that differs; ``where`` is its path."""

    where: str
    expected: str
    found: str


def differences(expected: Any, found: Any, where: str = "") -> Iterator[Difference]:
    """Every field in which ``found`` is not as ``expected``; two spellings of a time, or a number, are the same."""
    if expected == found and type(expected) is type(found):
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(expected.keys() | found.keys(), key=str):
            yield from differences(expected.get(name, ABSENT), found.get(name, ABSENT), f"{where}.{name}".lstrip("."))
    elif isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        for number in range(max(len(expected), len(found))):
            pair = [side[number] if number < len(side) else ABSENT for side in (expected, found)]
            yield from differences(pair[0], pair[1], f"{where}[{number}]")
    elif not _same_instant(expected, found) and not _same_number(expected, found):
        yield Difference(where, repr(expected), repr(found))


def _same_instant(expected: Any, found: Any) -> bool:
    at = instant(expected)
    return at is not None and at == instant(found)


def _same_number(expected: Any, found: Any) -> bool:
    """Whether both are numbers as text that differ by zeros at the end: engines from before told more of them."""
    told = [side for side in (expected, found) if isinstance(side, str) and _NUMBER.fullmatch(side)]
    return len(told) == 2 and len(set(map(without_zeros, told))) == 1  # noqa: PLR2004 - both
