"""What is generated from the code equals the code, and is well-formed of its kind."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas.export import contracts
from tests.contracts.golden import EVENTS, SCHEMAS

SCHEMA_FILES = sorted((SCHEMAS / "json").glob("*.json"))


@pytest.mark.parametrize("path", sorted(contracts()))
def test_a_generated_contract_equals_the_code(path: str) -> None:
    assert (SCHEMAS / path).read_text() == contracts()[path], "run: make contracts"


def test_no_contract_is_kept_of_an_event_that_is_gone() -> None:
    assert {path.stem for path in SCHEMA_FILES} == set(EVENTS), "run: make contracts"


@pytest.mark.parametrize("path", SCHEMA_FILES, ids=lambda path: path.stem)
def test_an_exported_schema_is_valid_json_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text()))


@pytest.mark.parametrize("path", SCHEMA_FILES, ids=lambda path: path.stem)
def test_an_exported_schema_uses_only_words_that_json_schema_has(path: Path) -> None:
    """A word that no validator knows is skipped by all of them: the bound it was meant to set is not there."""
    known = set(Draft202012Validator.VALIDATORS) | {
        "$schema", "$id", "$defs", "title", "description", "default", "format", "discriminator",
    }  # fmt: skip

    def words(schema: object) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        found = set(schema)
        for word, below in schema.items():
            if word in {"properties", "$defs"}:
                children = list(below.values())
            elif word in {"default", "const", "enum", "discriminator"}:
                children = []
            else:
                children = below if isinstance(below, list) else [below]
            for child in children:
                found |= words(child)
        return found

    assert words(json.loads(path.read_text())) <= known
