"""Free learners who subscribe: the known conversion comes out of a replay, and what moments are worth."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from services.trigger_engine.domain.trying.hindsight import Row, Sought, When
from services.trigger_engine.metrics import Handled
from tests.real_data import ds365
from tests.real_data.looking_back import DAY_US, looked_back, played, table

if TYPE_CHECKING:
    from services.cli.replaying import Played

pytestmark = pytest.mark.timeout(900)  # whoever comes first plays 47,000 offers, which takes minutes beside others

HERE = Path(__file__).parent
PAPER = HERE.parents[1] / "docs" / "real_data.md"
EVER_US = 10_000 * DAY_US
MONTH_US = 30 * DAY_US
LAST_DAY = date(2022, 10, 30)
"""Of lessons, which are what moves time."""


@cache
def replay() -> Played:
    with TemporaryDirectory() as place:
        log = ds365.write(Path(place) / "courses.jsonl.gz")
        return played(HERE / "courses", log, Sought("rung.plan_changed", (("plan", "paid"),)))


def ever() -> dict[str, Row]:
    return looked_back(replay(), EVER_US)


@cache
def watched() -> dict[str, list[date]]:
    """The days on which each student watched, in order."""
    found = defaultdict(set)
    for row in ds365.rows("engagement"):
        found[row["student_id"]].add(date.fromisoformat(row["date_watched"]))
    return {student: sorted(days) for student, days in found.items()}


@cache
def bought() -> dict[str, date]:
    """When each student bought first."""
    found: dict[str, date] = {}
    for row in ds365.rows("purchases"):
        at = date.fromisoformat(row["date_purchased"])
        found[row["student_id"]] = min(at, found.get(row["student_id"], at))
    return found


def habit(count: int, days: int) -> dict[str, date]:
    """When each student first had watched on so many days of so many in a row."""
    found = {}
    for student, on in watched().items():
        for last, day in enumerate(on[count - 1 :], count - 1):
            if day - on[last - count + 1] < timedelta(days=days):
                found[student] = day
                break
    return found


def as_counted(had: dict[str, date]) -> tuple[int, int, int]:
    """How many had it at all; while they had not bought yet; and bought then."""
    before = [student for student, at in had.items() if student not in bought() or at <= bought()[student]]
    return len(had), len(before), sum(student in bought() for student in before)


def as_replayed(row: Row) -> tuple[int, int, int]:
    return row.accounts, row.before, row.classes[When.IN_TIME]


def test_the_file_holds_what_its_readme_says() -> None:
    assert len(ds365.rows("info")) == ds365.STUDENTS
    assert len(ds365.rows("engagement")) == ds365.WATCHED
    assert len(ds365.rows("purchases")) == ds365.PURCHASES
    assert (len(watched()), len(bought())) == (ds365.FIRST_WATCHED, ds365.BUYERS)
    first = {student: days[0] for student, days in watched().items()}
    assert as_counted(first) == (ds365.FIRST_WATCHED, ds365.MIGHT_BUY, ds365.BOUGHT)


def test_every_event_is_taken_in() -> None:
    (side,) = replay().sides
    assert side.refusals.counts == {}
    assert side.handled == {
        Handled.COUNTED: ds365.STUDENTS + ds365.WATCHED,
        Handled.FACT: ds365.STUDENTS + ds365.PURCHASES,
        Handled.DUPLICATE: 0,
    }
    assert len(replay().seen.accounts) == ds365.STUDENTS


def test_the_conversion_that_is_known_comes_out_of_the_replay() -> None:
    row = ever()["moment first_lesson"]
    assert as_replayed(row) == (ds365.FIRST_WATCHED, ds365.MIGHT_BUY, ds365.BOUGHT)
    assert row.followed == Fraction(ds365.BOUGHT, ds365.MIGHT_BUY)
    assert round(float(row.followed) * 100, 2) == 11.29
    assert row.mean is not None
    assert round(row.mean / DAY_US, 2) == ds365.MEAN_DAYS


def test_who_comes_back_is_counted_as_plain_counting_does() -> None:
    assert as_replayed(ever()["moment second_day"]) == as_counted(habit(2, 7))
    assert as_replayed(ever()["moment third_day"]) == as_counted(habit(3, 7))


def test_who_never_begins_is_counted_as_plain_counting_does() -> None:
    silent = 0
    for row in ds365.rows("info"):
        until = date.fromisoformat(row["date_registered"]) + timedelta(days=7)
        days = watched().get(row["student_id"], [])
        silent += until <= LAST_DAY and not any(day < until for day in days)
    assert ever()["moment never_began"].accounts == silent


def test_offers_go_to_those_who_have_not_bought() -> None:
    (side,) = replay().sides
    offered = set(side.tally.accounts.names(side.tally.made()["subscribe_to_go_on"], ds365.STUDENTS))
    free = {
        f"student-{student}": at
        for student, at in habit(2, 7).items()
        if student not in bought() or at <= bought()[student]
    }
    assert offered <= free.keys()
    for student in free.keys() - offered:  # the cap of a day held it back, and meanwhile they bought
        assert bought()[student.removeprefix("student-")] - free[student] <= timedelta(days=1)


def test_every_buyer_is_of_one_class() -> None:
    for within_us in (MONTH_US, EVER_US):
        for row in looked_back(replay(), within_us).values():
            assert sum(row.classes.values()) == ds365.BUYERS, row.name


def test_the_paper_tells_what_was_found() -> None:
    text = PAPER.read_text()
    same_day = sum(days[0] == bought().get(student) for student, days in watched().items())
    assert f"{same_day:,} do it on that very day" in text
    assert [line for line in table(looked_back(replay(), MONTH_US)) if line not in text] == []
