"""Conditions in documents: read with their place, so that a fault is underlined inside them."""

from dataclasses import replace

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.compiling import compile_condition
from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import Names
from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.problems import did_you_mean
from services.trigger_engine.domain.playbook.reading import Problems


def read_condition(node: Node, what: str, names: Names, problems: Problems) -> Condition | None:
    """The condition at ``node`` over ``names``; None, and a problem, when it is none."""
    text = problems.text(node, what)
    if not text:
        return None
    try:
        return compile_condition(text, names)
    except BadCondition as bad:
        place, width = node.place, 1
        if node.as_written:
            place, width = replace(place, column=place.column + bad.at), bad.width
        hint = did_you_mean(bad.word, bad.known) if bad.word else None
        problems.add(place, bad.rule, bad.message, hint, width=width)
        return None
