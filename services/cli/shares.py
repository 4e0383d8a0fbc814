"""Shares of a whole as operators write them: `80%`, or `0.8`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

import typer

WRITTEN: Final = re.compile(r"(\d{1,4}(?:\.\d{1,9})?)(%?)", re.ASCII)
HUNDRED: Final = 100


def share(text: str | Fraction) -> Fraction:
    """A share of 1, exact; what is none is told as a wrong option. What is one already, such as a default, stays."""
    if isinstance(text, Fraction):
        return text
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a share such as 5% or 0.05")
    number, percent = found.groups()
    return Fraction(number) / (HUNDRED if percent else 1)


def in_percent(number: Fraction, digits: int = 2) -> str:
    """``0.0474`` as 4.74%, to so many digits behind the point."""
    return f"{float(number * HUNDRED):.{digits}f}%"
