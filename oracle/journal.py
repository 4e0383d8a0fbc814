"""The journal: one record a transaction, in the order of the transactions."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, json


class Segment(Struct):
    """Consecutive records of one input, a tick of the clock, or accounts that were swept; all at ``now``.

    A tick with ``timers`` was cut: so many fired, and others were left for later. One with offsets came before the
    record of usage at ``first``, which a later segment takes.
    """

    stream: Literal["usage", "responses", "tick", "sweep"]
    now: int | Literal["log"]
    first: int | None = None
    last: int | None = None
    accounts: list[str] | None = None
    timers: int | None = None


class Entry(Struct):
    """What one transaction took in and gave out, and of which times usage was taken; older entries lack the latter.

    ``lateness_s``: how late it could be. ``floor``: where the bound on ids raised it to at the end, if it did. ``now``:
    the engine's clock in a backfill.
    """

    transaction: int
    segments: list[Segment]
    version: int
    offers: int
    outcomes: int
    decisions: int
    slices: int
    dead_letters: int
    digest: str
    lateness_s: int | None = None
    floor: int | None = None
    now: int | None = None


_DECODER = json.Decoder(Entry)


def entry_of(value: bytes | None) -> Entry | None:
    """The entry in a record of the journal; None when it is none."""
    try:
        return _DECODER.decode(value or b"")
    except ValueError:  # what msgspec raises derives from it
        return None
