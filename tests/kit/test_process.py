"""Real processes, real signals."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import asyncio
from services.kit import process
from services.kit.errors import Fatal
from services.kit.telemetry import logs

class Broken(Fatal):
    exit_code = 71

async def main(stop: asyncio.Event) -> None:
    {body}

logs.configure("test")
process.run("test", main)
print("ended cleanly")
"""


def program(tmp_path: Path, body: str) -> subprocess.Popen[str]:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(body=body))
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_for_a_stop_and_the_end_is_clean(number: signal.Signals, tmp_path: Path) -> None:
    with program(tmp_path, 'print("running", flush=True); await stop.wait()') as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(number)
        told, _ = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, "ended cleanly\n")


def test_a_fatal_ends_the_process_with_its_own_code_and_words(tmp_path: Path) -> None:
    with program(tmp_path, 'raise Broken("the broker is gone")') as process:
        _, log = process.communicate(timeout=30)
    assert process.returncode == 71
    assert "the broker is gone" in log
    assert "Traceback" not in log


def test_any_other_exception_is_a_bug_and_shows_its_trace(tmp_path: Path) -> None:
    with program(tmp_path, 'raise KeyError("bug")') as process:
        _, log = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" in log
