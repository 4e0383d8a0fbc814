from __future__ import annotations

import io

import pytest
from rich.console import Console

from schemas.offers import MomentKind
from services.demo.figures import FunnelRow
from services.demo.live import LEAST_HEIGHT, LEAST_WIDTH, Picture, plain
from services.demo.summary import Outcome, print_summary
from services.demo.tally import Example, Kind, Line, Tally
from tests.demo.test_stories import expected_of_the_sample

SIZES = [(LEAST_WIDTH, LEAST_HEIGHT), (100, 30), (140, 45), (200, 60)]
REASONS = sorted(expected_of_the_sample())
"""All that the show can give."""

OFFERS = ("more_storage", "extra_terabyte", "report_insights", "team_plan", "photos_after_start")


@pytest.fixture
def tally() -> Tally:
    """Late in a long show: every reason, many lines."""
    tally = Tally(since=lambda: 61.5, events=1_234)
    for number, kind in enumerate(list(Kind) * 20):
        tally.say(kind, f"granite-robotics-{number}", "more_storage: You have used 1.65 of 2 GB " * 3)
    for reason in REASONS:
        tally.left_out[reason] = 123
        tally.examples[reason] = Example("granite-robotics", "extra_terabyte, until 2026-12-22 08:05 " * 3)
    tally.made.update(dict.fromkeys(OFFERS, 1_000))
    tally.moments.update(dict.fromkeys(MomentKind, 1_000))
    tally.waits.fetchable.extend([0.1, 12.5])
    tally.dead["unreadable"] = 1
    return tally


def drawn(tally: Tally, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None, legacy_windows=False)
    console.print(Picture(tally, 60.0), height=height)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_picture_fits_the_screen(tally: Tally, width: int, height: int) -> None:
    lines = drawn(tally, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_reasons_offers_and_figures_are_never_cut(tally: Tally, width: int, height: int) -> None:
    text = "\n".join(drawn(tally, width, height))
    for word in (*REASONS, *OFFERS, "100", "12,500", "1,234 events", "dead letter"):
        assert word in text


def test_the_newest_line_is_seen(tally: Tally) -> None:
    tally.say(Kind.OFFER, "newest", "the last word")
    assert any("newest" in line and "the last word" in line for line in drawn(tally, 100, 30))


def test_nothing_has_happened_yet() -> None:
    assert any("moments: limit 0" in line for line in drawn(Tally(since=lambda: 0.0), 100, 30))


def test_a_plain_line_says_when_what_and_who() -> None:
    line = Line(1.234, Kind.OFFER, "acme", "more_storage: You have used 1.7 of 2 GB")
    assert " ".join(plain(line).split()) == "1.23 s offer acme more_storage: You have used 1.7 of 2 GB"


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_keeps_every_number(tally: Tally, width: int) -> None:
    tally.nothing.update(dict.fromkeys(REASONS, 45))
    console = Console(file=io.StringIO(), width=width, color_system=None)
    row = FunnelRow(
        offer="photos_after_start", made=11, presented=12, clicked=13, accepted=14, dismissed=15, snoozed=16
    )
    print_summary(console, Outcome(tally, ((0.1, 1.0), (0.2, 4.0), (float("inf"), 4.0)), (row,), accounts=300))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    for reason in REASONS:
        assert any(reason in line and " 45 " in line and " 123 " in line for line in text.splitlines())
    for word in ("photos_after_start", "16", "12,500 ms", "133 ms", "n=4"):
        assert word in text


def test_what_did_not_happen_is_told_last() -> None:
    tally = Tally(since=lambda: 1.0)
    for number in range(5):
        tally.failed(f"acme-{number}", "no decision")
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_summary(console, Outcome(tally, (), (), accounts=60))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().split("\n\n")[-2].splitlines()[0] == "5 things did not happen that should have"
    assert "and 2 more" in console.file.getvalue()
