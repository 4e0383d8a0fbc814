"""The words of an offer: what it can say, and the help that an editor shows with each."""

from typing import Final

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.content_reader import CONTENT
from services.trigger_engine.domain.playbook.no_reader import AFTER_A_NO
from services.trigger_engine.domain.playbook.product_guardrails import NOT_BEFORE
from services.trigger_engine.domain.playbook.shapes import (
    A_CONDITION,
    A_DURATION,
    A_NAME,
    AN_ID,
    NUMERIC,
    Shape,
    Shapes,
    described,
    keyed,
    list_of,
    mapping_of,
)
from services.trigger_engine.domain.playbook.trials_reader import TRIAL_KEYS
from services.trigger_engine.domain.playbook.verbs_reader import BESIDE, VERB_KEYS

OFFER_KEYS: Final[Shapes] = {
    "on": described(list_of(A_NAME, least=1), "The moments that earn it"),
    **VERB_KEYS,
    **{key: shape for keys in BESIDE.values() for key, shape in keys.items()},
    "for": described(A_CONDITION, "Whom it is for: a segment, 'not SEGMENT', a level such as engagement.high"),
    "not_before": described(NOT_BEFORE, "What must have come to so much before, beside what the guardrails say"),
    "family": described(AN_ID, "What a no closes with it; the offer alone when left out"),
    "content": described(CONTENT, "The words; made from the catalogue and the evidence when left out"),
    "placements": described(list_of(AN_ID, least=1), "Where it can be shown; the first of the product when left out"),
    "after_a_no": AFTER_A_NO,
    "open_for": described(A_DURATION, "How long it stays open; 7d when left out"),
    "boost": described(NUMERIC, "The operator's lever on its score; 1 when left out"),
    "propensity": described(NUMERIC, "How likely it is taken, as `rung report` proposes; 1 when left out"),
    **TRIAL_KEYS,
}
SHOWN_NOWHERE: Final = ("placements", "content")
"""What a task has none of: it is for one's own people."""

OFFERS: Final[Shape] = mapping_of(
    {
        **keyed(OFFER_KEYS, required=["on"]),
        "oneOf": [{"required": [verb.value]} for verb in Verb],
        "allOf": [{"not": {"required": [Verb.TASK.value, key]}} for key in SHOWN_NOWHERE],
        "dependentRequired": {key: [verb.value] for verb, keys in BESIDE.items() for key in keys},
    }
)
