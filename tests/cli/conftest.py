"""What the commands that change the set share."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"


@pytest.fixture
def kafka(kafka_bootstrap: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    """The session's broker, as the environment of the commands names it, under a prefix of the test's own."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_bootstrap)
    monkeypatch.setenv("RUNG_TOPIC_PREFIX", topic_prefix)
    return KafkaSettings()


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The sample with another number in it."""
    for document in SAMPLE.glob("*.yaml"):
        (tmp_path / document.name).write_text(document.read_text().replace("reaches: 20}", "reaches: 25}"))
    return tmp_path
