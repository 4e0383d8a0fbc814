"""Wording with the account's own numbers: ``You have used {meters.storage_gb} of {limit.storage_gb} GB``."""

import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

LEAST_PLACES: Final = 2
CUT: Final = Context(prec=96)
VARIABLE: Final = re.compile(r"\{([^{}]*)\}")


def variables(text: str) -> tuple[str, ...]:
    """The names between braces, in order."""
    return tuple(VARIABLE.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """``text`` with each variable replaced; None when one of them is unknown: never a blank."""
    if any(name not in values for name in variables(text)):
        return None
    return VARIABLE.sub(lambda found: values[found.group(1)], text)


def spoken(number: Decimal) -> str:
    """A number of the account's as it is told to people: two digits after the point, of less than one the first two.

    What is beyond is cut off, not rounded: nobody is told that a limit is reached before it is.
    """
    places = LEAST_PLACES if number >= 1 else max(LEAST_PLACES, LEAST_PLACES - 1 - number.adjusted())
    exponent = number.as_tuple().exponent
    if number <= 0 or not isinstance(exponent, int) or exponent >= -places:
        return shown(number)
    return shown(number.quantize(Decimal(1).scaleb(-places), ROUND_DOWN, CUT))


def shown(number: Decimal) -> str:
    """A number as a person writes it: ``9.40`` as 9.4, ``1E+3`` as 1000; never below 0."""
    if number <= 0:
        return "0"
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
