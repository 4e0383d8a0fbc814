"""Prometheus and promtool: those of the system, or what `make prometheus` fetched where there are none."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.deploy.compose import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ROOT / "deploy" / "prometheus"
FETCHED: Final = ROOT / ".rung" / "tools" / "prometheus" / "usr" / "bin"
RULES: Final = tuple(FOLDER / name for name in ("service_levels.yml", "alerts.yml"))


def program(name: str) -> str:
    """Where ``prometheus`` or ``promtool`` is."""
    found = shutil.which(name) or shutil.which(name, path=str(FETCHED))
    assert found is not None, f"these tests need {name}: run `make prometheus`"
    return found


def wrong_with_rules(home: Path, tests: list[dict[str, Any]], every: str = "1m") -> str | None:
    """What ``promtool test rules`` finds wrong; None when nothing is."""
    file = home / "rules.test.yml"
    told = {"rule_files": [str(path) for path in RULES], "evaluation_interval": every, "tests": tests}
    file.write_text(yaml.safe_dump(told))
    ran = subprocess.run(  # noqa: S603 - our own file
        [program("promtool"), "test", "rules", str(file)], capture_output=True, text=True, check=False, timeout=120
    )
    return None if ran.returncode == 0 else ran.stdout + ran.stderr


def counter(*spans: tuple[int, float]) -> str:
    """Samples of a counter: for so many steps it rises by so much each; promtool's notation."""
    values = [0.0]
    for steps, rise in spans:
        values += [values[-1] + rise * step for step in range(1, steps + 1)]
    return " ".join(f"{value:g}" if value < 1e5 else str(round(value)) for value in values)


def gauge(*spans: tuple[int, float | None]) -> str:
    """Samples of a gauge: for so many steps it is so much; None: it is not there."""
    return " ".join("_" if value is None else f"{value:g}" for steps, value in spans for _ in range(steps))
