"""``docker-compose.yml`` as the real compose parser reads it."""

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "docker-compose.yml"
BIN: Final = Path(sys.executable).parent

ASKED_FOR: Final = {"POSTGRES_PASSWORD": "pw-of-a-test", "GRAFANA_PASSWORD": "pw-of-a-test", "RUNG_KEYS": "/keys"}
"""What an operator has to say; the file holds no secret of its own."""


def parse(variables: dict[str, str], *arguments: str, file: Path = FILE) -> subprocess.CompletedProcess[str]:
    """Let compose read ``file`` in an environment of only ``variables``."""
    return subprocess.run(  # noqa: S603  - our own command and file
        [BIN / "docker-compose", "--file", file, "--profile", "*", "config", *arguments],
        env={**variables, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@lru_cache
def resolved() -> Any:
    """The whole file, every anchor and variable filled in."""
    done = parse(ASKED_FOR, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
