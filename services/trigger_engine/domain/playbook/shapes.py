"""The shapes of what operators write, as JSON Schema. One table of keys serves the reader and the editor's help.

Scalars are text to the reader, and whatever YAML 1.2 makes of them to an editor: a number may be either.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.trigger_engine.domain.playbook.reading import DURATION, EVENT_NAME, ID, NAME, NUMBER, PERCENT

Shape = dict[str, Any]
Shapes = Mapping[str, Shape]
"""What each key of a mapping holds; the keys are all there are."""


def matching(pattern: str) -> Shape:
    """Text of this form."""
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


TEXT: Final[Shape] = {"type": "string", "minLength": 1}
NUMERIC: Final[Shape] = {"anyOf": [{"type": "number"}, matching(NUMBER.pattern)]}
WHOLE: Final[Shape] = {"anyOf": [{"type": "integer", "minimum": 0}, matching(r"\d{1,18}")]}
A_NAME: Final[Shape] = matching(NAME.pattern)
AN_ID: Final[Shape] = {"anyOf": [matching(ID.pattern), {"type": ["number", "boolean"]}]}
AN_EVENT: Final[Shape] = matching(EVENT_NAME.pattern)
A_DURATION: Final[Shape] = matching(DURATION.pattern)
A_SHARE: Final[Shape] = matching(PERCENT.pattern)
A_DATE: Final[Shape] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
A_CONDITION: Final[Shape] = TEXT
FLAG: Final[Shape] = {"enum": [True, False, "true", "false"]}


def one_of(words: Iterable[str]) -> Shape:
    """One of these words."""
    return {"enum": [str(word) for word in words]}


def any_of(*shapes: Shape) -> Shape:
    """Any of these shapes."""
    return {"anyOf": list(shapes)}


def list_of(shape: Shape, *, least: int = 0) -> Shape:
    """A list, of at least so many."""
    return {"type": "array", "items": shape, "minItems": least}


def mapping_of(shape: Shape, names: Shape = A_NAME) -> Shape:
    """A mapping whose keys the operator chooses."""
    return {"type": "object", "propertyNames": names, "additionalProperties": shape}


def keyed(keys: Shapes, required: Iterable[str] = (), patterns: Shapes | None = None) -> Shape:
    """A mapping of these keys, and of those that match ``patterns``, and of no others."""
    shape: Shape = {"type": "object", "properties": dict(keys), "additionalProperties": False}
    if required:
        shape["required"] = list(required)
    if patterns:
        shape["patternProperties"] = dict(patterns)
    return shape


def described(shape: Shape, meaning: str) -> Shape:
    """The shape with the help that an editor shows."""
    return {**shape, "description": meaning}
