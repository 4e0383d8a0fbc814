"""Run `rung demo` as a user does, in a process of its own, which ends with the one that runs the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from services.local_stack.launch import tied

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
NOT_OURS = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "RUNG_STACK", "RUNG_TOPIC_PREFIX", "RUNG_DATABASE_SCHEMA")

READY_S = 120.0
SHOW_S = 120.0
GONE_S = 30.0
INTERRUPTED = 130
STAYS = "it stays up until Ctrl-C"


def environment() -> dict[str, str]:
    """Without servers of somebody else: a show brings its own."""
    return {name: value for name, value in os.environ.items() if name not in NOT_OURS}  # noqa: TID251 - handed on


@dataclass
class Show:
    """One `rung demo`; all that it prints goes to a file, which is no terminal."""

    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def start(cls, output: Path, *options: str) -> Show:
        command = [sys.executable, "-m", "services.cli", "demo", *options]
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603 - ourselves
                tied(command, signal.SIGKILL),
                cwd=ROOT,
                env=environment(),
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        return cls(process, output)

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, within_s: float) -> None:
        """Until it has printed ``words``; fails with all that it did print."""
        self._until(lambda: words in self.text, f"does not print {words!r}", within_s)

    def children(self) -> list[psutil.Process]:
        """All processes that it, and those it started, have started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> int:
        """Signal it; returns how it ended."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def _until(self, holds: Callable[[], bool], otherwise: str, within_s: float) -> None:
        give_up = time.monotonic() + within_s
        while not holds():
            assert self.process.poll() is None, f"it ended ({self.process.returncode}):\n{self.text}"
            assert time.monotonic() < give_up, f"it {otherwise} in {within_s:g} s:\n{self.text}"
            time.sleep(0.1)


def alive(processes: list[psutil.Process], within_s: float) -> list[psutil.Process]:
    """Those that still run after ``within_s``."""
    _, left = psutil.wait_procs(processes, timeout=within_s)
    return [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
