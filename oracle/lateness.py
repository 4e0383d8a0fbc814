"""How late usage may be is a setting of the engine, and each entry of the journal tells it.

Entries of older engines do not. For them the newest position does: stream time less the floor. That is right as long as
the setting never changed and no bound on ids raised the floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oracle.records import STATE
from oracle.stored import POSITION, position_of
from oracle.times import DAY

if TYPE_CHECKING:
    from oracle.horizon import Horizon
    from oracle.records import Logs

DEFAULT: Final = DAY
TAIL: Final = 64
"""Offsets looked at before the end of the state log: its last record is a position."""


def lateness_of(logs: Logs, partition: int, horizon: Horizon) -> int:
    """By the newest position in which any usage was counted; the engine's default when there is none."""
    end = horizon.reach(STATE, partition)
    found = DEFAULT
    for record in logs.read(STATE, partition, max(0, end - TAIL), end):
        position = position_of(record.value) if record.key == POSITION else None
        if position is not None and position["stream_time"]:
            found = position["stream_time"] - position["floor"]
    return found
