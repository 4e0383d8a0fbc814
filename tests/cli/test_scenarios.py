"""`rung test`, as in a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import rung

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"
HOW_MANY = sum(
    line.startswith("    about: ") for path in SAMPLE.glob("*.scenarios.yaml") for line in path.read_text().splitlines()
)
"""Scenarios of the sample: each says what it is about."""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The sample, in which one scenario expects another step."""
    for document in SAMPLE.glob("*.yaml"):
        text = document.read_text()
        (tmp_path / document.name).write_text(
            text.replace("{made: more_storage, step: 80%", "{made: more_storage, step: 90%")
        )
    return tmp_path


def test_scenarios_that_hold_are_counted() -> None:
    result = rung("test", SAMPLE)
    assert (result.exit_code, result.output) == (0, f"ok: {HOW_MANY} scenarios\n")


def test_one_that_fails_is_told_as_a_compiler_would(broken: Path) -> None:
    why = (
        "expected more_storage to be made, step 90%, title 'You have used 1.7 of 2 GB', options [plus], "
        "and its step is 80%"
    )
    result = rung("test", broken)
    assert result.exit_code == 1
    assert result.output.splitlines()[:6] == [
        f"{broken / 'storage.scenarios.yaml'}:11:17  error[scenario]  storage_is_nearly_full: {why}",
        '   11 |       - expect: {made: more_storage, step: 90%, title: "You have used 1.7 of 2 GB", options: [plus]}',
        "      |                 "
        + "^" * len('{made: more_storage, step: 90%, title: "You have used 1.7 of 2 GB", options: [plus]}'),
        "      file.stored · more_storage · offered at 2026-03-02 09:00 (set 0)",
        "        moment         storage_full, storage_gb 1.7 of 2, step 80%, at 2026-03-02 09:00",
        "        eligible       yes   plus, while on free",
    ]
    assert result.output.endswith(f"\n1 of {HOW_MANY} scenarios failed\n")


def test_the_first_gate_that_failed_is_told_with_what_would_open_it(tmp_path: Path) -> None:
    for document in SAMPLE.glob("*.yaml"):
        text = document.read_text().replace("expect: nothing because open_ticket", "expect: more_storage")
        (tmp_path / document.name).write_text(text)
    lines = rung("test", tmp_path, "--only", "nothing_while_waiting_for_help").output.splitlines()
    assert lines[3:8] == [
        "      file.stored · more_storage · withheld at 2026-03-02 09:00 (set 0)",
        "        moment         storage_full, storage_gb 1.7 of 2, step 80%, at 2026-03-02 09:00",
        "        eligible       yes   plus, while on free",
        "        suitable       no    open_ticket: #t-1 opened 2026-03-02 09:00",
        "        would need     the ticket to be closed, and the cool-down to be over",
    ]
    assert lines[-2:] == ["      meters: storage_gb 1.7 of 2", "1 of 1 scenario failed"]


def test_scenarios_can_be_chosen_and_named() -> None:
    result = rung("test", SAMPLE, "--only", "the_first_report", "-v")
    assert result.output == "ok: the_first_report  S17: a success is a good moment, once\nok: 1 scenario\n"


def test_a_scenario_that_is_not_there_is_told() -> None:
    result = rung("test", SAMPLE, "--only", "the_first_repor")
    assert result.exit_code == 1
    assert result.stderr == "error: there is no scenario 'the_first_repor': did you mean 'the_first_report'?\n"


