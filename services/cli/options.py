"""Options as operators write them: shares of a whole (`80%`, or `0.8`) and lengths of time (`30d`)."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Final

import typer

from services.kit.clock import US_PER_S

Json = Annotated[bool, typer.Option("--json", help="For programs.")]

WRITTEN: Final = re.compile(r"(\d{1,4}(?:\.\d{1,9})?)(%?)", re.ASCII)
HUNDRED: Final = 100
UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def share(text: str | Fraction) -> Fraction:
    """A share of 1, exact; what is none is told as a wrong option. What is one already, such as a default, stays."""
    if isinstance(text, Fraction):
        return text
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a share such as 5% or 0.05")
    number, percent = found.groups()
    return Fraction(number) / (HUNDRED if percent else 1)


def duration(text: str | int) -> int:
    """A length of time in microseconds; what is none is told as a wrong option. What is one already stays."""
    from services.trigger_engine.domain.playbook.reading import (  # noqa: PLC0415 - slow
        DURATION,
        DURATIONS_US,
    )

    if isinstance(text, int):
        return text
    found = DURATION.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a duration such as 30m, 24h or 14d")
    return int(found.group(1)) * DURATIONS_US[found.group(2)]


def in_words(us: int) -> str:
    """A length of time as people say it: the two largest units, such as ``3d 4h``; below a minute ``12s``."""
    left, told = us // US_PER_S, []
    for name, seconds in UNITS:
        if left >= seconds:
            told.append(f"{left // seconds}{name}")
            left %= seconds
    return " ".join(told[:2]) or "0s"


def many(number: int, what: str) -> str:
    """``1 account``, ``2 accounts``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def in_percent(number: Fraction, digits: int = 2) -> str:
    """``0.0474`` as 4.74%, to so many digits behind the point."""
    return f"{float(number * HUNDRED):.{digits}f}%"
