"""A school of data science on the web: 40,979 students, the days on which they watched, and what they bought."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from tests.contracts.real_data import folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STUDENTS: Final = 40_979
WATCHED: Final = 74_246
PURCHASES: Final = 5_922
BUYERS: Final = 3_138
FIRST_WATCHED: Final = 20_778
"""Counted by the README of the data; `tests/real_data/test_ds365.py` counts them once more."""

MIGHT_BUY: Final = 20_255
BOUGHT: Final = 2_286
MEAN_DAYS: Final = 26.25
"""The answer that is known: of those who did not buy before they first watched, so many did after, in so many days."""

REGISTERED_AT: Final = "08:00:00"
WATCHED_AT: Final = "12:00:00"
BOUGHT_AT: Final = "12:00:01"
"""The log tells days. Who did two things on one day is taken to have watched before buying, as the README does."""


def rows(name: str) -> list[dict[str, str]]:
    """A table of the data."""
    with gzip.open(folder("ds365_conversion") / f"student_{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file, delimiter=";"))


def events(registered_before: str = "9999") -> Iterator[dict[str, Any]]:
    """All that happened to students who registered before this day, in the order of time."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    registered = [row for row in rows("info") if row["date_registered"] < registered_before]
    chosen = {row["student_id"] for row in registered}
    for row in registered:
        student, at = row["student_id"], f"{row['date_registered']}T{REGISTERED_AT}Z"
        found[at].append(event("rung.account_created", student, at, "created", {"plan": "free"}))
        found[at].append(event("student.registered", student, at, "registered"))
    for row in (row for row in rows("engagement") if row["student_id"] in chosen):
        student, at = row["student_id"], f"{row['date_watched']}T{WATCHED_AT}Z"
        found[at].append(event("lesson.watched", student, at, f"watched-{row['date_watched']}"))
    for row in (row for row in rows("purchases") if row["student_id"] in chosen):
        at = f"{row['date_purchased']}T{BOUGHT_AT}Z"
        found[at].append(
            event("rung.plan_changed", row["student_id"], at, f"bought-{row['purchase_id']}", {"plan": "paid"})
        )
    for at in sorted(found):
        yield from found[at]


def event(kind: str, student: str, at: str, name: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """A CloudEvent of one student."""
    body = {
        "specversion": "1.0",
        "id": f"{student}-{name}",
        "source": "courses/log",
        "type": kind,
        "subject": f"student-{student}",
        "time": at,
    }
    return body | ({"data": data} if data is not None else {})


def write(path: Path) -> Path:
    """The log as a file that `rung replay` reads."""
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.writelines(json.dumps(one) + "\n" for one in events())
    return path
