"""An editor's help with playbooks says what their reader says: both are made of the same tables."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.moments_reader import COMMON_KEYS, KINDS
from services.trigger_engine.domain.playbook.offer_keys import OFFER_KEYS
from services.trigger_engine.domain.playbook.playbook_schema import playbook_schema
from tests.trigger_engine.domain.playbook.test_broken_playbooks import OF_THE_WHOLE
from tests.trigger_engine.domain.playbook.test_product_schema import as_an_editor_reads, as_text
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK

ROOT = Path(__file__).parents[4]
SHIPPED = sorted(
    path for path in ROOT.glob("playbooks/*/*.yaml") if path.name != "product.yaml" and "scenarios" not in path.name
)
SCHEMA = Draft202012Validator(playbook_schema())
OF_SHAPE = (
    "unknown-key",
    "shape",
    "missing",
    "again-after",
    "order",
    "outcome",
    "period",
    "goes-with",
    "verb",
    "moment",
)
"""Rules that a schema can know; the others need to know what else stands in the documents."""
BEYOND = ("a day that is not there", "re-arming at the lowest step")
"""Faults of these rules that take a calendar, or a comparison."""


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(playbook_schema())


OPEN_ENDED = PLAYBOOK.replace("{from: 2026-11-01, until: 2026-12-01}", "{from: 2026-11-01}")


@pytest.mark.parametrize("text", [PLAYBOOK, OPEN_ENDED, *(path.read_text(encoding="utf-8") for path in SHIPPED)])
@pytest.mark.parametrize("reads", [as_an_editor_reads, as_text])
def test_what_the_reader_accepts_the_schema_accepts(text: str, reads: Any) -> None:
    assert [error.message for error in SCHEMA.iter_errors(reads(read("p.yaml", text)))] == []


def test_there_is_something_shipped() -> None:
    assert SHIPPED


def rule(told: str) -> str:
    (found,) = re.findall(r"error\[([a-z-]+)\]", told)
    return str(found)


SHAPED = [case for case in OF_THE_WHOLE if rule(str(case.values[2])) in OF_SHAPE and case.id not in BEYOND]


@pytest.mark.parametrize(
    ("written", "broken"),
    [pytest.param(*case.values[:2], id=str(case.id)) for case in SHAPED],
)
def test_what_the_reader_refuses_for_its_shape_the_schema_refuses(written: str, broken: str) -> None:
    assert not SCHEMA.is_valid(as_an_editor_reads(read("p.yaml", PLAYBOOK.replace(written, broken, 1))))


def test_the_schema_knows_every_kind_of_moment_and_every_verb() -> None:
    schema = playbook_schema()["properties"]
    moments = schema["moments"]["additionalProperties"]["anyOf"]
    assert [moment["required"] for moment in moments] == [[name, *kind.needs] for name, kind in KINDS.items()]
    assert [set(moment["properties"]) for moment in moments] == [{*kind.keys, *COMMON_KEYS} for kind in KINDS.values()]
    offers = schema["offers"]["additionalProperties"]
    assert set(offers["properties"]) == set(OFFER_KEYS)
    assert [one["required"] for one in offers["oneOf"]] == [[verb] for verb in Verb]


def test_every_word_has_its_meaning() -> None:
    tables = [OFFER_KEYS, COMMON_KEYS, *(kind.keys for kind in KINDS.values()), playbook_schema()["properties"]]
    assert [key for table in tables for key, shape in table.items() if not shape.get("description")] == []
