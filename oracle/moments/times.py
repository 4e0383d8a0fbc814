"""When something happened lately: a short list of event times."""

from __future__ import annotations


def with_time(times: tuple[int, ...], at: int, keep_from: int, most: int) -> tuple[int, ...]:
    """Ascending, each once, none before ``keep_from``. Of too many the one goes that follows closest on another.

    The first and the last two stay: they are what a comparison turns on.
    """
    kept = sorted({time for time in (*times, at) if time >= keep_from})
    while len(kept) > most:
        gaps = [(kept[place] - kept[place - 1], place) for place in range(1, len(kept) - 1)]
        del kept[min(gaps)[1]]
    return tuple(kept)


def first_from(times: tuple[int, ...], at: int) -> int | None:
    """The earliest at or after ``at``."""
    return min((time for time in times if time >= at), default=None)


def last_until(times: tuple[int, ...], at: int) -> int | None:
    """The latest at or before ``at``."""
    return max((time for time in times if time <= at), default=None)
