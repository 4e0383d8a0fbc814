"""Read what a scenario expects."""

from collections.abc import Mapping
from typing import Final

from schemas.decisions import Reason
from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.scenario import Came, Expects
from services.trigger_engine.domain.playbook.scenario_choices import CHOICE, read_choices
from services.trigger_engine.domain.playbook.shapes import (
    A_NAME,
    A_SHARE,
    AN_ID,
    TEXT,
    Shape,
    Shapes,
    any_of,
    described,
    keyed,
    list_of,
)
from services.trigger_engine.domain.playbook.written import behind

EXPECT_KEYS: Final[Shapes] = {
    "because": described(A_NAME, "The reason why it was withheld, or revoked"),
    "user": described(AN_ID, "Whose offer it is"),
    "step": described(A_SHARE, "The step that fired, such as 90%"),
    "title": described(TEXT, "As it is shown"),
    "body": described(TEXT, "As it is shown"),
    "options": described(list_of(CHOICE), "What can be chosen, in order"),
    "mark": described(AN_ID, "The option that is shown as recommended"),
    "note": described(TEXT, "What the person is told who has the task"),
}
NOTHING: Final = "nothing"
BECAUSE: Final = "nothing because "
EXPECTED: Final[Shape] = any_of(
    described(TEXT, "An offer, nothing, or nothing because REASON"),
    {**keyed({**dict.fromkeys(Came, A_NAME), **EXPECT_KEYS}), "oneOf": [{"required": [came.value]} for came in Came]},
)
WITH_REASON: Final = (Came.WITHHELD, Came.REVOKED)


def read_expected(node: Node, offers: tuple[str, ...], problems: Problems) -> Expects:
    """An offer, ``nothing``, ``nothing because REASON``, or a mapping that says more."""
    if isinstance(node.value, dict):
        return _in_full(node, offers, problems)
    word = problems.text(node, "what is expected")
    if word == NOTHING or not word:
        return Expects(node.place, None)
    if word.startswith(BECAUSE):
        reason = problems.one_of(behind(node, BECAUSE), "a reason", list(Reason), "unknown-reason")
        return Expects(node.place, None, because=reason)
    known = [*offers, NOTHING]
    offer = problems.one_of(node, "an offer, 'nothing' or 'nothing because REASON'", known, "unknown-offer")
    return Expects(node.place, Came.MADE, offer)


def _in_full(node: Node, offers: tuple[str, ...], problems: Problems) -> Expects:
    keys = problems.keys(node, "what is expected", [*Came, *EXPECT_KEYS])
    came = [word for word in Came if word in keys]
    if len(came) != 1:
        problems.add(node.place, "expect", f"what is expected needs exactly one of {', '.join(Came)}")
        return Expects(node.place, None)
    return Expects(
        node.place,
        came[0],
        problems.one_of(keys[came[0]].node, "an offer", offers, "unknown-offer"),
        because=_because(keys, came[0], problems),
        user=problems.id(keys["user"].node, "a user") if "user" in keys else None,
        step=problems.percent(keys["step"].node, "a step") if "step" in keys else None,
        title=problems.text(keys["title"].node, "title") if "title" in keys else None,
        body=problems.text(keys["body"].node, "body") if "body" in keys else None,
        options=read_choices(keys["options"].node, problems) if "options" in keys else None,
        mark=problems.id(keys["mark"].node, "an option") if "mark" in keys else None,
        note=problems.text(keys["note"].node, "note") if "note" in keys else None,
    )


def _because(keys: Mapping[str, Entry], came: Came, problems: Problems) -> str | None:
    if "because" not in keys:
        return None
    written = keys["because"]
    if came not in WITH_REASON:
        told = f"'because' goes with {' and '.join(WITH_REASON)}: what is {came} needs no reason"
        problems.add(written.place, "goes-with", told, width=len(written.key))
        return None
    if came is Came.REVOKED:
        return problems.id(written.node, "a reason")
    return problems.one_of(written.node, "a reason", list(Reason), "unknown-reason")
