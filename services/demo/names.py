"""Names for made-up accounts, in a fixed order."""

from collections.abc import Iterator
from itertools import count
from typing import Final

FIRST: Final = (
    "amber", "birch", "cedar", "copper", "coral", "delta", "ember", "fern", "flint", "granite", "harbor", "hazel",
    "indigo", "ivory", "juniper", "lark", "lunar", "maple", "marble", "meadow", "north", "ocean", "olive", "pine",
)  # fmt: skip
SECOND: Final = (
    "works", "labs", "press", "studio", "foods", "books", "cycles", "garden", "bakery", "films", "ceramics", "travel",
    "dental", "audio", "law", "optics", "robotics",
)  # fmt: skip


def names() -> Iterator[str]:
    """``amber-works``, ``birch-labs`` and so on, never the same twice."""
    whole = len(FIRST) * len(SECOND)
    for number in count():
        # the two lists have no common divisor, so every pair comes up once before the first comes again
        name = f"{FIRST[number % len(FIRST)]}-{SECOND[number % len(SECOND)]}"
        yield name if number < whole else f"{name}-{number // whole + 1}"
