"""The papers say what is: paths that exist, commands that exist, one shape for all decisions."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.architecture.tree import ROOT, named, tracked

DECISIONS: Final = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
HEADINGS: Final = ["Status", "Context", "Decision", "Consequences", "Alternatives", "Enforced by"]
MAX_LINES: Final = 80
"""One page."""

MAX_FILES: Final = 6
"""A change of one kind touches at most so many files; more would mean that a concept is spread."""

PAPERS: Final = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS: Final = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))

each_decision = pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
each_paper = pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)


@each_decision
def test_a_decision_is_one_page_of_the_same_shape(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == HEADINGS
    assert text.startswith(f"# {int(page.stem[:4])}. ")
    assert len(text.splitlines()) <= MAX_LINES


@each_decision
def test_a_decision_is_listed(page: Path) -> None:
    assert f"]({page.name})" in (ROOT / "docs" / "adr" / "README.md").read_text()


def test_every_listed_decision_is_there() -> None:
    listed = re.findall(r"\]\(([0-9][^)]+)\)", (ROOT / "docs" / "adr" / "README.md").read_text())
    assert listed == [page.name for page in DECISIONS]


@each_decision
def test_what_enforces_a_decision_exists(page: Path) -> None:
    enforced = page.read_text().partition("## Enforced by")[2]
    assert _paths(enforced)
    assert [path for path in _paths(enforced) if not (ROOT / path).exists()] == []


@each_paper
def test_a_paper_names_only_files_that_exist(paper: Path) -> None:
    assert [path for path in _paths(paper.read_text()) if not (ROOT / path).exists()] == []


@each_paper
def test_a_paper_names_only_commands_that_make_knows(paper: Path) -> None:
    assert set(re.findall(r"`make ([a-z-]+)`", paper.read_text())) <= TARGETS


@pytest.mark.parametrize("checklist", ["Add a detector", "Add an event"])
def test_a_checklist_has_at_most_six_files(checklist: str) -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text().partition(f"## {checklist}\n")[2].partition("\n## ")[0]
    steps = re.findall(r"^\d+\. `", section, flags=re.MULTILINE)
    assert 0 < len(steps) <= MAX_FILES


def test_hooks_and_ci_call_make_and_nothing_else() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    entries = [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]]
    assert {entry.removeprefix("make ") for entry in entries} <= TARGETS
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "exec make test"


def test_the_changelog_tells_contracts_apart() -> None:
    unreleased = (ROOT / "CHANGELOG.md").read_text().partition("## [Unreleased]")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", unreleased, flags=re.MULTILINE)[0] == "Contracts"


def test_the_image_has_the_version_of_the_product() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"image: rung:{version}" in (ROOT / "docker-compose.yml").read_text()


def test_no_paper_is_left_without_a_home() -> None:
    homes = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"}
    astray = [named(path) for path in tracked("*.md") if path.parent == ROOT and path.name not in homes]
    assert astray == []


def _paths(text: str) -> list[str]:
    """Names in backticks that read as paths of the repository."""
    tops = "|".join(sorted({named(path).split("/")[0] for path in tracked() if "/" in named(path)}))
    return re.findall(rf"`((?:{tops})/[\w./-]*)`", text)
