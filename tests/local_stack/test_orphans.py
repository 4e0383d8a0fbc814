"""Nothing outlives its owner, on real processes and real SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from services.local_stack.settings import StackSettings, inherited_environment
from services.local_stack.stack import LocalStack

if TYPE_CHECKING:
    from pathlib import Path

OWNER = """
import json, time
from services.local_stack.stack import LocalStack, Wanted

with LocalStack.running(Wanted(name="owned", tie_to_parent=True), keep_data=False) as stack:
    state = stack.state()
    print(json.dumps([state.pid, *(part.pid for part in state.parts)]), flush=True)
    time.sleep(600)
"""


def environment(rung_home: Path) -> dict[str, str]:
    inherited = inherited_environment()
    for external in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"):
        inherited.pop(external, None)
    return {**inherited, "RUNG_HOME": str(rung_home)}


def lives(process: psutil.Process) -> bool:
    """A zombie does not: it only waits for its new parent to look."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.parametrize("victim", ["owner", "supervisor"])
def test_a_killed_owner_or_supervisor_leaves_no_process(victim: str, rung_home: Path, settings: StackSettings) -> None:
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, env=environment(rung_home)
    ) as owner:
        assert owner.stdout is not None
        stack = [psutil.Process(pid) for pid in json.loads(owner.stdout.readline())]
        everyone = {*stack, *(child for process in stack for child in process.children(recursive=True))}
        assert len(everyone) > len(stack)  # PostgreSQL has children of its own

        os.kill(owner.pid if victim == "owner" else stack[0].pid, signal.SIGKILL)

        give_up = time.monotonic() + 5
        while (alive := [process for process in everyone if lives(process)]) and time.monotonic() < give_up:
            time.sleep(0.05)
        assert not alive
        owner.kill()
    LocalStack("owned", settings).sweep()
    assert not (rung_home / "stacks" / "owned").exists()
