"""Prometheus: what it scrapes is there, and its rules ask for what is there.

The rules' own unit tests, ``deploy/prometheus/rules.test.yml``, are for promtool, which is no Python package; here they
are held against the rules by name.
"""

import re
from typing import Any, Final

import pytest
import yaml

from services.kit.telemetry.metrics import LATENCY_BUCKETS_S
from tests.deploy.compose import ROOT, resolved
from tests.deploy.promql import faults, parse

FOLDER: Final = ROOT / "deploy" / "prometheus"
CONFIG: Final[Any] = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
RULES: Final[list[Any]] = [
    rule for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"] for rule in group["rules"]
]
UNIT_TESTS: Final[Any] = yaml.safe_load((FOLDER / "rules.test.yml").read_text())
RECORDED: Final = frozenset(rule["record"] for rule in RULES if "record" in rule)
ALERTS: Final = {rule["alert"]: rule for rule in RULES if "alert" in rule}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.get("record") or rule["alert"]))


def test_every_service_is_scraped_at_the_port_of_its_listener() -> None:
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in CONFIG["scrape_configs"]}
    listeners = {
        name: [f"{name}:{port}"]
        for name, part in resolved()["services"].items()
        for variable, port in (part.get("environment") or {}).items()
        if re.fullmatch(r"RUNG_\w+_HTTP_PORT", variable)
    }
    assert targets == listeners


def test_every_file_of_rules_is_there() -> None:
    assert [name for name in CONFIG["rule_files"] if not (FOLDER / name).is_file()] == []


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


@pytest.mark.parametrize("bound", [0.25, 1.0])
def test_the_service_levels_are_bounds_of_the_histogram_so_that_shares_are_exact(bound: float) -> None:
    assert bound in LATENCY_BUCKETS_S


def test_an_alert_says_what_is_wrong_and_where_to_look() -> None:
    assert ALERTS
    for alert in ALERTS.values():
        assert alert["annotations"]["summary"]
        assert "dashboard" in alert["annotations"]["description"]


def test_every_alert_is_tested_both_firing_and_silent() -> None:
    told = [check for test in UNIT_TESTS["tests"] for check in test["alert_rule_test"]]
    for alert in ALERTS:
        assert {bool(check["exp_alerts"]) for check in told if check["alertname"] == alert} == {True, False}


def test_what_the_unit_tests_feed_is_what_services_make() -> None:
    fed = [series["series"] for test in UNIT_TESTS["tests"] for series in test["input_series"]]
    assert [fault for series in fed for fault in faults(series)] == []


def test_what_the_unit_tests_expect_is_what_the_rules_say() -> None:
    for test in UNIT_TESTS["tests"]:
        for check in test["alert_rule_test"]:
            annotations = ALERTS[check["alertname"]]["annotations"]
            for expected in check["exp_alerts"]:
                assert expected["exp_annotations"]["summary"] == annotations["summary"]
        for check in test.get("promql_expr_test", ()):
            assert faults(check["expr"], RECORDED) == []
