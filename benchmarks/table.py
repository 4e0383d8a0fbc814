"""What is printed and written down: one row a line, with its reference, its goal, and whether it was reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from benchmarks.rates import Spread

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BEGIN: Final = "<!-- measured: written by `make bench` -->"
END: Final = "<!-- end of measured -->"


class Goal(StrEnum):
    """How a ratio is to be compared with its goal."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    REPORTED = "reported"


@dataclass(frozen=True)
class Row:
    """One line. ``ratio`` is ours to the reference, pair by pair; ``ours`` and ``reference`` are told with units.

    ``measured`` is what the goal is about when it is not the ratio.
    """

    name: str
    ratio: Spread
    ours: str
    reference: str
    goal: Goal
    bound: float = 0.0
    measured: float | None = None
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """Reached, or by how much not."""
        found = self.ratio.median if self.measured is None else self.measured
        if self.goal is Goal.REPORTED:
            return "reported"
        reached = found >= self.bound if self.goal is Goal.AT_LEAST else found <= self.bound
        return "reached" if reached else f"missed: {found:.3g}{self.unit}"

    def cells(self) -> tuple[str, ...]:
        """As a row of the table."""
        goal = "-" if self.goal is Goal.REPORTED else f"{self.goal} {self.bound:g}{self.unit}"
        return self.name, self.ratio.told(3), self.ours, self.reference, goal, self.verdict


HEAD: Final = ("measure", "ratio: median (range)", "ours", "reference", "goal", "verdict")


def markdown(rows: Iterable[Row]) -> str:
    """All rows as a table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def write(path: Path, text: str) -> None:
    """Replace what was measured last; what people wrote around it stays."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
