"""A music service whose free listeners may go over to the paid level: moments beside real upgrades."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from services.trigger_engine.domain.trying.hindsight import ANY_MOMENT, Row, Sought, When
from services.trigger_engine.metrics import Handled
from tests.real_data import sparkify
from tests.real_data.looking_back import DAY_US, looked_back, played, table
from tests.real_data.sparkify import LONG, SHORT, Log

if TYPE_CHECKING:
    from services.cli.replaying import Played

HERE = Path(__file__).parent
PAPER = HERE.parents[1] / "docs" / "real_data.md"
WEEK_US = 7 * DAY_US
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

each_log = pytest.mark.parametrize("log", [SHORT, LONG], ids=["34 hours", "30 days"])


@cache
def replay(log: Log) -> Played:
    with TemporaryDirectory() as place:
        written = sparkify.write(log, Path(place) / "music.jsonl.gz")
        return played(HERE / "music", written, Sought("upgrade.submitted"))


def rows(log: Log) -> dict[str, Row]:
    return looked_back(replay(log), WEEK_US)


@cache
def pages(log: Log) -> dict[str, dict[str, list[int]]]:
    """When each listener opened each page, in order; milliseconds."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in sparkify.rows(log):
        if row["userId"] != "":
            found[row["userId"]][row["page"]].append(row["ts"])
    return found


def end(log: Log) -> int:
    """When the log ends, for those who were logged in."""
    return max(at for by_page in pages(log).values() for times in by_page.values() for at in times)


def upgraded(log: Log) -> dict[str, int]:
    return {listener: by["Submit Upgrade"][0] for listener, by in pages(log).items() if by["Submit Upgrade"]}


def classes(log: Log, had: dict[str, list[int]]) -> dict[When, int]:
    """The classes of those who upgraded, worked out from when each listener had a moment."""
    found = dict.fromkeys(When, 0)
    for listener, at in upgraded(log).items():
        before = [time for time in had.get(listener, []) if time < at]
        if before:
            found[When.IN_TIME if at - max(before) <= 7 * DAY_MS else When.TOO_EARLY] += 1
        else:
            found[When.TOO_LATE if had.get(listener) else When.NEVER] += 1
    return found


@each_log
def test_the_file_holds_what_its_readme_says(log: Log) -> None:
    every: list[dict[str, Any]] = list(sparkify.rows(log))
    assert len(every) == log.rows
    assert sum(row["userId"] == "" for row in every) == log.logged_out
    assert len(pages(log)) == log.listeners
    assert sum(row["page"] == "Submit Upgrade" for row in every) == log.upgrades
    assert sum(row["page"] == "Submit Downgrade" for row in every) == log.downgrades
    sessions: dict[int, set[str]] = defaultdict(set)
    for row in every:
        sessions[row["sessionId"]].add(row["page"])
    looking = [seen for seen in sessions.values() if "Upgrade" in seen]
    assert (len(looking), sum("Submit Upgrade" not in seen for seen in looking)) == (log.looking, log.left)


@each_log
def test_every_event_is_taken_in(log: Log) -> None:
    (side,) = replay(log).sides
    assert side.refusals.counts == {}
    facts = log.listeners + log.upgrades + log.downgrades
    assert side.handled == {Handled.COUNTED: log.rows - log.logged_out, Handled.FACT: facts, Handled.DUPLICATE: 0}
    hindsight = side.hindsight
    assert hindsight is not None
    assert hindsight.outcomes == log.upgraded


@each_log
def test_who_looked_and_who_listened_is_counted_as_plain_counting_does(log: Log) -> None:
    looked = {listener: by["Upgrade"][:1] for listener, by in pages(log).items() if by["Upgrade"]}
    tenth = {listener: by["NextSong"][9:10] for listener, by in pages(log).items() if len(by["NextSong"]) >= 10}
    for name, had in (("moment looked_at_it", looked), ("moment tenth_song", tenth)):
        row = rows(log)[name]
        assert (row.accounts, row.classes) == (len(had), classes(log, had)), name


@each_log
def test_who_listens_all_day_is_counted_as_plain_counting_does(log: Log) -> None:
    heavy = 0
    for by_page in pages(log).values():
        songs = by_page["NextSong"]
        heavy += any(last - first < DAY_MS for first, last in zip(songs, songs[19:], strict=False))
    assert rows(log)["moment heavy_day"].accounts == heavy


@each_log
def test_who_looked_and_left_is_counted_as_plain_counting_does(log: Log) -> None:
    left = {}
    for listener, by_page in pages(log).items():
        done = by_page["Submit Upgrade"]
        late = [
            at + HOUR_MS
            for at in by_page["Upgrade"]
            if at + HOUR_MS <= end(log) and not any(at < then <= at + HOUR_MS for then in done)
        ]
        if late:
            left[listener] = late
    row = rows(log)["moment left_the_page"]
    assert (row.accounts, row.classes) == (len(left), classes(log, left))


@each_log
def test_nobody_upgrades_without_having_looked_a_second_before(log: Log) -> None:
    row = rows(log)["moment looked_at_it"]
    assert row.classes[When.NEVER] == 0
    assert row.median == 1_000_000
    assert rows(log)[ANY_MOMENT].classes[When.IN_TIME] == log.upgraded


@each_log
def test_those_who_pay_are_not_sold_what_they_have(log: Log) -> None:
    (side,) = replay(log).sides
    paying = {listener for listener, by in pages(log).items() if by["Downgrade"]}
    helped = side.tally.accounts.names(side.tally.made()["help_to_stay"], log.listeners)
    assert {name.removeprefix("listener-") for name in helped} <= paying


@each_log
def test_the_paper_tells_what_was_found(log: Log) -> None:
    text = PAPER.read_text()
    assert [line for line in table(rows(log)) if line not in text] == []
