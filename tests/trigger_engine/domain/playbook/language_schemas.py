"""The JSON Schemas that the docs of the language carry: ``python -m`` this writes them anew from the code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from services.trigger_engine.domain.playbook.playbook_schema import playbook_schema
from services.trigger_engine.domain.playbook.product_schema import product_schema
from services.trigger_engine.domain.playbook.scenario_schema import scenario_schema

DOCS: Final = Path(__file__).parents[4] / "docs" / "language"
SCHEMAS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "product.schema.json": product_schema,
    "playbook.schema.json": playbook_schema,
    "scenarios.schema.json": scenario_schema,
}


def written(name: str) -> str:
    """The text that the file of this name must have."""
    return json.dumps(SCHEMAS[name](), indent=2) + "\n"


if __name__ == "__main__":
    for name in SCHEMAS:
        (DOCS / name).write_text(written(name), encoding="utf-8")
