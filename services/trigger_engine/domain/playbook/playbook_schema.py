"""Playbooks as JSON Schema, made of the tables that their readers use: an editor helps with no other words."""

from services.trigger_engine.domain.playbook.playbook_reader import KEYS, REQUIRED
from services.trigger_engine.domain.playbook.shapes import Shape, keyed


def playbook_schema() -> Shape:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Playbook",
        "description": "What to do about what happens: moments, segments, offers.",
        **keyed(KEYS, REQUIRED),
    }
