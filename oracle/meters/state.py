"""What is kept of a meter, laid out as the engine stores it. Times in microseconds since 1970 UTC."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from oracle.numbers import ZERO


class Period(Struct, frozen=True, array_like=True):
    """A billing period, from ``starts`` (included) to ``ends`` (not included)."""

    starts: int
    ends: int

    def holds(self, at: int) -> bool:
        """Whether ``at`` lies in it."""
        return self.starts <= at < self.ends


class Number(Struct, frozen=True, array_like=True, tag="number"):
    """A count, a sum or the greatest."""

    value: Decimal = ZERO


class Last(Struct, frozen=True, array_like=True, tag="last"):
    """The newest value, and when it was told; None before the first."""

    value: Decimal = ZERO
    at: int | None = None


class Distinct(Struct, frozen=True, array_like=True, tag="distinct"):
    """Marks of different values, ascending; ``below``: only of those smaller than this, None: of all."""

    marks: tuple[int, ...] = ()
    below: int | None = None


class Days(Struct, frozen=True, array_like=True, tag="days"):
    """Days with something, from ``first`` on a bit each, lowest first; ``before``: how many lie further back."""

    first: int = 0
    bits: bytes = b""
    before: int = 0


Tally = Number | Last | Distinct | Days


class Windows(Struct, frozen=True, array_like=True, tag="windows"):
    """A tally for each window, by its name; what lies at or before ``closed`` counts no more."""

    open: dict[int, Tally] = {}
    closed: int | None = None


class Rolling(Struct, frozen=True, array_like=True, tag="rolling"):
    """Event times, ascending, and what was counted at each; rounded down to a ``grid`` of seconds (0: exact)."""

    times: tuple[int, ...] = ()
    amounts: tuple[Decimal, ...] = ()
    grid: int = 0


class Marks(Struct, frozen=True, array_like=True, tag="marks"):
    """Event times by mark, ``entries`` of them; ``below``: only of smaller marks, ``left_out`` the newest of others.

    ``needed``: how many times a window needed when that was last looked at.
    """

    times: dict[int, tuple[int, ...]] = {}
    entries: int = 0
    below: int | None = None
    left_out: int | None = None
    needed: int = 0


Counted = Windows | Rolling | Marks | Last
