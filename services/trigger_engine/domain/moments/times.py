"""When something happened, lately: a short list of event times, kept by moments that compare them."""

from bisect import bisect_left
from itertools import pairwise
from typing import Final

MAX_TIMES: Final = 64
"""Times kept of one kind of event at most, at 9 bytes each. At the bound the one that follows closest on another is
dropped: of a crowd the first and the last are what a comparison turns on."""


def with_time(times: tuple[int, ...], at: int, keep_from: int, most: int = MAX_TIMES) -> tuple[int, ...]:
    """``times`` (ascending) and ``at``, each once, without those before ``keep_from``; no more than ``most``."""
    kept = sorted({time for time in (*times, at) if time >= keep_from})
    while len(kept) > most:
        gaps = [after - before for before, after in pairwise(kept[:-1])]
        del kept[1 + gaps.index(min(gaps))]
    return tuple(kept)


def dropped(before: tuple[int, ...], at: int, after: tuple[int, ...]) -> bool:
    """Whether `with_time` made ``after`` of ``before`` and ``at`` by dropping one of a crowd, and not just old ones."""
    return bool(after) and any(after[0] < time and time not in after for time in (*before, at))


def latest_until(times: tuple[int, ...], at: int) -> int | None:
    """The latest of ``times`` at or before ``at``."""
    place = bisect_left(times, at + 1)
    return times[place - 1] if place else None


def earliest_from(times: tuple[int, ...], at: int) -> int | None:
    """The earliest of ``times`` at or after ``at``."""
    place = bisect_left(times, at)
    return times[place] if place < len(times) else None
