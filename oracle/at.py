"""What time it is."""

from __future__ import annotations

from typing import NamedTuple


class At(NamedTuple):
    """What time it is, and where the input lies. No usage from before ``floor`` can come any more.

    ``always``: history is replayed, and the set counts as published before the log began.
    """

    now: int
    floor: int
    offset: int | None = None
    always: bool = False
