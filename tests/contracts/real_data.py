"""Third-party data that lies beside the repository; a test on it fails, and never skips, when it is not there."""

from pathlib import Path
from typing import Final

BESIDE: Final = Path(__file__).resolve().parents[3] / "shared" / "data"


def folder(name: str) -> Path:
    """The folder ``name`` of the data beside the repository."""
    path = BESIDE / name
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is missing: put the third-party data of that name there, see CONTRIBUTING.md")
    return path
