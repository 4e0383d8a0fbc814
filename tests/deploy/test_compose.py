"""The compose file is read by the real compose parser, and every service in it is one that our code would start."""

import importlib
import importlib.util
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic_settings import BaseSettings
from typer.main import get_command

from services.cli.commands import app
from tests.deploy.compose import ASKED_FOR, FILE, ROOT, parse, resolved

OURS: Final = ("trigger_engine", "offer_api", "metrics_sink", "probe")
JOBS: Final = ("topics", "migrate", "playbooks")

each_part = pytest.mark.parametrize("part", sorted(resolved()["services"]))
each_of_ours = pytest.mark.parametrize("part", [*OURS, *JOBS])
each_service = pytest.mark.parametrize("part", OURS)


def _part(name: str) -> Any:
    return resolved()["services"][name]


def _readers() -> dict[str, set[str]]:
    """Every variable that a settings class of the product reads, with the modules of those classes."""
    readers: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "services").rglob("settings.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for member in vars(module).values():
            if isinstance(member, type) and issubclass(member, BaseSettings):
                for field in member.model_fields.values():
                    readers[field.alias or ""].add(member.__module__)
    return readers


def test_compose_reads_the_file() -> None:
    assert parse(ASKED_FOR, "--quiet").returncode == 0


@pytest.mark.parametrize("variable", sorted(ASKED_FOR))
def test_compose_refuses_and_says_what_to_set_when_a_variable_is_missing(variable: str) -> None:
    done = parse({name: value for name, value in ASKED_FOR.items() if name != variable}, "--quiet")
    assert done.returncode != 0
    assert re.search(rf"{variable} is missing a value: \w+", done.stderr)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        pytest.param("restart: unless-stopped", "restrat: unless-stopped", id="an unknown word"),
        pytest.param("postgres: {condition: service_healthy}", "postgers: {condition: service_healthy}", id="a part"),
        pytest.param("condition: service_healthy", "condition: service_happy", id="an unknown condition"),
    ],
)
def test_the_parser_finds_faults(tmp_path: Path, good: str, bad: str) -> None:
    """Otherwise its silence about our file would mean nothing."""
    spoilt = tmp_path / "docker-compose.yml"
    text = FILE.read_text()
    assert good in text
    spoilt.write_text(text.replace(good, bad))
    assert parse(ASKED_FOR, "--quiet", file=spoilt).returncode != 0


def test_no_secret_stands_in_the_file() -> None:
    text = FILE.read_text()
    secrets = re.findall(r"^ *\w*(?:PASSWORD|SECRET|TOKEN)\w*: (.+)$", text, flags=re.MULTILINE)
    in_addresses = re.findall(r"://\w+:([^@]+)@", text)
    assert secrets
    assert in_addresses
    assert all(value.startswith("${") for value in [*secrets, *in_addresses])


@each_part
def test_an_image_has_a_whole_version_as_its_tag(part: str) -> None:
    _, _, tag = _part(part)["image"].rpartition(":")
    assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-[a-z]+)?", tag)


@each_part
def test_a_part_has_limits_of_memory_and_processor(part: str) -> None:
    assert set(_part(part)["deploy"]["resources"]["limits"]) >= {"cpus", "memory"}


@each_part
def test_a_port_is_reached_from_this_machine_only(part: str) -> None:
    assert all(port["host_ip"] == "127.0.0.1" for port in _part(part).get("ports", []))


@each_part
def test_no_part_can_gain_privileges(part: str) -> None:
    assert "no-new-privileges:true" in _part(part)["security_opt"]


@each_of_ours
def test_our_containers_can_write_to_nothing_and_hold_no_capability(part: str) -> None:
    assert _part(part)["read_only"] is True
    assert _part(part)["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("part", [name for name in sorted(resolved()["services"]) if name not in JOBS])
def test_a_part_that_stays_up_says_whether_it_is_well(part: str) -> None:
    assert _part(part)["healthcheck"]["test"][0] == "CMD"


@each_service
def test_a_service_waits_for_a_log_with_topics_that_is_ready(part: str) -> None:
    conditions = {name: on["condition"] for name, on in _part(part)["depends_on"].items()}
    assert conditions["kafka"] == "service_healthy"
    assert conditions["topics"] == "service_completed_successfully"


def test_the_engine_waits_for_a_set_since_it_is_not_ready_without_one() -> None:
    assert _part("trigger_engine")["depends_on"]["playbooks"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_a_command_that_the_command_line_has(job: str) -> None:
    module, command = _part(job)["command"][2:4]
    assert module == "services.cli"
    assert command in {known.name for known in app.registered_commands}


def test_a_restart_does_not_put_the_mounted_set_back_over_a_newer_one() -> None:
    """The words are read by the command line itself, which keeps what `--first` promises by tests of its own."""
    published = get_command(app).commands["publish"]  # type: ignore[attr-defined]  # a group, as it has commands
    read = published.make_context("publish", _part("playbooks")["command"][4:]).params
    (mount,) = _part("playbooks")["volumes"]
    assert (read["first"], read["paths"]) == (True, [Path(mount["target"])])


@pytest.mark.parametrize("part", ["offer_api", "metrics_sink"])
def test_a_service_with_tables_waits_for_them(part: str) -> None:
    conditions = {name: on["condition"] for name, on in _part(part)["depends_on"].items()}
    assert conditions["postgres"] == "service_healthy"
    assert conditions["migrate"] == "service_completed_successfully"


@each_of_ours
def test_a_command_runs_a_module_that_exists(part: str) -> None:
    python, minus_m, module, *_ = _part(part)["command"]
    assert (python, minus_m) == ("python", "-m")
    assert importlib.util.find_spec(f"{module}.__main__") is not None


@each_of_ours
def test_every_variable_is_one_that_a_settings_class_knows(part: str) -> None:
    unknown = set(_part(part).get("environment", {})) - set(_readers())
    assert not unknown


@each_service
def test_a_variable_is_read_by_the_service_that_is_given_it(part: str) -> None:
    for name in _part(part)["environment"]:
        homes = {module.removesuffix(".settings") for module in _readers().get(name, set())}
        assert homes & {"services.kit", f"services.{part}"}, name


@each_service
def test_health_is_asked_at_the_port_that_the_service_is_given(part: str) -> None:
    (port,) = (value for name, value in _part(part)["environment"].items() if name.endswith("_HTTP_PORT"))
    assert _part(part)["healthcheck"]["test"][-1] == f"http://127.0.0.1:{port}/readyz"


@each_service
def test_operators_reach_the_listener_from_other_containers(part: str) -> None:
    assert _part(part)["environment"]["RUNG_HTTP_HOST"] == "0.0.0.0"  # noqa: S104  - inside a container


@each_part
def test_what_is_mounted_from_the_repository_is_there_and_cannot_be_changed(part: str) -> None:
    for mount in _part(part).get("volumes", []):
        if mount["type"] == "bind" and Path(mount["source"]).is_relative_to(ROOT):
            assert Path(mount["source"]).exists()
            assert mount["read_only"] is True
