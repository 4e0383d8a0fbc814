"""Documents of scenarios as JSON Schema, made of the tables that their readers use."""

from services.trigger_engine.domain.playbook.scenario_reader import KEYS, REQUIRED
from services.trigger_engine.domain.playbook.shapes import Shape, keyed


def scenario_schema() -> Shape:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenarios",
        "description": "Stories of one account each, and what it should be offered: the test of a playbook.",
        **keyed(KEYS, REQUIRED),
    }
