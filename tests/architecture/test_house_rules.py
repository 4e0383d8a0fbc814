"""Rules of the house that no tool checks: small files, reasons for every opt-out, nothing of one machine."""

import io
import re
import tokenize
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.tree import ROOT, named, tracked

MAX_LINES: Final = 400
"""A file holds one concept; one that is longer holds two."""

OPT_OUT: Final = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|mypy:)")
RULE: Final = r"(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[a-z, -]+\]|pragma: no cover)"
WITH_REASON: Final = re.compile(rf"#\s*{RULE}\W+\w")
"""An opt-out names the rule and says why: ``# noqa: S603  - our own command``."""

OF_ONE_MACHINE: Final = {
    "a path of one machine": re.compile("/" + r"(work|root|home/\w+)/\w"),
    "a host of a package registry": re.compile(
        r"(pypi|pythonhosted|maven|npmjs|crates)" + r"\.(org|io|com)\b|\.maven\." + "apache"
    ),
}


def test_no_file_is_longer_than_one_concept_needs() -> None:
    long = {
        named(path): lines
        for path in tracked("services/*.py", "schemas/*.py")
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_every_rule_that_is_ignored_everywhere_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    (block,) = re.findall(r"^ignore = \[\n(.*?)^\]", text, flags=re.MULTILINE | re.DOTALL)
    lines = block.splitlines()
    assert lines
    assert [line for line in lines if not re.search(r'^  "[A-Z]+\d*", +# .+\w', line)] == []


def _comments(path: Path) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def test_every_opt_out_in_the_code_names_its_rule_and_its_reason() -> None:
    bare = [
        f"{named(path)}:{line}: {comment}"
        for path in tracked("*.py")
        for line, comment in _comments(path)
        if OPT_OUT.search(comment) and not WITH_REASON.search(comment)
    ]
    assert bare == []


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: S603", "# type: ignore", "# type: ignore[arg-type]"])
def test_a_bare_opt_out_would_be_found(comment: str) -> None:
    assert OPT_OUT.search(comment)
    assert not WITH_REASON.search(comment)


@pytest.mark.parametrize("what", sorted(OF_ONE_MACHINE))
def test_the_repository_names_nothing_of_one_machine(what: str) -> None:
    found = [
        f"{named(path)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), 1)
        if OF_ONE_MACHINE[what].search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [("a path of one machine", "/wo" + "rk/main"), ("a host of a package registry", "https://pyp" + "i.org/simple")],
)
def test_what_is_of_one_machine_would_be_found(what: str, line: str) -> None:
    assert OF_ONE_MACHINE[what].search(line)
