"""Each alert by ``promtool test rules``: it fires, it clears, and a blip of two minutes wakes nobody."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from deploy.prometheus.levels import LEVELS, Level
from tests.deploy.alarms import BLIPS, FAULTS, Blip, Fault
from tests.deploy.compose import ROOT
from tests.deploy.prometheus import counter, wrong_with_rules
from tests.deploy.test_rules import ALERTS

if TYPE_CHECKING:
    from pathlib import Path

A_MINUTE: Final = 100
"""Offers or requests."""

each_level = pytest.mark.parametrize("level", LEVELS, ids=lambda level: str(level.name))


def expected(fault: Fault) -> dict[str, Any]:
    """The alert as it fires."""
    told = ALERTS[fault.alert]["annotations"]
    labels = {"severity": fault.severity, **fault.labels}
    filled = {
        name: re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text) for name, text in told.items()
    }
    return {"exp_labels": labels, "exp_annotations": {**filled, "description": fault.description}}


def check(alert: str, minute: int, *firing: dict[str, Any]) -> dict[str, Any]:
    return {"alertname": alert, "eval_time": f"{minute}m", "exp_alerts": list(firing)}


def told(series: dict[str, str], *checks: dict[str, Any], interval: str = "1m") -> dict[str, Any]:
    fed = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": interval, "input_series": fed, "alert_rule_test": list(checks)}


# --- faults that are seen in one series or two --------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.name))
def test_a_fault_fires_its_alert_which_says_what_to_do_and_clears(fault: Fault, tmp_path: Path) -> None:
    before, after = check(fault.alert, 4), check(fault.alert, fault.clears)
    firing = check(fault.alert, fault.fires, expected(fault))
    assert wrong_with_rules(tmp_path, [told(dict(fault.series), before, firing, after)]) is None


@pytest.mark.parametrize("blip", BLIPS, ids=lambda blip: str(blip.alert))
def test_a_blip_of_two_minutes_fires_nothing(blip: Blip, tmp_path: Path) -> None:
    checks = [check(blip.alert, minute) for minute in range(1, blip.minutes)]
    assert wrong_with_rules(tmp_path, [told(dict(blip.series), *checks)]) is None


# --- service levels -----------------------------------------------------------------------------


def traffic(level: Level, *spans: tuple[int, float], a_step: float = A_MINUTE) -> dict[str, str]:
    """For so many steps, so large a share is late."""
    steps = sum(steps for steps, _ in spans)
    every = level.all.replace('answer!="refused"', 'answer="given"')
    return {
        level.good: counter(*((steps, a_step * (1 - late)) for steps, late in spans)),
        every: counter((steps, a_step)),
    }


def burning(level: Level, alert: str, severity: str, rate: float) -> dict[str, Any]:
    says = f"The budget of 30 days burns {rate:g} times as fast as it may."
    return expected(Fault(alert, {}, 0, 0, severity, says, {"level": level.name}))


@each_level
def test_when_all_is_late_for_an_hour_the_level_burns_fast_until_half_an_hour_after(
    level: Level, tmp_path: Path
) -> None:
    alert, rate = "ServiceLevelBurnsFast", 1 / (1 - level.share)
    # promtool works out groups in any order: an alert may see what was recorded a minute ago
    fast = check(alert, 125, burning(level, alert, "page", rate))
    series = traffic(level, (60, 0), (70, 1), (60, 0))
    assert wrong_with_rules(tmp_path, [told(series, check(alert, 59), fast, check(alert, 180))]) is None


@each_level
def test_when_a_little_is_late_for_a_day_the_level_burns_slowly_and_nobody_is_woken(
    level: Level, tmp_path: Path
) -> None:
    alert, an_hour = "ServiceLevelBurnsSlowly", 12
    slow = check(alert, 26 * 60, burning(level, alert, "ticket", 4))
    series = traffic(level, (26 * an_hour, 4 * (1 - level.share)), (8 * an_hour, 0), a_step=1_000)
    awake = [check("ServiceLevelBurnsFast", hour * 60) for hour in range(1, 34)]
    tests = [told(series, slow, check(alert, 33 * 60), *awake, interval="5m")]
    assert wrong_with_rules(tmp_path, tests, every="5m") is None


@each_level
def test_when_all_is_late_for_two_minutes_nothing_fires(level: Level, tmp_path: Path) -> None:
    series = traffic(level, (360, 0), (2, 1), (100, 0))
    checks = [
        check(alert, minute)
        for alert in ("ServiceLevelBurnsFast", "ServiceLevelBurnsSlowly")
        for minute in (*range(360, 380), 390, 420, 450)
    ]
    assert wrong_with_rules(tmp_path, [told(series, *checks)]) is None


@each_level
def test_a_few_that_are_late_in_a_quiet_night_wake_nobody(level: Level, tmp_path: Path) -> None:
    one_an_hour = counter(*[(59, 0), (1, 1)] * 6)
    few = {level.good: counter((360, 0)), level.all.replace('answer!="refused"', 'answer="given"'): one_an_hour}
    checks = [check("ServiceLevelBurnsFast", minute) for minute in range(60, 360, 5)]
    assert wrong_with_rules(tmp_path, [told(few, *checks)]) is None


@each_level
def test_where_nothing_is_asked_nothing_fires(level: Level, tmp_path: Path) -> None:
    series = {level.good: counter((60, 0)), level.all.replace('answer!="refused"', 'answer="given"'): counter((60, 0))}
    assert wrong_with_rules(tmp_path, [told(series, check("ServiceLevelBurnsFast", 60))]) is None


def test_a_get_that_fails_is_late_and_one_that_is_refused_is_not(tmp_path: Path) -> None:
    count = 'rung_api_request_seconds_count{door="offers",answer="%s"}'
    level = next(level for level in LEVELS if level.name == "get_10ms")
    well = {level.good: counter((60, 50)), count % "given": counter((60, 50))}
    alert = "ServiceLevelBurnsFast"
    refused = told({**well, count % "refused": counter((60, 500))}, check(alert, 60))
    failed = told({**well, count % "failed": counter((60, 450))}, check(alert, 60, burning(level, alert, "page", 18)))
    assert wrong_with_rules(tmp_path, [refused, failed]) is None


# --- pages --------------------------------------------------------------------------------------


def test_every_alert_has_a_fault_that_fires_it_and_a_blip_that_does_not() -> None:
    levels = {"ServiceLevelBurnsFast", "ServiceLevelBurnsSlowly"}
    assert {fault.alert for fault in FAULTS} == set(ALERTS) - levels
    assert {blip.alert for blip in BLIPS} == set(ALERTS) - levels


def test_a_wrong_expectation_is_found(tmp_path: Path) -> None:
    fault = FAULTS[0]
    assert "FAILED" in (wrong_with_rules(tmp_path, [told(dict(fault.series), check(fault.alert, fault.fires))]) or "")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.name))
def test_an_alert_links_a_page_that_is_there(fault: Fault) -> None:
    assert (ROOT / expected(fault)["exp_annotations"]["runbook"]).is_file()


def test_every_page_of_an_alert_is_linked_by_one_and_stands_in_the_index() -> None:
    pages = {f"docs/runbooks/alerts/{page.name}" for page in (ROOT / "docs/runbooks/alerts").glob("*.md")}
    linked = {alert["annotations"]["runbook"] for alert in ALERTS.values()} - {"docs/runbooks/{{ $labels.halt }}.md"}
    assert pages == linked
    index = (ROOT / "docs/runbooks/README.md").read_text()
    assert [name for name in ALERTS if name not in index] == []


def followed() -> set[str]:
    """The alerts that tests are marked to follow the page of."""
    marks = (
        node
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.follows"
    )
    return {alert for mark in marks for alert in map(ast.literal_eval, mark.args)}


def test_the_page_of_every_alert_is_followed_in_a_test_that_makes_its_fault() -> None:
    assert followed() == set(ALERTS)


LINK: Final = re.compile(r"\]\(([^)#:]*)(#[^)]*)?\)")


@pytest.mark.parametrize("page", sorted((ROOT / "docs/runbooks").rglob("*.md")), ids=lambda page: str(page.stem))
def test_every_link_of_a_page_leads_to_a_heading_that_is_there(page: Path) -> None:
    for to, heading in LINK.findall(page.read_text()):
        told = (page.parent / to if to else page).resolve()
        assert told.exists(), f"{to} is not there"
        heads = re.findall(r"^#+ (.*)$", told.read_text(), re.MULTILINE) if told.is_file() else []
        assert not heading or heading[1:] in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}