def test_a_program_gets_where_and_why(broken: Path) -> None:
    result = rung("test", broken, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert len(told) == HOW_MANY
    (failed,) = [one for one in told if not one["ok"]]
    assert (failed["scenario"], failed["line"], failed["column"]) == ("storage_is_nearly_full", 11, 17)
    assert failed["why"].endswith("and its step is 80%")
    assert failed["decisions"][0]["candidates"][1]["reason"] == "outscored"
    assert failed["meters"] == [{"meter": "storage_gb", "value": "1.7", "limit": "2", "user": None}]


def test_usage_may_be_as_late_as_the_engine_lets_it() -> None:
    result = rung("test", SAMPLE, "--lateness", "60")
    assert result.exit_code == 1
    assert "a_success_of_yesterday: the engine refuses this as late" in result.output


def test_documents_with_a_problem_are_not_tested(broken: Path) -> None:
    (broken / "storage.yaml").write_text("playbook: storage\nmomens: {}\n")
    result = rung("test", broken)
    assert result.exit_code == 1
    assert "did you mean 'moments'?" in result.stderr
    assert result.stdout == ""


def test_a_playbook_without_scenarios_is_told() -> None:
    result = rung("test", SAMPLE / "product.yaml", SAMPLE / "storage.yaml")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: there are no scenarios")


def test_one_playbook_of_several_without_scenarios_is_a_warning(tmp_path: Path) -> None:
    for document in SAMPLE.glob("*.yaml"):
        (tmp_path / document.name).write_text(document.read_text())
    other = "playbook: other\nmoments:\n  five: {milestone: exports, reaches: 5}\n"
    (tmp_path / "other.yaml").write_text(f"{other}offers:\n  pics: {{on: [five], add: photos}}\n")
    result = rung("test", tmp_path)
    assert (result.exit_code, result.stdout) == (0, f"ok: {HOW_MANY} scenarios\n")
    assert result.stderr == "warning: playbook 'other' has no scenarios\n"


# --- several sets -------------------------------------------------------------------------------


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory `playbooks` with two sets, where commands are run beside it."""
    monkeypatch.chdir(tmp_path)
    for name, source in (("files", SAMPLE), ("more/streaming", SAMPLE.parent / "streaming")):
        (tmp_path / "playbooks" / name).mkdir(parents=True)
        for document in source.glob("*.yaml"):
            (tmp_path / "playbooks" / name / document.name).write_text(document.read_text())
    return tmp_path / "playbooks"


def test_without_a_path_all_sets_are_played_and_each_is_named(several: Path) -> None:
    result = rung("test")
    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0]) == (0, f"playbooks/files: ok: {HOW_MANY} scenarios")
    assert lines[1].startswith("playbooks/more/streaming: ok: ")
    assert lines[2:] == [f"ok: {HOW_MANY + int(lines[1].split()[2])} scenarios in 2 sets"]
    assert rung("test", several).stdout == result.stdout.replace("playbooks/", f"{several}/")


def test_one_that_fails_in_one_set_fails_all(several: Path) -> None:
    document = several / "files" / "storage.scenarios.yaml"
    document.write_text(
        document.read_text().replace("{made: more_storage, step: 80%", "{made: more_storage, step: 90%")
    )
    result = rung("test")
    assert result.exit_code == 1
    assert result.stdout.startswith("playbooks/files/storage.scenarios.yaml:11:17  error[scenario]")
    assert f"\nplaybooks/files: 1 of {HOW_MANY} scenarios failed\nplaybooks/more/streaming: ok: " in result.stdout
    assert result.stdout.endswith(" scenarios in 2 sets failed\n")


def test_a_set_that_is_refused_is_told_and_the_others_are_played(several: Path) -> None:
    (several / "files" / "storage.yaml").write_text("playbook: storage\nmomens: {}\n")
    result = rung("test")
    assert result.exit_code == 1
    assert "did you mean 'moments'?" in result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "playbooks/files: refused"
    assert lines[1].startswith("playbooks/more/streaming: ok: ")
    assert lines[2].startswith("1 of 2 sets refused; ok: ")
    told = json.loads(rung("test", "--json").stdout)
    assert [one["set"] for one in told if not one["ok"]] == ["playbooks/files"]
    assert {one["set"] for one in told if one["ok"]} == {"playbooks/more/streaming"}


def test_one_scenario_is_found_in_whichever_set_it_is(several: Path) -> None:
    del several
    result = rung("test", "--only", "the_first_report")
    assert result.stdout.splitlines() == ["playbooks/files: ok: 1 scenario", "ok: 1 scenario in 2 sets"]


def test_a_document_beside_no_product_is_a_set_without_one(several: Path) -> None:
    (several / "lost.yaml").write_text("playbook: lost\n")
    result = rung("test")
    assert result.exit_code == 1
    assert "a set needs a product document" in result.stderr
    assert "playbooks: refused" in result.stdout.splitlines()


def test_a_set_without_scenarios_is_a_warning_beside_others(several: Path) -> None:
    (several / "more" / "streaming" / "picture.scenarios.yaml").unlink()
    result = rung("test")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, f"ok: {HOW_MANY} scenarios in 2 sets")
    assert "has no scenarios" in result.stderr
