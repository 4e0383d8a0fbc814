"""All commands alike: each explains itself and all its options, speaks to programs, and completes names."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from services.cli.commands import app
from services.local_stack.keys import ensure
from tests.cli.running import rung

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "playbooks" / "files"
FOR_PEOPLE = {"demo"}
"""A show in the terminal."""


def commands(command: Any, *names: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its name."""
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(names), command
    else:
        for name, child in children.items():
            yield from commands(child, *names, name)


EVERY = dict(commands(get_command(app)))
each_command = pytest.mark.parametrize("name", EVERY)


@each_command
def test_a_command_speaks_to_programs(name: str) -> None:
    options = {option for parameter in EVERY[name].params for option in parameter.opts}
    assert ("--json" in options) is (name not in FOR_PEOPLE)


@each_command
def test_a_command_explains_itself_and_every_option(name: str) -> None:
    assert EVERY[name].help
    assert [parameter.name for parameter in EVERY[name].params if not getattr(parameter, "help", None)] == []


def test_help_tells_of_every_command_in_one_group() -> None:
    told = rung("--help").output
    assert [name for name in EVERY if " " not in name and f" {name} " not in told] == []


@pytest.mark.parametrize(
    "paper", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_papers_name_only_commands_and_options_that_there_are(paper: Path) -> None:
    text = paper.read_text()
    fenced = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    lines = re.findall(r"^(?:\$ )?rung [a-z].*", fenced, flags=re.MULTILINE) + re.findall(r"`(rung [a-z][^`]*)`", text)
    assert [line for line in lines if not _is_there(line.removeprefix("$ "))] == []


def _is_there(line: str) -> bool:
    """Whether a line of a shell names a command, and only options of it."""
    words = shlex.split(line, comments=True)[1:]
    name = next((name for name in (" ".join(words[:2]), words[0]) if name in EVERY), None)
    if name is None:
        return words == ["stack"]
    known = {option for parameter in EVERY[name].params for option in parameter.opts}
    return {word.partition("=")[0] for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("rung check playbooks/files", True),
        ("rung stack up --services", True),
        ("rung stack lift", False),
        ("rung chek playbooks/files", False),
        ("rung replay --agaist x", False),
    ],
)
def test_a_command_that_is_not_there_would_be_found(line: str, *, there: bool) -> None:
    assert _is_there(line) is there


def completed(*words: str) -> list[str]:
    """What a shell is told for the last word of a line."""
    line = " ".join(["rung", *words])
    asked = {"_RUNG_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    return CliRunner().invoke(app, [], prog_name="rung", env=asked).stdout.split()


def test_offers_of_documents_nearby_are_completed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    for path in SAMPLE.glob("*.yaml"):
        (tmp_path / "playbooks" / path.name).write_text(path.read_text())
    (tmp_path / "playbooks" / "half.yaml").write_text("offers: {")
    monkeypatch.chdir(tmp_path)
    assert completed("pause", "more_") == ["more_projects", "more_storage", "more_transfer"]
    assert completed("explain", "acme", "--offer", "team_p") == ["team_plan"]


def test_scenarios_of_the_documents_that_the_line_names_are_completed() -> None:
    assert completed("test", str(SAMPLE), "--only", "the_first_r") == ["the_first_report"]


def test_stacks_of_this_machine_are_completed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNG_HOME", str(tmp_path))
    assert completed("versions", "--stack", "") == []
    for name in ("main", "mine", "other"):
        (tmp_path / "stacks" / name).mkdir(parents=True)
    assert completed("versions", "--stack", "m") == ["main", "mine"]


def told(*words: object) -> Any:
    result = rung(*words, "--json")
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_a_check_tells_programs_what_is_in_the_set() -> None:
    found = told("check", SAMPLE)
    assert (found["ok"], found["problems"], found["product"]) == (True, [], "files")
    assert "more_storage" in found["offers"]
    assert "storage_full" in found["moments"]
    assert "the_first_report" in found["scenarios"]


def test_a_check_tells_programs_where_every_problem_is(tmp_path: Path) -> None:
    playbook = tmp_path / "storage.yaml"
    playbook.write_text((SAMPLE / "storage.yaml").read_text().replace("limit: storage_gb", "limit: storge_gb"))
    result = rung("check", SAMPLE / "product.yaml", playbook, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found == {
        "ok": False,
        "problems": [
            {
                "severity": "error",
                "path": str(playbook),
                "line": 6,
                "column": 28,
                "width": 9,
                "rule": "unknown-meter",
                "message": "moment 'storage_full' watches 'storge_gb', which is not a meter",
                "suggestion": "did you mean 'storage_gb'?",
            }
        ],
    }


def test_a_token_tells_programs_how_long_it_is_valid(tmp_path: Path) -> None:
    ensure(tmp_path)
    found = told("token", "--account", "acme", "--minutes", "2", "--key", tmp_path / "private.json")
    assert (found["account"], found["minutes"]) == ("acme", 2)
    assert found["token"].count(".") == 2


def test_a_stack_that_does_not_run_tells_programs_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNG_HOME", str(tmp_path))
    assert told("down") == {"stopped": False}
    assert told("stack", "status") is None


@pytest.mark.usefixtures("kafka")
def test_topics_sets_and_events_tell_programs_what_was_done() -> None:
    made = told("topics", "--partitions", 2)["created"]
    assert len(made) > 5
    assert told("topics") == {"created": []}
    assert told("publish", SAMPLE) == {"version": 0, "changed": True}
    assert told("publish", SAMPLE) == {"version": 0, "changed": False}
    (sent,) = told("emit", "report.exported", "--account", "acme", "--id", "e-1")
    assert (sent["id"], sent["type"], sent["subject"], sent["offset"]) == ("e-1", "report.exported", "acme", 0)


def test_a_migration_tells_programs_the_revision(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    found = told("migrate")
    assert found["schema"] == "rung"
    assert found["revision"]
