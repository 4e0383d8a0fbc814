"""The browser that pages are tried in: one of the system, or what `make browser` fetched where there is none."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.demo.shows import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
MISSING: Final = "these tests need Chromium: run `make browser`, install it, or name one in RUNG_CHROMIUM"


FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{letters}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


class Program(NamedTuple):
    """What to start, and what it needs in its environment beside what there is."""

    path: str
    environment: dict[str, str | float | bool]


def chromium() -> Program | None:
    """None when there is none."""
    named = os.environ.get("RUNG_CHROMIUM")  # noqa: TID251 - of the tests alone
    for name in (named,) if named else NAMES:
        if (path := shutil.which(name)) is not None:
            return Program(path, _here())
    for home in sorted((ROOT / ".rung" / "tools").glob("chromium-*")):
        if (home / "chromium").is_file():
            return _fetched(home)
    return None


def _fetched(home: Path) -> Program:
    """It brings the libraries and letters that a machine without a screen may not have."""
    fonts = home / "fonts" / "here.conf"  # its own configuration looks for them where a cloud function has them
    fonts.write_text(FONTS.format(letters=home / "fonts" / "fonts", cache=home / "fonts" / "cache"), "utf-8")
    brought = {"LD_LIBRARY_PATH": str(home / "al2023" / "lib"), "FONTCONFIG_FILE": str(fonts)}
    return Program(str(home / "chromium"), {**_here(), **brought})


def _here() -> dict[str, str | float | bool]:
    return dict(os.environ)  # noqa: TID251 - handed on
