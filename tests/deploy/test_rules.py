"""Prometheus: what it scrapes is there, and its rules ask for what is there."""

import re
from typing import Any, Final

import pytest
import yaml

from deploy.prometheus import levels
from services.kit.telemetry.metrics import LATENCY_BUCKETS_S
from tests.deploy.compose import resolved
from tests.deploy.prometheus import FOLDER
from tests.deploy.prometheus import RULES as FILES
from tests.deploy.promql import faults, parse

CONFIG: Final[Any] = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
RULES: Final[list[Any]] = [
    rule for path in FILES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]
]
RECORDED: Final = frozenset(rule["record"] for rule in RULES if "record" in rule)
ALERTS: Final = {rule["alert"]: rule for rule in RULES if "alert" in rule}

each_rule = pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: "-".join((rule.get("record") or rule["alert"], *rule["labels"].values()))
)


def _targets(job: dict[str, Any]) -> list[str]:
    """Where a job finds what it scrapes; what may be left out of a deployment is found by its name."""
    if "static_configs" in job:
        return list(job["static_configs"][0]["targets"])
    (found,) = job["dns_sd_configs"]
    return [f"{name}:{found['port']}" for name in found["names"]]


def test_every_service_is_scraped_at_the_port_of_its_listener() -> None:
    targets = {job["job_name"]: _targets(job) for job in CONFIG["scrape_configs"]}
    listeners = {
        name: [f"{name}:{port}"]
        for name, part in resolved()["services"].items()
        for variable, port in (part.get("environment") or {}).items()
        if re.fullmatch(r"RUNG_\w+_HTTP_PORT", variable)
    }
    assert targets == listeners


def test_every_file_of_rules_is_there() -> None:
    assert [FOLDER / name for name in CONFIG["rule_files"]] == list(FILES)
    assert [path for path in FILES if not path.is_file()] == []


@each_rule
def test_a_rule_asks_only_for_what_a_service_or_another_rule_makes(rule: Any) -> None:
    assert faults(rule["expr"], RECORDED) == []


@each_rule
def test_a_rule_has_only_the_words_that_prometheus_knows(rule: Any) -> None:
    words = {"record", "expr", "labels"} if "record" in rule else {"alert", "expr", "for", "labels", "annotations"}
    assert set(rule) <= words


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("rate(rung_stage_latency_seconds[5m])", "no service makes rung_stage_latency_seconds"),
        ('rung_stage_latency_seconds_bucket{stage="stord"}', "is never stord"),
        ('rung_stage_latency_seconds_bucket{phase="stored"}', "has no label phase"),
        ("sum by (stge) (rung_stage_latency_seconds_bucket)", "has the label stge"),
        ("a / sum(rate(nothing_total[5m]))", "no service makes nothing_total"),
    ],
)
def test_a_query_for_what_is_not_there_is_found(query: str, fault: str) -> None:
    assert any(fault in found for found in faults(query))


def test_a_query_that_is_no_promql_is_found() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        parse("sum(rung_api_streams")


@pytest.mark.parametrize("bound", [0.01, 0.25, 0.3, 1.0])
def test_the_service_levels_are_bounds_of_the_histogram_so_that_shares_are_exact(bound: float) -> None:
    assert bound in LATENCY_BUCKETS_S


def test_an_alert_says_what_is_wrong_and_which_page_to_turn_to() -> None:
    assert ALERTS
    for alert in ALERTS.values():
        assert {"summary", "description", "runbook"} == set(alert["annotations"])
        assert alert["labels"]["severity"] in {"page", "ticket"}


def test_the_rules_of_the_service_levels_are_what_the_code_says() -> None:
    assert levels.FILE.read_text() == levels.as_yaml(), "run: python -m deploy.prometheus.levels"


def test_prometheus_keeps_what_the_service_levels_span() -> None:
    assert f"--storage.tsdb.retention.time={levels.SPAN}" in resolved()["services"]["prometheus"]["command"]
