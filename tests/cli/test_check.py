from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.running import rung

SAMPLE = Path(__file__).parents[2] / "playbooks" / "files"


def test_the_sample_is_all_right() -> None:
    result = rung("check", SAMPLE)
    assert result.exit_code == 0
    assert result.output == "ok: product files, 13 moments, 13 offers\n"


OF_SERVICES: Final = (
    "asyncio", "ssl", "aiokafka", "asyncpg", "sqlalchemy", "alembic", "fastapi", "starlette", "uvicorn", "httpx",
    "joserfc", "cryptography", "structlog", "prometheus_client", "pydantic_settings", "confluent_kafka", "limits",
)  # fmt: skip
"""What only somebody needs who speaks to a server, or is one."""

HERE: Final = """
import sys
from services.cli.__main__ import main
sys.argv = ["rung", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [["check", SAMPLE], ["check", "--json", SAMPLE], ["check", "--help"], ["--help"]],
    ids=lambda words: " ".join(str(word) for word in words[:2]),
)
def test_an_offline_check_waits_for_nothing_that_only_services_need(words: list[object]) -> None:
    command = [sys.executable, "-c", HERE, *(str(word) for word in words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    imported = {name.partition(".")[0] for name in done.stderr.split()}
    assert "typer" in imported
    assert imported.isdisjoint(OF_SERVICES)


def test_documents_can_be_named_one_by_one() -> None:
    assert rung("check", SAMPLE / "storage.yaml", SAMPLE / "product.yaml").exit_code == 0


def test_a_document_named_twice_counts_once() -> None:
    assert rung("check", SAMPLE, SAMPLE / "product.yaml").exit_code == 0


def test_a_problem_is_told_as_a_compiler_would(tmp_path: Path) -> None:
    playbook = tmp_path / "storage.yaml"
    playbook.write_text((SAMPLE / "storage.yaml").read_text().replace("limit: storage_gb", "limit: storge_gb"))
    result = rung("check", SAMPLE / "product.yaml", playbook)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{playbook}:6:28  error[unknown-meter]  moment 'storage_full' watches 'storge_gb', which is not a meter",
        "    6 |   storage_full:    {limit: storge_gb, at: [80%, 90%, 100%]}",
        "      |                            ^^^^^^^^^ did you mean 'storage_gb'?",
        "1 problem",
    ]


def test_every_problem_is_told(tmp_path: Path) -> None:
    playbook = tmp_path / "storage.yaml"
    text = (SAMPLE / "storage.yaml").read_text()
    playbook.write_text(text.replace("limit: projects", "limit: project").replace("add: sign", "add: signs"))
    result = rung("check", SAMPLE / "product.yaml", playbook)
    assert "did you mean 'projects'?" in result.stderr
    assert "did you mean 'sign'?" in result.stderr
    assert result.stderr.endswith("2 problems\n")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda _: None, "there is no such file or directory", id="nothing there"),
        pytest.param(lambda path: path.mkdir(), "holds no .yaml or .yml file", id="an empty directory"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe"), "is not text in UTF-8", id="bytes"),
    ],
)
def test_a_path_that_leads_to_no_document_is_named(tmp_path: Path, make: object, told: str) -> None:
    path = tmp_path / "given"
    make(path)  # type: ignore[operator]  # a function of the table above
    result = rung("check", path)
    assert result.exit_code == 1
    assert result.stderr == f"error: {path}: {told}\n"
