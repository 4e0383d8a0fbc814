"""What the docs of the language show can be read as it stands there."""

import re
from pathlib import Path

import pytest

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.account_moments import SINCE
from services.trigger_engine.domain.playbook.content_reader import WORDS_KEYS
from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.event_moments import ORDERS
from services.trigger_engine.domain.playbook.honesty import DARK_PATTERNS, DarkPattern
from services.trigger_engine.domain.playbook.moments import Ending
from services.trigger_engine.domain.playbook.moments_reader import COMMON_KEYS, KINDS
from services.trigger_engine.domain.playbook.no_reader import RULES
from services.trigger_engine.domain.playbook.offer_keys import OFFER_KEYS
from services.trigger_engine.domain.playbook.playbook_checks import check_playbook
from services.trigger_engine.domain.playbook.playbook_reader import KEYS, read_playbook
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario_facts import FACTS
from services.trigger_engine.domain.playbook.scenario_reader import read_scenarios
from services.trigger_engine.domain.playbook.trials_reader import BUILT_IN, RUNS_KEYS, STOP_IF_KEYS
from services.trigger_engine.domain.playbook.variables import FORECAST, GROWTH
from services.trigger_engine.domain.playbook.verbs import Order

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


PLAYBOOKS = (DOCS / "playbooks.md").read_text(encoding="utf-8")
EXAMPLE = shown("playbooks.md", "playbook:")
SAID = PLAYBOOKS.replace(EXAMPLE, "")
CHECKS = ("never_made", "signals", "follow_ups", "playbook_checks", "tightening")
WORDS = sorted(
    {
        *KEYS, *OFFER_KEYS, *COMMON_KEYS, *(key for kind in KINDS.values() for key in kind.keys), *RUNS_KEYS,
        *STOP_IF_KEYS, *WORDS_KEYS, *map(str, Ending), *map(str, Order), *ORDERS, *SINCE, *BUILT_IN, *RULES,
    }
)  # fmt: skip


def test_the_playbook_shown_fits_the_product_shown() -> None:
    problems = Problems()
    product = read_product(read("product.md", shown("product.md", "product:")), problems)
    playbook = read_playbook(read("playbooks.md", EXAMPLE), product, problems)
    check_playbook(playbook, product, problems)
    assert ([str(problem) for problem in problems.found], problems.warnings) == ([], [])


def test_the_playbook_shown_has_a_moment_of_each_kind_and_an_offer_of_each_verb() -> None:
    product = read_product(read("product.md", shown("product.md", "product:")), Problems())
    playbook = read_playbook(read("playbooks.md", EXAMPLE), product, Problems())
    assert {moment.kind for moment in playbook.moments.values()} == set(KINDS)
    assert {offer.verb for offer in playbook.offers.values()} == set(Verb)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_playbooks_is_explained(word: str) -> None:
    assert re.search(rf"`\{{?{re.escape(word)}\b[^`]*`", SAID)


@pytest.mark.parametrize("pattern", DARK_PATTERNS, ids=lambda pattern: pattern.rule)
def test_every_dark_pattern_is_named(pattern: DarkPattern) -> None:
    assert f"| `{pattern.rule}` |" in SAID


def test_every_check_of_sense_is_named() -> None:
    files = [ROOT / "services" / "trigger_engine" / "domain" / "playbook" / f"{name}.py" for name in CHECKS]
    told = [
        found for file in files for found in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', file.read_text(encoding="utf-8"))
    ]
    assert "lifts-nothing" in told
    assert [rule for rule in told if f"`{rule}`" not in SAID] == []


@pytest.mark.parametrize("variable", ["target", "price", "saving", "meters.METER", "limit.METER", GROWTH, FORECAST])
def test_every_variable_is_explained(variable: str) -> None:
    assert f"| `{{{variable}}}` |" in SAID
