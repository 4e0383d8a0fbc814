"""Every key of the language, misspelt: what the reader does not know by that name, an editor does not know either."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from services.trigger_engine.domain.playbook.document import Entry, Node, read
from services.trigger_engine.domain.playbook.playbook_reader import read_playbook
from services.trigger_engine.domain.playbook.playbook_schema import playbook_schema
from services.trigger_engine.domain.playbook.product_reader import read_product
from services.trigger_engine.domain.playbook.product_schema import product_schema
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario_reader import read_scenarios
from services.trigger_engine.domain.playbook.scenario_schema import scenario_schema
from tests.trigger_engine.domain.building import PRODUCT
from tests.trigger_engine.domain.playbook.test_product_schema import as_an_editor_reads
from tests.trigger_engine.domain.playbook.test_scenario import OFFERS, TEXT
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK, product_of
from tests.trigger_engine.domain.playbook.whole_product import SEGMENTS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Shape = dict[str, object]


def of_product(root: Node, problems: Problems) -> None:
    read_product(root, problems, SEGMENTS)


def of_playbook(root: Node, problems: Problems) -> None:
    read_playbook(root, product_of(WHOLE), problems)


def of_scenarios(root: Node, problems: Problems) -> None:
    read_scenarios(root, product_of(PRODUCT), OFFERS, problems)


def misspelt(node: Node, inside: str = "") -> Iterator[tuple[str, str, Node]]:
    """The document with one key misspelt, for each key in it, under which other it stands."""
    if isinstance(node.value, dict):
        for key, entry in node.value.items():
            yield key, inside, replace(node, value=_instead(node.value, key, replace(entry, key=f"{key}x")))
            for other, of, changed in misspelt(entry.node, key):
                yield other, of, replace(node, value=_instead(node.value, key, replace(entry, node=changed)))
    elif isinstance(node.value, tuple):
        for place, item in enumerate(node.value):
            for other, of, changed in misspelt(item, inside):
                yield other, of, replace(node, value=(*node.value[:place], changed, *node.value[place + 1 :]))


def _instead(entries: dict[str, Entry], key: str, other: Entry) -> dict[str, Entry]:
    return {(other.key if name == key else name): (other if name == key else one) for name, one in entries.items()}


def declared(inside: str) -> bool:
    """Whether what stands in it are names that the product document declares: terms, facts, properties of an event."""
    return inside in ("price", "account") or "." in inside


@pytest.mark.parametrize(
    ("text", "reads", "schema", "at_least"),
    [
        pytest.param(WHOLE, of_product, product_schema(), 60, id="the product document"),
        pytest.param(PLAYBOOK, of_playbook, playbook_schema(), 60, id="a playbook"),
        pytest.param(TEXT, of_scenarios, scenario_schema(), 30, id="scenarios"),
    ],
)
def test_a_misspelt_key_is_refused_by_reader_and_schema(
    text: str, reads: Callable[[Node, Problems], None], schema: Shape, at_least: int
) -> None:
    accepts = Draft202012Validator(schema).is_valid
    refused = set()
    for key, inside, document in misspelt(read("document.yaml", text)):
        problems = Problems()
        reads(document, problems)
        told = {problem.message.rpartition(" has no ")[2] for problem in problems.found}
        if repr(f"{key}x") in told and not declared(inside):
            refused.add(key)
            assert not accepts(as_an_editor_reads(document)), key
    assert len(refused) >= at_least
