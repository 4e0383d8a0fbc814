"""`rung migrate` and `rung topics`, as an operator runs them, on a real broker and a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from services.cli.commands import app

if TYPE_CHECKING:
    import pytest

CLI = CliRunner()


def test_migrate_makes_the_tables_and_says_which_revision(
    fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RUNG_DATABASE_SCHEMA", "shop")
    first, second = CLI.invoke(app, ["migrate"]), CLI.invoke(app, ["migrate"])
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith("schema shop is at revision ")
    assert second.output == first.output


def test_migrate_tells_in_one_line_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://rung:secret@127.0.0.1:1/rung")
    told = CLI.invoke(app, ["migrate"])
    assert told.exit_code == 70
    assert told.output.startswith("error: PostgreSQL does not answer")
    assert "secret" not in told.output


def test_topics_makes_what_is_missing_and_says_so(
    kafka_bootstrap: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_bootstrap)
    monkeypatch.setenv("RUNG_TOPIC_PREFIX", topic_prefix)
    first, second = (CLI.invoke(app, ["topics", "--partitions", "2"]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"created {topic_prefix}.outcomes" in first.output.splitlines()
    assert second.output == "all topics are there\n"


def test_topics_passes_on_why_the_broker_refused(
    kafka_bootstrap: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_bootstrap)
    monkeypatch.setenv("RUNG_TOPIC_PREFIX", topic_prefix)
    told = CLI.invoke(app, ["topics", "--replication", "99"])
    assert told.exit_code == 70
    assert told.output.startswith("error: the broker refused to create")
