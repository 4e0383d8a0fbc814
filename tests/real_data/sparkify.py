"""Two logs of a music service: 34 hours of 963 listeners, and 30 days of 97 others."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.contracts.real_data import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TYPES: Final = {
    "NextSong": "song.played",
    "Upgrade": "upgrade.viewed",
    "Submit Upgrade": "upgrade.submitted",
    "Downgrade": "downgrade.viewed",
    "Submit Downgrade": "downgrade.submitted",
}
PLANS: Final = {"Submit Upgrade": "paid", "Submit Downgrade": "free"}


@dataclass(frozen=True)
class Log:
    """One of the two, with what its README counts: rows, rows of nobody, listeners, and what they did to their level.

    ``left`` of the ``looking`` sessions in which somebody looked at the upgrade page had no upgrade.
    """

    name: str
    rows: int
    logged_out: int
    listeners: int
    upgrades: int
    upgraded: int
    downgrades: int
    looking: int
    left: int


SHORT: Final = Log("sparkify_log_small", 10_000, 336, 963, 10, 10, 1, 30, 20)
LONG: Final = Log("log_data_2018_11", 8_056, 286, 97, 8, 8, 1, 18, 10)


def rows(log: Log) -> Iterator[dict[str, Any]]:
    """The rows of a log, in the order of the file."""
    with gzip.open(folder("sparkify_small") / f"{log.name}.ndjson.gz", "rt") as file:
        yield from map(json.loads, file)


def events(log: Log) -> Iterator[dict[str, Any]]:
    """What listeners did; rows of nobody are left out, since every event belongs to an account."""
    known = set()
    for row in rows(log):
        listener, page, at = row["userId"], row["page"], EPOCH + timedelta(milliseconds=row["ts"])
        if listener == "":
            continue
        if listener not in known:
            known.add(listener)
            registered = EPOCH + timedelta(milliseconds=int(row["registration"]))
            yield event("rung.account_created", listener, registered, "created", {"plan": row["level"]})
        place = f"{row['sessionId']}-{row['itemInSession']}"
        properties = {} if page in TYPES else {"properties": {"page": page}}
        yield event(TYPES.get(page, "page.viewed"), listener, at, place, properties)
        if page in PLANS:
            yield event("rung.plan_changed", listener, at, f"{place}-plan", {"plan": PLANS[page]})


def event(kind: str, listener: str, at: datetime, name: str, data: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvent of one listener."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": f"music/{listener}",
        "type": kind,
        "subject": f"listener-{listener}",
        "time": at.isoformat().replace("+00:00", "Z"),
        "data": data,
    }


def write(log: Log, path: Path) -> Path:
    """The log as a file that `rung replay` reads."""
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.writelines(json.dumps(one) + "\n" for one in events(log))
    return path
