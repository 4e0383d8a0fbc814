"""How far the logs are looked at, so that a system at work can be verified.

The ends are taken three times, in this order: of what is told, of the journal, and of everything again. What is told
before the first (``settled``) belongs to transactions that the journal knows by the second; what those transactions
told lies before the third (``reach``). The pauses between are for the markers that end a transaction: they reach the
partitions one after the other, within some ten milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.records import INTAKE, JOURNAL, SEEN, TOLD, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from oracle.records import Logs

PAUSE_S: Final = 0.5


class Horizon:
    """Ends of all logs of all partitions, as of one moment."""

    def __init__(self, logs: Logs, wait: Callable[[float], None]) -> None:
        self._settled = self._ends(logs, (*TOLD, SEEN))
        wait(PAUSE_S)
        self._reach = self._ends(logs, (JOURNAL,))
        wait(PAUSE_S)
        self._reach |= self._ends(logs, (*INTAKE, *(topic for topic in WRITTEN if topic != JOURNAL)))

    def settled(self, topic: str, partition: int) -> int:
        """Records before this offset are of transactions that are verified."""
        return self._settled[topic, partition]

    def reach(self, topic: str, partition: int) -> int:
        """Records of transactions that are verified lie before this offset."""
        return self._reach[topic, partition]

    @staticmethod
    def _ends(logs: Logs, topics: tuple[str, ...]) -> dict[tuple[str, int], int]:
        every = range(logs.partitions())
        return {(topic, partition): logs.bounds(topic, partition).end for topic in topics for partition in every}
