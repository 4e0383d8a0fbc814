"""The import contracts of ``pyproject.toml`` hold, and each was seen to break: one that cannot fail is no contract."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.architecture.tree import ROOT

CONTRACTS: Final[dict[str, str]] = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def _planted(why: str, contract: str, file: str, violation: str) -> Any:
    return pytest.param(contract, f"{file}.py", violation, id=why)


PLANTED: Final = [
    _planted("the kit knows a service", "flow", "services/kit/clock", "import services.offer_api"),
    _planted("a service knows another", "flow", "services/offer_api/metrics", "import services.metrics_sink.metrics"),
    _planted("the wire knows the kit", "flow", "schemas/stages", "import services.kit.clock"),
    _planted(
        "the domain looks out", "inward", "services/metrics_sink/domain/rows", "import services.metrics_sink.ports"
    ),
    _planted("a port knows a setting", "inward", "services/offer_api/ports", "import services.offer_api.settings"),
    _planted("a file without a place", "inward", "services/offer_api/misc", ""),
    _planted("the oracle asks the one it judges", "oracle", "oracle/ids", "import services.trigger_engine.domain.ids"),
    _planted("the oracle knows the wire by heart", "oracle", "oracle/messages", "import schemas.codec"),
    _planted("the domain reads a clock", "pure", "services/trigger_engine/domain/account", "import time"),
    _planted("the domain knows the kit", "pure", "services/offer_api/domain/row", "import services.kit.clock"),
    _planted("a port knows a driver", "edges", "services/offer_api/ports", "import aiokafka"),
    _planted("the web knows a driver", "edges", "services/offer_api/web/offers", "import sqlalchemy"),
    _planted(
        "a condition is read in two ways",
        "cel",
        "services/trigger_engine/domain/conditions/names",
        "import cel_expr_python",
    ),
    _planted("the API makes spans by itself", "otel", "services/offer_api/feed/fold", "import opentelemetry"),
    _planted("the wire goes in a circle", "acyclic", "schemas/envelope", "import schemas.codec"),
]


def _check(root: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  - our own command
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo", "--contract", contract],
        cwd=root,
        env={"COLUMNS": "500", "PATH": "/usr/bin:/bin"},  # no name is broken over two lines
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("contract", sorted(CONTRACTS))
def test_a_contract_holds(contract: str) -> None:
    done = _check(ROOT, contract)
    assert done.returncode == 0, done.stdout
    assert f"{CONTRACTS[contract]} KEPT" in done.stdout


@pytest.mark.parametrize(("contract", "file", "violation"), PLANTED)
def test_a_planted_violation_breaks_its_contract(tmp_path: Path, contract: str, file: str, violation: str) -> None:
    for part in ("services", "schemas", "oracle"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "json", "examples"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a") as planted:
        planted.write(f"\n{violation}\n")
    done = _check(tmp_path, contract)
    assert done.returncode == 1
    assert f"{CONTRACTS[contract]} BROKEN" in done.stdout
    assert f".{Path(file).stem}" in done.stdout


def test_every_contract_has_a_violation_that_was_seen_to_break_it() -> None:
    assert {str(case.values[0]) for case in PLANTED} == set(CONTRACTS)
