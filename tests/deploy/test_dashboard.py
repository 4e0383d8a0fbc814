"""The dashboards: their JSON equals the code, Grafana finds them, and every query asks for what a service makes."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deploy.grafana.boards import BOARDS, FOLDER, Board, as_json
from tests.deploy.compose import ROOT, resolved
from tests.deploy.promql import faults
from tests.deploy.registries import SERVICES, base
from tests.deploy.test_rules import RECORDED, RULES

SELDOM: Final = {"rung_api_changes_folded", "rung_api_decisions_folded", "rung_api_reports_lost", "rung_api_slow_heads"}
"""What is looked for when a panel has raised a question; not watched."""

PROVISIONING: Final = ROOT / "deploy" / "grafana" / "provisioning"
GRAFANA_11_6: Final = 41
"""The schema of dashboards that Grafana 11.6 writes; an older one is migrated when it is opened."""

PANELS: Final[list[Any]] = [
    {"board": board.title, **panel}
    for board in BOARDS
    for panel in json.loads(as_json(board))["panels"]
    if panel["type"] != "row"
]
each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board.uid))
each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel['board']}: {panel['title']}")


def _source() -> Any:
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())["datasources"]
    return source


@each_board
def test_the_json_equals_the_code(board: Board) -> None:
    assert board.file.read_text() == as_json(board), "run: python -m deploy.grafana.boards"


def test_every_file_is_of_a_dashboard() -> None:
    assert sorted(FOLDER.iterdir()) == sorted(board.file for board in BOARDS)


@each_board
def test_it_is_written_for_the_grafana_that_compose_starts(board: Board) -> None:
    assert json.loads(as_json(board))["schemaVersion"] == GRAFANA_11_6
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


@each_board
def test_no_two_panels_lie_over_each_other(board: Board) -> None:
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in json.loads(as_json(board))["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)


def test_grafana_finds_its_source_and_its_dashboards_where_compose_mounts_them() -> None:
    mounted = {mount["target"]: mount["source"] for mount in resolved()["services"]["grafana"]["volumes"]}
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "rung.yml").read_text())["providers"]
    assert Path(mounted[provider["options"]["path"]]) == FOLDER
    assert Path(mounted["/etc/grafana/provisioning"]) == PROVISIONING
    home = Path(resolved()["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (FOLDER / home.relative_to(provider["options"]["path"])).is_file()


def test_the_source_is_the_prometheus_that_compose_starts() -> None:
    assert _source()["url"] == "http://prometheus:9090"
    assert "prometheus" in resolved()["services"]


def test_every_metric_of_the_registries_is_on_a_dashboard_or_in_a_rule() -> None:
    asked = " ".join(
        [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in RULES]
    )
    declared = {base(metric) for service in SERVICES for metric in service.declared}
    assert {name for name in declared if name not in asked} == SELDOM
