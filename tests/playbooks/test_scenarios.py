"""The scenarios beside the sample: they fit its playbook, and are no part of the set."""

from pathlib import Path

from services.trigger_engine.domain.playbook.checking import Checked, check_set
from services.trigger_engine.domain.playbook.scenario import Expects
from services.trigger_engine.domain.playbook.sets import compile_set

FILES = Path(__file__).parents[2] / "playbooks" / "files"


def documents() -> list[tuple[str, str]]:
    return [(path.name, path.read_text(encoding="utf-8")) for path in sorted(FILES.glob("*.yaml"))]


def checked() -> Checked:
    return check_set(documents(), 0)


def test_the_scenarios_of_the_sample_are_read() -> None:
    (scenarios,) = checked().scenarios.values()
    assert scenarios.playbook == "storage"
    assert len(scenarios.scenarios) == 12


def test_every_scenario_says_what_it_is_about_and_ends_with_what_is_expected() -> None:
    (scenarios,) = checked().scenarios.values()
    assert [name for name, scenario in scenarios.scenarios.items() if not scenario.about] == []
    assert {type(scenario.steps[-1]) for scenario in scenarios.scenarios.values()} == {Expects}


def test_the_sample_is_without_warnings() -> None:
    assert checked().warnings == ()


def test_scenarios_are_no_part_of_the_set() -> None:
    without = [(name, text) for name, text in documents() if "scenarios" not in name]
    assert len(without) == len(documents()) - 1
    assert compile_set(documents(), 0) == compile_set(without, 0)
