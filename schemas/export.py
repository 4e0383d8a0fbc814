"""Write the contracts for those who do not read Python: ``json/`` (JSON Schema) and ``asyncapi.yaml``.

Both are generated; ``make contracts`` writes them and a test holds them against the code.
"""

import json
from pathlib import Path
from types import UnionType
from typing import Any, Final

import yaml

from schemas.envelope import SAID, Envelope
from schemas.topics import DEFAULT_PREFIX, FLOW, Topic

HERE: Final = Path(__file__).parent
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_VERSION: Final = "3.0.0"


def members(topic: Topic) -> tuple[type[Any], ...]:
    """The classes of events in ``topic``, in the order of its union; empty for a format of the engine's own."""
    if topic.events is None:
        return ()
    if isinstance(topic.events, UnionType):
        return topic.events.__args__
    return (topic.events,)


def name_of(event: type[Any]) -> str:
    """The event's type, such as ``rung.offer_made``; ``usage`` for usage events, whose types are the customer's own."""
    if not issubclass(event, Envelope):
        return "journal_entry"
    default = event.model_fields["type"].default
    return default if isinstance(default, str) else "usage"


def contracts() -> dict[str, str]:
    """Every generated file: path below ``schemas/`` and text."""
    files: dict[str, str] = {}
    for topic in FLOW:
        for event in members(topic):
            files[f"json/{name_of(event)}.json"] = json.dumps(_schema(event), indent=2) + "\n"
    files["asyncapi.yaml"] = yaml.safe_dump(_asyncapi(), sort_keys=False, width=120)
    return files


def _schema(event: type[Any]) -> dict[str, Any]:
    schema = event.model_json_schema(mode="validation")
    if issubclass(event, Envelope):
        # in Python they have a default; a message must say them
        schema["required"] = [name for name in event.model_fields if name in {*schema["required"], *SAID}]
    return {"$schema": DIALECT, "$id": f"urn:rung:{name_of(event)}:1", **schema}


def _asyncapi() -> dict[str, Any]:
    described = [topic for topic in FLOW if members(topic)]
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "Rung",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 on Kafka. Generated from the code: do not edit.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic.name: _channel(topic) for topic in described},
        "operations": {
            f"{_verb(action)}_{topic.name}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{topic.name}"},
                "summary": f"{', '.join(who)} {_verb(action)}",
            }
            for topic in described
            for action, who in (("send", topic.producers), ("receive", topic.consumers))
        },
        "components": {
            "messages": {
                name_of(event): {
                    "name": name_of(event),
                    "summary": (event.__doc__ or "").strip().splitlines()[0],
                    "payload": {"$ref": f"json/{name_of(event)}.json"},
                }
                for topic in described
                for event in members(topic)
            }
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.under(DEFAULT_PREFIX),
        "description": f"{topic.meaning} Key: {topic.key}.",
        "messages": {name_of(event): {"$ref": f"#/components/messages/{name_of(event)}"} for event in members(topic)},
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compacted else "delete"],
                    "retention.ms": topic.retention_ms,
                }
            }
        },
    }


def _verb(action: str) -> str:
    return {"send": "produce", "receive": "consume"}[action]


def write() -> None:
    """Write every generated file and remove those that no event has any more."""
    made = contracts()
    (HERE / "json").mkdir(exist_ok=True)
    for stale in (HERE / "json").glob("*.json"):
        if f"json/{stale.name}" not in made:
            stale.unlink()
    for path, text in made.items():
        (HERE / path).write_text(text)


if __name__ == "__main__":
    write()
