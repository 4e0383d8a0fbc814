"""The tracked files of the repository: what the rules of the house are held against."""

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("trigger_engine", "offer_api", "metrics_sink")


@lru_cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """Files that are part of the repository (also those not committed yet), below ROOT."""
    git = shutil.which("git")
    if git is None:
        raise FileNotFoundError("git is not installed: the tests ask it which files are part of the repository")
    listed = subprocess.run(  # noqa: S603  - our own command
        [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    paths = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    return tuple(path for path in paths if path.is_file())


def named(path: Path) -> str:
    """``path`` as it stands in the repository."""
    return path.relative_to(ROOT).as_posix()
