"""Wording with the account's own numbers: ``You have used {meters.storage_gb} of {limit.storage_gb} GB``."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

VARIABLE: Final = re.compile(r"\{([^{}]*)\}")


def variables(text: str) -> tuple[str, ...]:
    """The names between braces, in order."""
    return tuple(VARIABLE.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """``text`` with each variable replaced; None when one of them is unknown: never a blank."""
    if any(name not in values for name in variables(text)):
        return None
    return VARIABLE.sub(lambda found: values[found.group(1)], text)


def shown(number: Decimal) -> str:
    """A number as a person writes it: ``9.40`` as 9.4, ``1E+3`` as 1000; never below 0."""
    if number <= 0:
        return "0"
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
