"""Servers that the environment names are used, and nothing is started in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from services.local_stack.plan import PartPhase
from services.local_stack.settings import StackSettings
from services.local_stack.stack import LocalStack, Wanted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.kafka
@pytest.mark.postgres
def test_servers_of_the_environment_are_used_instead(
    stack: LocalStack, rung_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNG_HOME", str(rung_home))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", stack.kafka_bootstrap)
    monkeypatch.setenv("DATABASE_URL", stack.database_url)

    with LocalStack.running(Wanted(name="external"), keep_data=False) as external:
        state = external.state()
        assert state is not None
        assert [part.phase for part in state.parts] == [PartPhase.EXTERNAL] * 2
        assert not psutil.Process(state.pid).children()
        assert external.kafka_bootstrap == stack.kafka_bootstrap
        assert external.database_url == stack.database_url


def test_an_empty_variable_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "")
    monkeypatch.setenv("DATABASE_URL", "")
    settings = StackSettings()
    assert settings.kafka_bootstrap_servers is None
    assert settings.database_url is None


def test_home_is_beside_the_project_around_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RUNG_HOME", raising=False)
    (tmp_path / "pyproject.toml").touch()
    below = tmp_path / "deep" / "down"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert StackSettings().home() == tmp_path / ".rung"
