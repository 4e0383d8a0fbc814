"""Where a verification of one partition begins: at the very beginning, or at a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oracle.holdings import Holdings
from oracle.records import INTAKE, WRITTEN
from oracle.replay import Clocks, Seen


@dataclass
class Start:
    """State after ``transaction``. ``next`` holds, by topic, the first offset that belongs to what comes after."""

    transaction: int = 0
    version: int = -1
    next: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys((*INTAKE, *WRITTEN), 0))
    holdings: Holdings = field(default_factory=Holdings)
    seen: Seen = field(default_factory=Seen)
    clocks: Clocks = field(default_factory=Clocks)
