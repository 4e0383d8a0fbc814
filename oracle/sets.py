"""The sets that took effect, by version: each accepted record of the log of sets makes one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from oracle.language.reading import rules_of
from oracle.language.scalars import NotASet
from oracle.records import PLAYBOOKS
from oracle.times import FIRST, instant

if TYPE_CHECKING:
    from typing import Any

    from oracle.language.rules import Rules
    from oracle.records import Logs, Record


def sets_of(logs: Logs) -> dict[int, Rules]:
    """Every set that took effect, by its version."""
    bounds = logs.bounds(PLAYBOOKS, 0)
    found: dict[int, Rules] = {}
    newest: Rules | None = None
    for record in logs.read(PLAYBOOKS, 0, bounds.first, bounds.end):
        after = _after(newest, record)
        if after is not None:
            newest = found[record.offset] = after
    return found


def _after(before: Rules | None, record: Record) -> Rules | None:
    """The set in force after ``record``; None when it is refused."""
    try:
        event = json.loads(record.value or b"")
        kind, data = event["type"], event["data"]
        if kind in ("rung.set_published", "rung.set_rolled_back"):
            return _published(before, data, record.offset, instant(event["time"]) or 0)
        if kind in ("rung.offer_paused", "rung.offer_resumed"):
            return _switched(before, data["offer"], record.offset, stop=kind == "rung.offer_paused")
    except (NotASet, ValueError, KeyError, TypeError):
        return None
    return None


def _published(before: Rules | None, data: dict[str, Any], version: int, at: int) -> Rules | None:
    """A new text, published at ``at``. What was paused stays so, also while no text has it."""
    expects = data.get("expects")
    if expects is not None and (before is None or expects != before.version):
        return None
    made = rules_of([(file["path"], file["text"]) for file in data["files"]], version)
    since = FIRST if data.get("backfill") else at
    known = {} if before is None else before.published
    names = [*made.meter_keys, *made.moments]
    published = {**known, **{name: min(since, known.get(name, since)) for name in names}}
    return replace(made, published=published, paused=frozenset() if before is None else before.paused)


def _switched(before: Rules | None, offer: str, version: int, *, stop: bool) -> Rules | None:
    if before is None or offer not in before.offers:
        return None
    paused = before.paused | {offer} if stop else before.paused - {offer}
    return replace(before, version=version, paused=paused)
