"""An editor's help says what the reader says: both are made of the same tables, and agree on what is shipped."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.trigger_engine.domain.playbook.document import Node, read
from services.trigger_engine.domain.playbook.product_reader import KEYS
from services.trigger_engine.domain.playbook.product_schema import MEANINGS, product_schema
from tests.trigger_engine.domain.building import PRODUCT
from tests.trigger_engine.domain.playbook.language_schemas import DOCS, SCHEMAS, written
from tests.trigger_engine.domain.playbook.test_broken_products import FAULTS
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

ROOT = Path(__file__).parents[4]
SHIPPED = sorted(ROOT.glob("playbooks/*/product.yaml"))
SCHEMA = Draft202012Validator(product_schema())
OF_SHAPE = ("unknown-key", "shape", "missing", "price-step", "span", "fact-type", "history", "each", "verb", "flag")
"""Rules that a schema can know; the others need to know what else stands in the document."""


def as_an_editor_reads(node: Node) -> Any:
    """The document with the scalars of YAML 1.2 made numbers and truth values."""
    if isinstance(node.value, dict):
        return {entry.key: as_an_editor_reads(entry.node) for entry in node.value.values()}
    if isinstance(node.value, tuple):
        return [as_an_editor_reads(item) for item in node.value]
    if node.value in ("true", "false"):
        return node.value == "true"
    if re.fullmatch(r"[-+]?[0-9]+", node.value):
        return int(node.value)
    return float(node.value) if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)", node.value) else node.value


def as_text(node: Node) -> Any:
    """The document with every scalar as text."""
    if isinstance(node.value, dict):
        return {entry.key: as_text(entry.node) for entry in node.value.values()}
    return [as_text(item) for item in node.value] if isinstance(node.value, tuple) else node.value


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_in_the_docs_is_that_of_the_code(name: str) -> None:
    told = "run: python -m tests.trigger_engine.domain.playbook.language_schemas"
    assert (DOCS / name).read_text(encoding="utf-8") == written(name), told


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads(written("product.schema.json")))


def test_every_word_has_its_meaning() -> None:
    assert set(MEANINGS) == set(KEYS)


@pytest.mark.parametrize("text", [WHOLE, PRODUCT, *(path.read_text(encoding="utf-8") for path in SHIPPED)])
@pytest.mark.parametrize("reads", [as_an_editor_reads, as_text])
def test_what_the_reader_accepts_the_schema_accepts(text: str, reads: Any) -> None:
    assert [error.message for error in SCHEMA.iter_errors(reads(read("product.yaml", text)))] == []


def test_there_is_something_shipped() -> None:
    assert SHIPPED


def rule(told: str) -> str:
    (found,) = re.findall(r"error\[([a-z-]+)\]", told)
    return str(found)


@pytest.mark.parametrize(
    ("written", "broken"),
    [pytest.param(*case.values[:2], id=str(case.id)) for case in FAULTS if rule(str(case.values[2])) in OF_SHAPE],
)
def test_what_the_reader_refuses_for_its_shape_the_schema_refuses(written: str, broken: str) -> None:
    document = as_an_editor_reads(read("product.yaml", WHOLE.replace(written, broken, 1)))
    assert not SCHEMA.is_valid(document)
