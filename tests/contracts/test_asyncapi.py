"""The AsyncAPI document holds together: no dangling reference, no channel without a use, no word of its own making.

Checked by hand against AsyncAPI 3.0.0: its own JSON Schema is not among the packages at hand.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml

from schemas.topics import FLOW, Topic
from tests.contracts.golden import EVENTS, SCHEMAS

DOCUMENT: Final[Any] = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
DESCRIBED: Final = [topic for topic in FLOW if any(on is topic for on, _ in EVENTS.values())]

WORDS: Final = {
    "": {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"},
    "info": {"title", "version", "description", "termsOfService", "contact", "license", "tags", "externalDocs"},
    "channel": {
        "address", "messages", "title", "summary", "description", "servers", "parameters", "tags", "externalDocs",
        "bindings",
    },
    "operation": {
        "action", "channel", "title", "summary", "description", "security", "tags", "externalDocs", "bindings",
        "traits", "messages", "reply",
    },
    "message": {
        "headers", "payload", "correlationId", "contentType", "name", "title", "summary", "description", "tags",
        "externalDocs", "bindings", "examples", "traits",
    },
    "kafka channel": {"topic", "partitions", "replicas", "topicConfiguration", "bindingVersion"},
    "topic configuration": {
        "cleanup.policy", "retention.ms", "retention.bytes", "delete.retention.ms", "max.message.bytes",
    },
}  # fmt: skip
"""Fixed fields of AsyncAPI 3.0.0 and of the Kafka binding 0.5.0."""

each_topic = pytest.mark.parametrize("topic", DESCRIBED, ids=lambda topic: topic.name)


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)


def test_it_is_asyncapi_3_with_a_title_and_a_version() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert DOCUMENT["info"]["title"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", DOCUMENT["info"]["version"])


def test_every_reference_leads_somewhere() -> None:
    references = list(_references(DOCUMENT))
    assert references
    for reference in references:
        path, _, pointer = reference.partition("#")
        if path:
            assert (SCHEMAS / path).is_file(), reference
            continue
        node = DOCUMENT
        for part in pointer.strip("/").split("/"):
            assert part in node, reference
            node = node[part]


def test_every_word_is_one_that_asyncapi_has() -> None:
    assert set(DOCUMENT) <= WORDS[""]
    assert set(DOCUMENT["info"]) <= WORDS["info"]
    for channel in DOCUMENT["channels"].values():
        assert set(channel) <= WORDS["channel"]
        assert set(channel["bindings"]["kafka"]) <= WORDS["kafka channel"]
        assert set(channel["bindings"]["kafka"]["topicConfiguration"]) <= WORDS["topic configuration"]
    for operation in DOCUMENT["operations"].values():
        assert set(operation) <= WORDS["operation"]
    for message in DOCUMENT["components"]["messages"].values():
        assert set(message) <= WORDS["message"]


def test_every_component_has_a_name_that_asyncapi_allows() -> None:
    names = [*DOCUMENT["channels"], *DOCUMENT["operations"], *DOCUMENT["components"]["messages"]]
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in names)


def test_every_topic_with_events_is_a_channel_and_no_other() -> None:
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == {
        topic.under("rung") for topic in DESCRIBED
    }


@each_topic
def test_a_channel_carries_exactly_the_events_of_its_topic(topic: Topic) -> None:
    assert set(DOCUMENT["channels"][topic.name]["messages"]) == {
        name for name, (on, _) in EVENTS.items() if on is topic
    }


@each_topic
def test_a_channel_is_both_produced_and_consumed_by_whom_the_registry_names(topic: Topic) -> None:
    operations = {
        operation["action"]: operation["summary"]
        for operation in DOCUMENT["operations"].values()
        if operation["channel"]["$ref"] == f"#/channels/{topic.name}"
    }
    assert set(operations) == {"send", "receive"}
    assert all(who in operations["send"] for who in topic.producers)
    assert all(who in operations["receive"] for who in topic.consumers)


def test_every_message_has_a_payload_of_its_own_and_is_on_a_channel() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert {name: message["payload"]["$ref"] for name, message in messages.items()} == {
        name: f"json/{name}.json" for name in EVENTS
    }
    carried = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert carried == set(messages)
