"""Every behaviour that the product is held to has a scenario or a test that carries its id, such as S17.

The ids are those of the list of behaviours that the product was asked for. What each is stands where it is shown.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tests.playbooks.shipped import STORIES, checked, scenarios

TESTS: Final = Path(__file__).parents[1]
ID: Final = re.compile(r"(?<![A-Za-z0-9])[Ss](\d\d)(?!\d)")
ROWS: Final = [f"S{number:02}" for number in range(1, 76)]


def ids_in(text: str) -> set[str]:
    """The ids of behaviours that a text names."""
    return {f"S{number}" for number in ID.findall(text)}


def told_of_tests(source: str) -> Iterator[str]:
    """Name and docstring of each test of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name.replace("_", " ")
            yield ast.get_docstring(node) or ""


def without_one(rows: Iterable[str], texts: Iterable[str]) -> list[str]:
    """The rows that none of ``texts`` names, in their order."""
    named = set().union(*map(ids_in, texts))
    return [row for row in rows if row not in named]


def of_scenarios() -> list[str]:
    return [scenario.about or "" for story in STORIES for scenario in scenarios(checked(story))]


def of_tests() -> list[str]:
    return [told for path in sorted(TESTS.rglob("test_*.py")) for told in told_of_tests(path.read_text("utf-8"))]


def test_every_behaviour_has_a_scenario_or_a_test() -> None:
    assert without_one(ROWS, [*of_scenarios(), *of_tests()]) == []


def test_no_scenario_names_a_behaviour_that_is_not_there() -> None:
    assert set().union(*map(ids_in, of_scenarios())) <= set(ROWS)


def test_a_row_that_nothing_shows_is_named() -> None:
    source = 'def test_s01_x(): ...\ndef test_it():\n    """Shows S03."""\ndef helper():\n    """S02"""\n'
    assert without_one(["S01", "S02", "S03", "S04"], ["S04: in words", *told_of_tests(source)]) == ["S02"]


def test_an_id_stands_alone() -> None:
    assert ids_in("S17: as in S03 and (S05), and not AWS04, S3, S123 or s-12") == {"S17", "S03", "S05"}
