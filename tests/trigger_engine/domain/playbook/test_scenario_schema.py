"""An editor's help with scenarios says what their reader says."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.scenario_schema import scenario_schema
from tests.trigger_engine.domain.playbook.test_product_schema import as_an_editor_reads, as_text
from tests.trigger_engine.domain.playbook.test_scenario import FAULTS, TEXT

ROOT = Path(__file__).parents[4]
SHIPPED = sorted(ROOT.glob("playbooks/*/*.scenarios.yaml"))
SCHEMA = Draft202012Validator(scenario_schema())
OF_SHAPE = ("missing", "shape", "expect")
BEYOND = ("a property that lacks", "a property of another kind", "a day that is not there")
"""Faults of these rules that take the product document, or a calendar."""


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("text", [TEXT, *(path.read_text(encoding="utf-8") for path in SHIPPED)])
@pytest.mark.parametrize("reads", [as_an_editor_reads, as_text])
def test_what_the_reader_accepts_the_schema_accepts(text: str, reads: Any) -> None:
    assert [error.message for error in SCHEMA.iter_errors(reads(read("s.yaml", text)))] == []


def test_there_is_something_shipped() -> None:
    assert SHIPPED


def of_shape(told: str) -> bool:
    (rule,) = re.findall(r"error\[([a-z-]+)\]", told)
    return rule in OF_SHAPE


SHAPED = [case for case in FAULTS if of_shape(str(case.values[2])) and case.id not in BEYOND]


@pytest.mark.parametrize(("written", "broken"), [pytest.param(*case.values[:2], id=str(case.id)) for case in SHAPED])
def test_what_the_reader_refuses_for_its_shape_the_schema_refuses(written: str, broken: str) -> None:
    assert not SCHEMA.is_valid(as_an_editor_reads(read("s.yaml", TEXT.replace(written, broken, 1))))
