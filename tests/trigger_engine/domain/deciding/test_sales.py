"""What is a sale is bound by ladders and the price step, and nothing else is."""

import pytest

from schemas.offers import Verb
from services.trigger_engine.domain.deciding.gates import GATES
from services.trigger_engine.domain.playbook.offers import VERBS
from services.trigger_engine.domain.playbook.verbs import Sale
from tests.trigger_engine.domain.deciding.selling import candidate

STEEP = "{price_step: 1.001x, first_price: 0.001}"
DOES = {
    Verb.UPGRADE_TO: "upgrade_to: next on work",
    Verb.ADD: "add: sign",
    Verb.BUNDLE: "bundle: pair",
    Verb.SEATS: "seats: 3",
    Verb.TERM: "term: next",
    Verb.HIGHLIGHT: "highlight: history",
    Verb.NURTURE: "nurture: basics",
    Verb.TASK: "task: csm",
    Verb.CHOOSE_FROM: "choose_from: [photos, sign]",
}
SAVES = (Verb.TERM,)
"""What costs less a month than before is never too steep."""


@pytest.mark.parametrize("verb", Verb)
def test_the_table_of_gates_and_the_price_step_agree(verb: Verb) -> None:
    found = candidate(DOES[verb], plan="team", seats=2, term="month", guardrails=STEEP)
    bound = found.reason is not None and f"{found.reason.value} {found.detail}".find("too_steep") >= 0
    assert bound is (GATES[verb].ladder and verb not in SAVES)


def test_the_table_of_gates_knows_the_same_sales_as_the_language() -> None:
    assert {VERBS[does] for does in Sale.__args__} == {verb for verb, gates in GATES.items() if gates.ladder}
