"""What the docs of the language show can be read as it stands there."""

import re
from pathlib import Path

import pytest

from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario_facts import FACTS
from services.trigger_engine.domain.playbook.scenario_reader import read_scenarios

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs" / "language"
SAMPLE = ROOT / "playbooks" / "files"


def shown(page: str, begins: str) -> str:
    """The one example of ``page`` that begins so."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = [found.group(1) for found in re.finditer(r"```yaml\n(.*?)```", text, re.DOTALL)]
    (example,) = [block for block in blocks if block.startswith(begins)]
    return example


def test_the_scenarios_shown_fit_the_sample() -> None:
    problems = Problems()
    product = read_product(read("product.yaml", (SAMPLE / "product.yaml").read_text(encoding="utf-8")), problems)
    sample = read("s", (SAMPLE / "storage.yaml").read_text(encoding="utf-8"))
    named = [entry.key for section in sample.entries() if section.key == "offers" for entry in section.node.entries()]
    scenarios = read_scenarios(read("scenarios.md", shown("scenarios.md", "scenarios:")), product, named, problems)
    assert problems.found == []
    assert len(scenarios.scenarios) == 2


@pytest.mark.parametrize("fact", sorted(FACTS))
def test_every_fact_that_a_scenario_can_tell_is_in_the_docs(fact: str) -> None:
    assert f"`{fact}" in (DOCS / "scenarios.md").read_text(encoding="utf-8")
