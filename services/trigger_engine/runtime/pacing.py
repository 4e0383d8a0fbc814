"""How much is done in one go: so much that others, heartbeats and commits among them, have their turn in time."""

from typing import Final

LEAST: Final = 32
"""On a machine that has no time to spare 500 records of which each is an offer took most of a second, and whoever asked
for the metrics waited for several such goes."""

MOST: Final = 4_000
GO_S: Final = 0.016
"""A go takes about so long; then the loop is given to others."""


class Pace:
    """``size`` is how many to take in the next go: at first few, then as many as take about `GO_S`; at most ``most``.

    Records cost from 3 us to a hundred times as much, and so do timers.
    """

    __slots__ = ("_most", "size")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.size = min(LEAST, most)

    def took(self, handled: int, seconds: float) -> None:
        """A go of so many took so long."""
        if seconds > GO_S:
            self.size = max(min(LEAST, self._most), self.size // 2)
        elif handled >= self.size and seconds < GO_S / 2:
            self.size = min(self._most, self.size * 2)
