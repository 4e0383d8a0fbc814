"""The whole demo, with everything real, as a user runs it; and what the README says to do next."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from services.kit.clock import SystemClock, to_datetime
from services.local_stack.launch import tied
from services.local_stack.stack import LocalStack
from tests.demo.shows import GONE_S, READY_S, ROOT, Show, alive, environment
from tests.demo.test_stories import expected_of_the_sample

if TYPE_CHECKING:
    from services.local_stack.plan import State

WATCH_S = 30.0
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(400)]


def shell(script: str, state: State) -> str:
    """What ``script`` prints, run as at the top of the repository after `make up`."""
    part = state.part("offer_api")
    assert part is not None
    here = script.replace("make up\n", "").replace("http://127.0.0.1:8000", part.endpoint)
    done = subprocess.run(  # noqa: S603 - the README of this repository
        ["/bin/bash", "-euo", "pipefail", "-c", here],
        cwd=ROOT,
        env=environment() | {"RUNG_STACK": state.name, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{here}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_everything_that_had_to_happen_did(show: Show) -> None:
    assert "MISSING" not in show.text
    assert "did not happen" not in show.text


def test_what_is_no_terminal_gets_plain_lines(show: Show) -> None:
    assert "\x1b" not in show.text
    for kind in ("moment", "offer", "not now", "person", "away", "broken"):
        assert re.search(rf"^ +\d+\.\d\d s  {kind} ", show.text, re.MULTILINE), kind


@pytest.mark.parametrize("reason", sorted(expected_of_the_sample()))
def test_every_reason_is_in_the_summary(show: Show, reason: str) -> None:
    found = re.search(rf"^  {reason} +(\d+) +(\d+)  \S", show.text, re.MULTILINE)
    assert found is not None
    assert int(found[2]) >= 1


@pytest.mark.parametrize("kind", ["limit", "milestone", "onboarding"])
def test_every_kind_of_moment_is_in_the_summary(show: Show, kind: str) -> None:
    assert re.search(rf"^  moments +.*\b{kind} [1-9]", show.text, re.MULTILINE)


@pytest.mark.parametrize("measured", ["fetchable by GET", "pushed down an open stream", "stored, by the API"])
def test_the_time_to_an_offer_was_measured(show: Show, measured: str) -> None:
    found = re.search(rf"^  {measured}.*? ([\d,]+) ms +([\d,]+) ms +([\d,]+) ms  n=(\d+)", show.text, re.MULTILINE)
    assert found is not None
    p50, p95, p99, count = (int(number.replace(",", "")) for number in found.groups())
    assert 0 < p50 <= p95 <= p99
    assert count >= 5


def test_the_funnel_counts_what_was_made(show: Show) -> None:
    made = re.search(r"^  offers made +(\d+)", show.text, re.MULTILINE)
    _, _, funnel = show.text.partition("the funnel, as the metrics sink has it")
    rows = re.findall(r"^  \w+ +(\d+) +\d+ +\d+ +\d+ +\d+ +\d+ *$", funnel, re.MULTILINE)
    assert made is not None
    assert sum(map(int, rows)) == int(made[1])


def test_the_report_is_written_and_named(show: Show) -> None:
    named = re.search(r"^what the offers did: (.*report\.html)$", show.text, re.MULTILINE)
    assert named is not None
    assert "Funnel of more_storage" in Path(named[1]).read_text("utf-8")


def test_the_broken_message_is_told_with_its_reason_and_place(show: Show) -> None:
    assert re.search(r"^1 dead letter\n  unreadable: not JSON: .* \(rung\.usage\[\d+\] at", show.text, re.MULTILINE)


def test_all_that_was_shown_follows_from_what_happened(state: State) -> None:
    told = shell("rung verify", state)
    assert told.endswith("no violation\n")
    found = re.search(r"^compared: (\d+) offers, (\d+) outcomes, (\d+) decisions, 1 dead-letters", told, re.MULTILINE)
    assert found is not None
    assert all(int(count) > 0 for count in found.groups())


def test_what_the_readme_says_works(state: State) -> None:
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    told = shell("\n".join(code for language, code in blocks if language == "sh"), state)
    assert '"title":"You have used 1.7 of 2 GB"' in told
    assert '"accepted":["r-1"]' in told
    assert told.endswith("no offers for acme\n")
    (program,) = [code for language, code in blocks if language == "python"]
    now = to_datetime(SystemClock().now_us()).isoformat()
    mine = program.replace("2026-03-01T09:00:00Z", now).replace("127.0.0.1:9092", state.kafka_bootstrap or "")
    subprocess.run([sys.executable, "-c", mine], check=True, timeout=60)  # noqa: S603 - likewise
    # 1.7 and 0.2 of 2 GB: a higher step than the one that was dismissed
    assert "You have used 1.9 of 2 GB" in shell("for n in 1 2 3 4 5; do rung offers acme; sleep 1; done", state)


def test_every_change_can_be_watched_until_ctrl_c(state: State, tmp_path: Path) -> None:
    shell("""rung emit rung.account_created --account globex --fact-data '{"plan": "free"}'""", state)
    output = tmp_path / "output.txt"
    command = [sys.executable, "-m", "services.cli", "offers", "globex", "--watch"]
    with output.open("wb") as file:
        watching = subprocess.Popen(  # noqa: S603 - ourselves
            tied(command, signal.SIGKILL), cwd=ROOT, env=environment() | {"RUNG_STACK": state.name}, stdout=file
        )
    try:
        shell("rung emit file.stored --account globex --property size_gb=1.7", state)
        give_up = time.monotonic() + WATCH_S
        while "You have used 1.7 of 2 GB" not in output.read_text() and time.monotonic() < give_up:
            time.sleep(0.1)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=WATCH_S) == 0
    finally:
        watching.kill()
        watching.wait()
    assert output.read_text().startswith("more_storage  open, for banner, upgrade_page, until ")
    assert "You have used 1.7 of 2 GB" in output.read_text()


OWNER = """
import sys, time
from pathlib import Path
from tests.demo.shows import Show

print(Show.start(Path(sys.argv[1])).process.pid, flush=True)
time.sleep(600)
"""


def test_a_demo_does_not_outlive_the_tests_that_started_it(tmp_path: Path) -> None:
    """Those who stop a run of tests kill what does not end in time, and that looks after nothing any more."""
    output = tmp_path / "output.txt"
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", OWNER, output], cwd=ROOT, stdout=subprocess.PIPE
    ) as owner:
        try:
            assert owner.stdout is not None
            demo = psutil.Process(int(owner.stdout.readline()))
            give_up = time.monotonic() + READY_S
            while "  kafka " not in output.read_text() and time.monotonic() < give_up:
                time.sleep(0.1)
            started = [demo, *demo.children(recursive=True)]
            assert len(started) > 2
        finally:
            owner.kill()
    assert alive(started, GONE_S) == []
    LocalStack().sweep()


def test_a_killed_demo_leaves_nothing_running(tmp_path: Path) -> None:
    killed = Show.start(tmp_path / "output.txt")
    try:
        killed.wait_for("  kafka ", READY_S)
        started = killed.children()
        assert len(started) > 1
    finally:
        killed.end(signal.SIGKILL)
    assert alive(started, GONE_S) == []
    LocalStack().sweep()  # as the next start does
