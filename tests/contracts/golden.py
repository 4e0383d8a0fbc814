"""The golden messages of ``schemas/examples/``: what producers must be able to send and consumers to read.

A file is named after the event's type and, after a dot, the variant. It holds the message as it stands on the wire; a
variant that begins with ``binary`` holds ``headers`` and ``value`` instead, since there the attributes are headers.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from schemas import codec, topics
from schemas.envelope import Envelope
from schemas.export import members, name_of
from schemas.journal import JournalEntry

SCHEMAS: Final = Path(codec.__file__).parent
EXAMPLES: Final = SCHEMAS / "examples"

Decode = Callable[[bytes | None, list[tuple[str, bytes | None]]], Any]


def _decode_journal(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> JournalEntry:
    assert not headers
    return JournalEntry.model_validate_json(value or b"")


DECODERS: Final[Mapping[topics.Topic, Decode]] = {
    topics.USAGE: codec.decode_usage,
    topics.RESPONSES: codec.decode_response,
    topics.OFFERS: codec.decode_offer,
    topics.OUTCOMES: codec.decode_outcome,
    topics.DECISIONS: codec.decode_decision,
    topics.PLAYBOOKS: codec.decode_playbook,
    topics.ENGINE_JOURNAL: _decode_journal,
}

EVENTS: Final[Mapping[str, tuple[topics.Topic, type[Any]]]] = {
    name_of(event): (topic, event) for topic in topics.FLOW for event in members(topic)
}
"""Every event type there is: the topic it travels on, and its class."""


@dataclass(frozen=True)
class Golden:
    """One golden message."""

    name: str
    type: str
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def topic(self) -> topics.Topic:
        return EVENTS[self.type][0]

    def decoded(self) -> Any:
        """The event it reads as, on its own topic."""
        return DECODERS[self.topic](self.value, list(self.headers))


def encoded(event: Envelope | JournalEntry) -> tuple[bytes, list[tuple[str, bytes]]]:
    """``event`` as the product sends it."""
    if isinstance(event, JournalEntry):
        return event.model_dump_json(exclude_none=True).encode(), []
    return codec.encode(event)


def _read(path: Path) -> Golden:
    name = path.stem
    event_type = max((known for known in EVENTS if name == known or name.startswith(known + ".")), key=len)
    if not name.removeprefix(event_type).startswith(".binary"):
        return Golden(name, event_type, path.read_bytes(), ())
    record = json.loads(path.read_text())
    value = record["value"]
    headers = tuple((header, text.encode()) for header, text in record["headers"].items())
    return Golden(name, event_type, None if value is None else value.encode(), headers)


def all_golden() -> list[Golden]:
    """Every golden message, by name."""
    return [_read(path) for path in sorted(EXAMPLES.glob("*.json"))]
