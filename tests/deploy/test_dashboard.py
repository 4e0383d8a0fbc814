"""The dashboard: its JSON equals the code, Grafana finds it, and every query asks for what a service makes."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deploy.grafana import dashboard
from tests.deploy.compose import ROOT, resolved
from tests.deploy.promql import faults
from tests.deploy.test_rules import RECORDED

PROVISIONING: Final = ROOT / "deploy" / "grafana" / "provisioning"
GRAFANA_11_6: Final = 41
"""The schema of dashboards that Grafana 11.6 writes; an older one is migrated when it is opened."""

PANELS: Final[list[Any]] = [panel for panel in json.loads(dashboard.as_json())["panels"] if panel["type"] != "row"]
each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))


def _source() -> Any:
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())["datasources"]
    return source


def test_the_json_equals_the_code() -> None:
    assert dashboard.FILE.read_text() == dashboard.as_json(), "run: python -m deploy.grafana.dashboard"


def test_it_is_written_for_the_grafana_that_compose_starts() -> None:
    assert json.loads(dashboard.as_json())["schemaVersion"] == GRAFANA_11_6
    assert resolved()["services"]["grafana"]["image"].startswith("grafana/grafana:11.6.")


@each_panel
def test_a_query_asks_only_for_what_a_service_or_a_rule_makes(panel: Any) -> None:
    assert panel["targets"]
    assert [fault for target in panel["targets"] for fault in faults(target["expr"], RECORDED)] == []


@each_panel
def test_the_queries_of_a_panel_have_names_of_their_own(panel: Any) -> None:
    names = [target["refId"] for target in panel["targets"]]
    assert len(set(names)) == len(names)


@each_panel
def test_a_panel_asks_the_source_that_is_provisioned_and_says_what_it_shows(panel: Any) -> None:
    assert panel["datasource"] == {"type": _source()["type"], "uid": _source()["uid"]}
    assert panel["description"]


@each_panel
def test_a_panel_lies_within_the_grid(panel: Any) -> None:
    place = panel["gridPos"]
    assert place["x"] + place["w"] <= 24


def test_no_two_panels_lie_over_each_other() -> None:
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in json.loads(dashboard.as_json())["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)


def test_grafana_finds_its_source_and_its_dashboards_where_compose_mounts_them() -> None:
    mounted = {mount["target"]: mount["source"] for mount in resolved()["services"]["grafana"]["volumes"]}
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "rung.yml").read_text())["providers"]
    assert Path(mounted[provider["options"]["path"]]) == dashboard.FILE.parent
    assert Path(mounted["/etc/grafana/provisioning"]) == PROVISIONING
    home = Path(resolved()["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (dashboard.FILE.parent / home.relative_to(provider["options"]["path"])).is_file()


def test_the_source_is_the_prometheus_that_compose_starts() -> None:
    assert _source()["url"] == "http://prometheus:9090"
    assert "prometheus" in resolved()["services"]
