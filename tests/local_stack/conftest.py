from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.local_stack.plan import Service
from services.local_stack.settings import StackSettings

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = Path(__file__).with_name("programs") / "serves.py"


@pytest.fixture
def rung_home(tmp_path: Path) -> Path:
    """A place for stacks of the test's own, which shares the downloads of all."""
    shared = StackSettings().home() / "cache"
    shared.mkdir(parents=True, exist_ok=True)
    home = tmp_path / "rung"
    home.mkdir()
    (home / "cache").symlink_to(shared)
    return home


@pytest.fixture
def settings(rung_home: Path) -> StackSettings:
    """Start everything ourselves, whatever the environment of the test run names."""
    return StackSettings(rung_home=rung_home, kafka_bootstrap_servers=None, database_url=None)


@pytest.fixture
def stand_in() -> Callable[[str], Service]:
    """A tiny real program in the place of a service."""

    def make(name: str) -> Service:
        return Service(
            name=name,
            command=(sys.executable, str(PROGRAM)),
            ports={"STAND_IN_PORT": 0},
            health="STAND_IN_PORT",
        )

    return make
