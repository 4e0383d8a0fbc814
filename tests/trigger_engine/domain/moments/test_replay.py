"""Promise (a): the same log replayed says the same, to the byte, in whichever process."""

import subprocess
import sys

from tests.architecture.tree import ROOT
from tests.trigger_engine.domain.reference.replayed import digest


def replayed(hash_seed: int) -> str:
    """In a process that goes through sets of text in an order of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.trigger_engine.domain.reference.replayed"],
        cwd=ROOT,
        env={"PYTHONHASHSEED": str(hash_seed), "TZ": "Pacific/Apia", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_replay_says_the_same_in_whichever_process() -> None:
    here = digest()
    assert int(here.split()[0]) > 100_000  # something was said
    assert replayed(hash_seed=1) == here
