"""Values told apart: how many different ones there were, and on how many days something was.

A value is known by its mark, a number of 64 bits. Beyond so many those with the smallest marks stand for all: marks are
spread evenly, so the share of them below the first one left out tells how many there are.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import Final

from oracle.meters.state import Days, Distinct, Marks

MARKS: Final = 2**64
MAX_DAYS: Final = 4096
FEW: Final = 16
"""Times kept without asking whether a window needs them."""


def mark(value: object) -> int:
    """The mark of a value; a number by what it says, and not how it is written."""
    if isinstance(value, bool):
        written = f"flag {value}"
    elif isinstance(value, int | Decimal):
        written = f"number {_plain(Decimal(value))}"
    else:
        written = f"text {value}"
    return int.from_bytes(blake2b(written.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _plain(number: Decimal) -> str:
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    written = "".join(map(str, digits)).lstrip("0")
    short = written.rstrip("0")
    return f"{'-' if sign else ''}{short}e{int(exponent) + len(written) - len(short)}"


# --- in windows that follow each other --------------------------------------------------------------


def seen(tally: Distinct, one: int, most: int) -> Distinct:
    """After a value with this mark; beyond ``most`` those with the smallest stand for all."""
    if one in tally.marks or (tally.below is not None and one >= tally.below):
        return tally
    marks = sorted({*tally.marks, one})
    if len(marks) <= most:
        return Distinct(tuple(marks), tally.below)
    return Distinct(tuple(marks[:most]), marks[most])


def different(tally: Distinct) -> int:
    """How many values there were."""
    return _scaled(len(tally.marks), tally.below)


def happened(tally: Days, day: int) -> Days:
    """After something happened on ``day``; of what lies more than 11 years back only the number is kept."""
    days = _days(tally)
    first = tally.first if days else day
    if day < first and max(days) - day >= MAX_DAYS:
        return tally
    first = min(first, day)
    days.add(day)
    begin = max(first, max(days) - MAX_DAYS + 1)
    bits = sum(1 << (known - begin) for known in days if known >= begin)
    gone = sum(known < begin for known in days)
    return Days(begin, bits.to_bytes((bits.bit_length() + 7) // 8, "little"), tally.before + gone)


def how_many_days(tally: Days) -> int:
    """On how many days something happened."""
    return tally.before + len(_days(tally))


def _days(tally: Days) -> set[int]:
    bits = int.from_bytes(tally.bits, "little")
    return {tally.first + place for place in range(bits.bit_length()) if bits >> place & 1}


def _scaled(count: int, below: int | None) -> int:
    return count if below is None else count * MARKS // below


# --- in a rolling window ----------------------------------------------------------------------------


class Apart:
    """A window of ``span`` microseconds that tells values apart."""

    def __init__(self, span: int, most: int = 512) -> None:
        self._span = span
        self._most = most

    def seen(self, state: Marks, one: int, at: int, floor: int) -> Marks:
        """After a value; what no window needs that ends at ``floor`` or later may be gone."""
        times, entries, below, left_out, needed = (
            dict(state.times),
            state.entries,
            state.below,
            state.left_out,
            state.needed,
        )
        if left_out is not None and left_out <= floor - self._span:  # nothing that was left out is in any window
            below = left_out = None
        if below is not None and one >= below:
            return Marks(times, entries, below, max(at, left_out or at), needed)
        before = times.get(one, ())
        times[one] = self._needed((*before, at), floor)
        entries += len(times[one]) - len(before)
        if entries <= min(self._most, max(FEW, 2 * needed)):
            return Marks(times, entries, below, left_out, needed)
        kept = {known: self._needed(own, floor) for known, own in times.items()}
        kept = {known: own for known, own in kept.items() if own}
        while (entries := sum(map(len, kept.values()))) > self._most:
            below = max(kept)
            newest = kept.pop(below)[-1]
            left_out = newest if left_out is None else max(left_out, newest)
        return Marks(kept, entries, below, left_out, entries)

    def _needed(self, times: tuple[int, ...], floor: int) -> tuple[int, ...]:
        """Of the times of one value those that some window needs which ends at ``floor`` or later.

        Of three the middle one is in no window that holds neither of the others, unless these are further apart than
        the window is long.
        """
        found: list[int] = []
        for time in sorted(set(times)):
            while found and time <= floor:
                found.pop()
            if len(found) > 1 and time - found[-2] <= self._span:
                found.pop()
            if time > floor - self._span:
                found.append(time)
        return tuple(found)

    def value(self, state: Marks, at: int) -> int:
        """How many values the window that ends at ``at`` holds."""
        return _scaled(sum(self._newest(own, at) is not None for own in state.times.values()), state.below)

    def _newest(self, own: tuple[int, ...], at: int) -> int | None:
        return max((time for time in own if at - self._span < time <= at), default=None)

    def most(self, state: Marks, at: int) -> tuple[int, int]:
        """The most that a window holds which ends with an event and holds ``at``; and the first end of such."""
        best, when = self.value(state, at), at
        held = 0
        changes = self._changes(state)
        for end in sorted(changes):
            held += changes[end]
            if at < end < at + self._span and _scaled(held, state.below) > best:
                best, when = _scaled(held, state.below), end
        return best, when

    def _changes(self, state: Marks) -> dict[int, int]:
        """By how much the number of values rises or falls at a time: each counts until it leaves, or comes again."""
        changes: dict[int, int] = {}
        for own in state.times.values():
            for place, time in enumerate(own):
                leaves = min((time + self._span, *own[place + 1 : place + 2]))
                changes[time] = changes.get(time, 0) + 1
                changes[leaves] = changes.get(leaves, 0) - 1
        return changes

    def falls_below(self, state: Marks, target: Decimal, at: int) -> int | None:
        """When it holds less than ``target``, if nothing more happens after ``at``; None: never."""
        newest = sorted(time for own in state.times.values() if (time := self._newest(own, at)) is not None)
        for then in (at, *(time + self._span for time in newest)):
            if _scaled(sum(time > then - self._span for time in newest), state.below) < target:
                return then
        return None
