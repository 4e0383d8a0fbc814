"""`rung report`, as in a shell, of a set on a real broker and outcomes in a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schemas.outcomes import Change
from services.kit.db.migrations import migrate
from services.kit.db.sessions import Database
from tests.cli.running import rung
from tests.metrics_sink.events import fact, life
from tests.metrics_sink.telling import tell

if TYPE_CHECKING:
    from services.kit.settings import KafkaSettings

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"
SCHEMA = "rung"

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """The sample, with a holdout."""
    folder = tmp_path / "set"
    folder.mkdir()
    for document in SAMPLE.glob("*.yaml"):
        text = document.read_text()
        (folder / document.name).write_text(text + "\nholdout: {share: 5%}\n" if document.stem == "product" else text)
    return folder


@pytest.fixture
def tables(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One offer that was taken, in the database that the environment of the commands names."""
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RUNG_DATABASE_SCHEMA", SCHEMA)

    async def fill() -> None:
        await migrate(fresh_database_url, SCHEMA)
        database = Database(fresh_database_url, SCHEMA, "test")
        try:
            await tell(database, [*life("o-1", Change.MADE, Change.PRESENTED, version=0), fact("p-1", pays=18)])
        finally:
            await database.close()

    asyncio.run(fill())


@pytest.mark.usefixtures("kafka", "tables")
def test_the_page_is_written_and_named(tmp_path: Path, documents: Path) -> None:
    assert rung("publish", documents).exit_code == 0
    out = tmp_path / "offers.html"
    result = rung("report", "--out", out)
    assert result.exit_code == 0, result.output
    assert result.output == f"watch team_plan: not known yet whether it changes anything\nwritten to {out}\n"
    text = out.read_text("utf-8")
    assert "5.0 % of the accounts are held out" in text
    assert "Funnel of team_plan: 1 made, 1 presented, 0 clicked, 0 accepted, 0 dismissed" in text


@pytest.mark.usefixtures("kafka", "tables")
def test_programs_get_the_same_as_values(tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert rung("publish", documents).exit_code == 0
    found = json.loads(rung("report", "--json").output)
    assert (found["currency"], found["share_held_out"]) == ("USD", "0.05")
    (offer,) = found["offers"]
    assert (offer["offer"], offer["funnel"]["presented"]) == ("team_plan", 1)
    assert offer["effect"]["because"] == "not_known_yet"
    assert offer["effect"]["figures"]["conversion"]["treated"]["accounts"] == 1
    assert offer["effect"]["figures"]["conversion"]["difference"] is None
    assert list(tmp_path.iterdir()) == [documents]


@pytest.mark.usefixtures("kafka", "tables")
def test_what_a_new_customer_costs_is_set_against_one_who_is_there(tmp_path: Path, documents: Path) -> None:
    """S75: from two given numbers."""
    assert rung("publish", documents).exit_code == 0
    out = tmp_path / "offers.html"
    assert rung("report", "--out", out, "--acquisition-cost", "1.20", "--expansion-cost", "0.20").exit_code == 0
    assert "<td>6.0 times that from one who is there</td>" in out.read_text("utf-8")


@pytest.mark.parametrize("costs", [["--acquisition-cost", "5"], ["--acquisition-cost", "5", "--expansion-cost", "0"]])
def test_one_cost_alone_or_none_at_all_is_refused(costs: list[str]) -> None:
    result = rung("report", *costs)
    assert result.exit_code == 1
    assert "--expansion-cost" in result.output


@pytest.mark.usefixtures("kafka")
def test_a_database_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert rung("publish", SAMPLE).exit_code == 0
    result = rung("report")
    assert result.exit_code == 1
    assert result.output.startswith("error: PostgreSQL does not answer: ")


@pytest.mark.usefixtures("tables")
def test_without_a_set_there_is_nothing_to_report_on(kafka: KafkaSettings) -> None:
    assert kafka.topic_prefix
    result = rung("report")
    assert result.exit_code == 1
    assert "no set is in force" in result.output
