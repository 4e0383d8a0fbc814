"""Side by side as one after the other: the same is told in the same order, and no death passes for a right run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from oracle.crew import Crew
from oracle.faults import CannotVerify
from oracle.recorded import load, save
from oracle.turns import Turns
from oracle.verify import Options, verify
from oracle.violations import Kind, Violation
from services.local_stack.launch import tied
from tests.kit.waiting import until
from tests.oracle.hurting import Breaking, Holding, Killing, Lacking
from tests.oracle.tampering import Tampering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oracle.recorded import RecordedLogs
    from tests.flow.deployment import Deployment
    from tests.oracle.hurting import Hurting

RUNG = Path(sys.executable).parent / "rung"
OF_A_CREW = "import sys\nif 'spawn_main' in ' '.join(sys.orig_argv):\n    "
"""Run by every process before its own work: here only those that verify go on to do what follows."""


def options(crew: Crew, tell: Callable[[Violation], None] | None = None) -> Options:
    return Options(wait=lambda _: None, crew=crew, on_found=tell)


def wrong_in(run: RecordedLogs, partition: int) -> RecordedLogs:
    """A decision is missing, in one partition alone."""
    tampering = Tampering(run)
    tampering.drop(next(place for place in tampering.raw("decisions") if place.key[1] == partition))
    return tampering.logs


@pytest.mark.parametrize("partition", [0, 1])
def test_what_is_wrong_in_one_partition_of_several_is_told(run: RecordedLogs, crew: Crew, partition: int) -> None:
    report = verify(wrong_in(run, partition), options(crew))
    assert {violation.partition for violation in report.violations} == {partition}
    assert Kind.MISSING in {violation.kind for violation in report.violations}
    assert all(report.partitions[number].inputs for number in (0, 1))


@pytest.fixture
def nobody_is_left_behind() -> Iterator[None]:
    """All processes that a test started have ended when it has."""
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.usefixtures("nobody_is_left_behind")
@pytest.mark.parametrize(
    ("logs", "why"),
    [
        (Killing, "partition 1 is not verified: its process was killed by SIGKILL"),
        (Breaking, "partition 1 is not verified: its process ended with exit code 1"),
        (Lacking, "it is gone"),
    ],
)
def test_a_partition_that_is_not_verified_is_said_not_to_be(
    run: RecordedLogs, logs: type[Hurting], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[Violation] = []
    with Crew(2) as crew, pytest.raises(CannotVerify, match=why):
        verify(logs(wrong_in(run, 0)), options(crew, told.append))
    assert {violation.partition for violation in told} == {0}  # what came before it was told
    assert ("ZeroDivisionError" in capfd.readouterr().err) is (logs is Breaking)


@pytest.mark.usefixtures("nobody_is_left_behind")
def test_who_stops_listening_leaves_no_process_behind(run: RecordedLogs, tmp_path: Path) -> None:
    def stop(_: Violation) -> None:
        raise KeyboardInterrupt

    with Crew(2) as crew, pytest.raises(KeyboardInterrupt):
        verify(Holding(wrong_in(run, 0), tmp_path), options(crew, stop))


async def test_when_the_one_who_asked_is_killed_its_processes_end(run: RecordedLogs, tmp_path: Path) -> None:
    save(run, tmp_path / "logs")
    (tmp_path / "held").mkdir()
    asking = multiprocessing.get_context("spawn").Process(target=ask, args=(tmp_path,))
    asking.start()
    await until("one is held", lambda: any((tmp_path / "held").iterdir()), 60)
    asking.kill()
    asking.join()
    (held,) = (int(word.name) for word in (tmp_path / "held").iterdir())
    await until("it ends", lambda: not psutil.pid_exists(held))


def ask(place: Path) -> None:
    """As another process than the test: verify what never comes to an end."""
    with Crew(2) as crew:
        verify(Holding(load(place / "logs"), place / "held"), options(crew))


def test_a_crew_works_again_and_again_and_with_less_to_do_than_hands(run: RecordedLogs) -> None:
    with Crew(5) as crew:
        for logs, violations in ((run, False), (wrong_in(run, 1), True), (run, False)):
            assert bool(verify(logs, options(crew)).violations) is violations


# --- as an operator runs it -------------------------------------------------------------------------


def rung_verify(ran: Deployment, place: Path, of_a_crew: str) -> subprocess.Popen[str]:
    """`rung verify`, whose processes do something of their own as they start; in a group of its own, as in a shell."""
    (place / "sitecustomize.py").write_text(OF_A_CREW + of_a_crew)
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(place),
        "KAFKA_BOOTSTRAP_SERVERS": ran.bootstrap,
        "RUNG_TOPIC_PREFIX": ran.prefix,
    }
    return subprocess.Popen(  # noqa: S603 - our own command
        tied([str(RUNG), "verify", "--processes", "2"], signal.SIGKILL),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_when_its_processes_die_nothing_is_said_to_be_right(ran: Deployment, tmp_path: Path) -> None:
    command = rung_verify(ran, tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    out, err = command.communicate(timeout=60)
    assert (command.returncode, out) == (2, "")
    assert err == "error: partition 0 is not verified: its process was killed by SIGKILL\n"


def test_its_processes_do_not_hear_the_terminal(ran: Deployment, tmp_path: Path) -> None:
    command = rung_verify(ran, tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    out, err = command.communicate(timeout=60)
    assert (command.returncode, err) == (0, "")
    assert out.endswith("no violation\n")


async def test_an_interrupt_ends_all_of_it_and_says_so(ran: Deployment, tmp_path: Path) -> None:
    command = rung_verify(ran, tmp_path, "import threading; threading.Event().wait()")
    asked = psutil.Process(command.pid)

    def crew() -> list[psutil.Process]:
        return [one for one in asked.children() if "spawn_main" in " ".join(one.cmdline())]

    await until("both are at work", lambda: len(crew()) == 2, 60)
    at_work = crew()
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=60)
    assert (command.returncode, out) == (130, "")
    assert err == "error: interrupted; not all is verified\n"
    assert [one for one in at_work if one.is_running()] == []


# --- turns ------------------------------------------------------------------------------------------


def test_what_is_found_is_told_in_the_order_of_the_tasks(run: RecordedLogs) -> None:
    numbers = next(iter(verify(run, Options(wait=lambda _: None)).partitions.values()))
    told: list[int] = []
    turns = Turns(lambda violation: told.append(violation.partition))
    turns.found(1, a_violation(1))
    turns.ended(2, numbers)
    turns.found(0, a_violation(0))
    assert told == [0]
    turns.ended(1, numbers)
    assert told == [0]
    turns.found(0, a_violation(0))
    turns.ended(0, numbers)
    assert (told, len(turns.told)) == ([0, 0, 1], 3)


def test_a_fault_waits_for_its_turn() -> None:
    turns = Turns(lambda _: None)
    turns.ended(1, CannotVerify("the second"))
    with pytest.raises(CannotVerify, match="the first"):
        turns.ended(0, CannotVerify("the first"))


def a_violation(partition: int) -> Violation:
    return Violation(Kind.MISSING, "offers", partition, None, None, "one", "none")
