"""The package stands alone: it has what it says it needs, and nothing of the services."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING, Final

import rung_client
from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOME: Final = ROOT / "clients" / "python"
BLOCK: Final = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def imported(source: str) -> set[str]:
    """Top-level names of all that ``source`` imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_it_imports_only_what_it_says_it_needs() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[^\w-]", line)[0] for line in project["dependencies"]}
    used = set[str]().union(*(imported(path.read_text()) for path in HOME.glob("src/**/*.py")))
    assert used - sys.stdlib_module_names - {"rung_client"} == needed


def test_what_it_should_not_know_would_be_found() -> None:
    assert imported("def f():\n    from schemas.codec import encode\n") == {"schemas"}


def test_a_wheel_of_it_works_without_the_rest_of_the_repository(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=HOME, check=True, capture_output=True, timeout=60)  # noqa: S603 - our own package
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert "rung_client/py.typed" in packed.namelist()
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import rung_client\n"
        "assert rung_client.__file__.startswith(sys.argv[1]), rung_client.__file__\n"
        "assert not {'schemas', 'services'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-I", "-c", program, str(wheel)], check=True, timeout=60)  # noqa: S603 - likewise


def test_every_name_in_the_readme_exists() -> None:
    blocks = BLOCK.findall((HOME / "README.md").read_text())
    assert blocks
    for block in blocks:
        (names,) = [
            {name.name for name in node.names}
            for node in ast.walk(ast.parse(block))
            if isinstance(node, ast.ImportFrom) and node.module == "rung_client"
        ]
        assert names <= set(rung_client.__all__)
