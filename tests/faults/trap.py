"""A trap in a process: it goes off at the n-th time that a point is reached, and writes that down first."""

from __future__ import annotations

import os
import signal
import time
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Point(StrEnum):
    """Where something can happen to an engine, in the order in which it gets there; the last three to an offer API."""

    FENCED = "fenced"  # the former owner is shut out, nothing is read yet
    RESTORING = "restoring"  # a part of the state is read
    BEGUN = "begun"  # a transaction is open and empty
    HALF_SENT = "half_sent"  # the broker has the first batch of it, and no other
    SENT = "sent"  # the broker has all of it, and was not told to end it
    ENDING = "ending"  # the end is on its way, unanswered
    ENDED = "ended"  # the broker said yes, memory does not know it yet
    ANSWER_LOST = "answer_lost"  # the broker ended it, and its answer does not arrive
    REQUEST_LOST = "request_lost"  # the end never arrives at the broker
    BURIED = "buried"  # the dead letter is kept, the position not passed
    WRITTEN = "written"  # PostgreSQL has all of a transaction, and was not told to commit it
    COMMITTED = "committed"  # PostgreSQL said yes, memory and the group's offsets do not know it yet


class Trap:
    """Set at one point. Marks are lines ``what partition seconds``, on disk before anything else happens."""

    def __init__(self, point: Point, nth: int, marks: Path) -> None:
        self._point = point
        self._left = nth
        self._marks = marks

    def springs(self, point: Point, partition: int) -> bool:
        """Whether the trap goes off now; then that is marked."""
        if point is not self._point or self._left == 0:
            return False
        self._left -= 1
        if self._left > 0:
            return False
        self.mark(point, partition)
        return True

    def reached(self, point: Point, partition: int) -> None:
        """Kill this process if the trap is set here."""
        if self.springs(point, partition):
            self.kill()

    def kill(self) -> None:
        """End this process as nobody can defend itself against."""
        os.kill(os.getpid(), signal.SIGKILL)

    def mark(self, what: str, partition: int) -> None:
        """Write down that something happened."""
        with self._marks.open("a") as marks:
            marks.write(f"{what} {partition} {time.monotonic():.3f}\n")
