"""Play a playbook over a log, and look back from what it was to lead to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.cli.documents import check, read_documents
from services.cli.event_log import from_lines
from services.cli.lines import opened
from services.cli.options import in_percent, in_words
from services.cli.replaying import Played, Wanted, play_file
from services.kit.clock import SystemClock
from services.trigger_engine.domain.trying.hindsight import Hindsight, Row, Sought, When

if TYPE_CHECKING:
    from pathlib import Path

DAY_US = 86_400_000_000


def played(documents: Path, log: Path, sought: Sought) -> Played:
    """What the playbook would have done with the log; documents that `rung check` refuses are played nowhere."""
    rules = check(read_documents([documents])).compiled
    wanted = Wanted(((documents.name, rules),), DAY_US, SystemClock(), sought, 30 * DAY_US)
    with opened(log, "playing") as source:
        return asyncio.run(play_file(wanted, from_lines(source.lines())))


def looked_back(played: Played, within_us: int) -> dict[str, Row]:
    """Moments and offers by name, as seen from the outcome; ``within_us`` before it is in time."""
    hindsight: Hindsight | None = played.sides[0].hindsight
    assert hindsight is not None
    hindsight.within_us = within_us
    return {row.name: row for row in hindsight.rows()}


def table(rows: dict[str, Row]) -> list[str]:
    """Moments and offers as they stand in the papers."""
    return [
        f"| {row.name.removeprefix('moment ')} | {row.classes[When.IN_TIME]:,} | {row.classes[When.TOO_EARLY]:,} "
        f"| {row.classes[When.TOO_LATE]:,} | {row.classes[When.NEVER]:,} "
        f"| {in_words(row.median) if row.median is not None else '-'} "
        f"| {row.before:,} | {in_percent(row.followed) if row.followed is not None else '-'} |"
        for row in rows.values()
    ]
