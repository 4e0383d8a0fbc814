"""Whether time was let pass: the engine must fire what is due once it has read all there is.

When a tick comes is the engine's choice, and one that never comes leaves no record that is wrong. What lies in the logs
shows a silence: between the last transaction and the next record that was sent there was nothing to read, and the
engine was at work, since it took that record at once. What was due at its beginning must have been fired in it.

This is a bound and no exact time, since the logs do not tell when an engine was down, and not how far the clock of who
sent is off: a silence counts from `SILENCE` on, when the record after it was taken within `AT_ONCE` of when it was
sent, and an engine may have come up just then `PASSED_OVER` - 1 times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from oracle import ids
from oracle.times import SECOND, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oracle.holdings import Holdings
    from oracle.inputs import Input
    from oracle.journal import Entry, Segment

SILENCE: Final = 30 * SECOND
"""Three times what an engine takes to follow one that died: its session of 10 s."""

AT_ONCE: Final = SECOND
"""An engine at work reads each 100 ms."""

PASSED_OVER: Final = 3
"""Silences in a row, with no tick between them, in each of which something was due."""


def is_whole(segment: Segment) -> bool:
    """Whether this is a tick that fired all that was due."""
    return segment.stream == "tick" and segment.first is None and segment.timers is None


class Late(NamedTuple):
    """Something of an account was due and is not fired yet."""

    account: str
    expected: str


class Silences:
    """Watches one partition for what is passed over in silence."""

    def __init__(self, holdings: Holdings, inputs: Mapping[str, Input]) -> None:
        self._holdings = holdings
        self._inputs = inputs
        self._times = 0

    def before(self, entry: Entry, now: int) -> Late | None:
        """What should have been fired before ``entry``; ``now``: when the transaction before it was at work last."""
        first = self._holdings.first_due()
        if any(is_whole(segment) for segment in entry.segments):
            self._times = 0
        elif first is not None and self._is_silent(entry, max(now, first[0])):
            self._times += 1
            if self._times == PASSED_OVER:
                return Late(ids.account_of(first[1]), f"{told(first[0])} let pass, as in silences before")
        return None

    def _is_silent(self, entry: Entry, since: int) -> bool:
        """Whether nothing was sent for long since then, and an engine was at work when something was."""
        segment = next((segment for segment in entry.segments if segment.first is not None), None)
        sent = [at for at in (source.next_sent for source in self._inputs.values()) if at is not None]
        if segment is None or not isinstance(segment.now, int) or not sent:
            return False
        return min(sent) - since >= SILENCE and abs(segment.now - min(sent)) <= AT_ONCE
