"""Every golden message is read, written again without loss, and allowed by the contracts that others read."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.contracts.golden import EVENTS, EXAMPLES, SCHEMAS, Golden, all_golden, encoded

each_golden = pytest.mark.parametrize("golden", [pytest.param(golden, id=golden.name) for golden in all_golden()])

each_structured = pytest.mark.parametrize(
    "golden", [pytest.param(golden, id=golden.name) for golden in all_golden() if not golden.headers]
)


def _schema_of(event_type: str) -> Any:
    return json.loads((SCHEMAS / "json" / f"{event_type}.json").read_text())


def test_every_event_type_has_a_golden_message() -> None:
    missing = set(EVENTS) - {golden.type for golden in all_golden()}
    assert not missing, f"write schemas/examples/<type>.json for: {', '.join(sorted(missing))}"


def test_every_event_type_has_a_plain_golden_message_of_its_own_name() -> None:
    missing = {event_type for event_type in EVENTS if not (EXAMPLES / f"{event_type}.json").exists()}
    assert not missing


def test_binary_mode_has_golden_messages_of_usage_and_of_a_fact() -> None:
    binary = {golden.type for golden in all_golden() if golden.headers}
    assert {"usage", "rung.plan_changed"} <= binary


@each_golden
def test_a_golden_message_reads_as_the_event_it_is_named_after(golden: Golden) -> None:
    assert type(golden.decoded()) is EVENTS[golden.type][1]


@each_golden
def test_what_was_read_is_written_and_read_again_as_an_equal_event(golden: Golden) -> None:
    event = golden.decoded()
    value, headers = encoded(event)
    assert Golden(golden.name, golden.type, value, tuple(headers)).decoded() == event


@each_structured
def test_nothing_that_a_golden_message_says_is_dropped(golden: Golden) -> None:
    """A reader that skips a field it does not know would read a misspelt example without a murmur."""
    said = json.loads(golden.value or b"")
    written = json.loads(encoded(golden.decoded())[0])
    assert _names(said) <= _names(written)


@each_golden
def test_a_golden_message_is_allowed_by_its_json_schema(golden: Golden) -> None:
    validator = Draft202012Validator(_schema_of(golden.type))
    written, _ = encoded(golden.decoded())
    validator.validate(json.loads(written))
    if not golden.headers:
        validator.validate(json.loads(golden.value or b""))


@each_golden
def test_a_golden_message_is_listed_in_the_asyncapi_document_on_its_topic(golden: Golden) -> None:
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    assert golden.type in document["channels"][golden.topic.name]["messages"]


@each_golden
def test_a_golden_message_without_a_required_attribute_is_refused_by_its_json_schema(golden: Golden) -> None:
    schema = _schema_of(golden.type)
    whole = json.loads(encoded(golden.decoded())[0])
    for name in schema["required"]:
        lacking = {key: value for key, value in whole.items() if key != name}
        assert not Draft202012Validator(schema).is_valid(lacking), name


def _names(node: object, at: str = "") -> set[str]:
    """Every name in a JSON document, with the names above it."""
    if isinstance(node, dict):
        return {f"{at}.{name}" for name in node} | {
            deeper for name, child in node.items() for deeper in _names(child, f"{at}.{name}")
        }
    if isinstance(node, list):
        return {deeper for place, child in enumerate(node) for deeper in _names(child, f"{at}[{place}]")}
    return set()
