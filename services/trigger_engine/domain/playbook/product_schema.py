"""The product document as JSON Schema, made of the tables that its readers use: an editor helps with no other words."""

from typing import Final

from services.trigger_engine.domain.playbook.product_reader import KEYS, REQUIRED
from services.trigger_engine.domain.playbook.shapes import Shape, Shapes, described, keyed

MEANINGS: Final[dict[str, str]] = {
    "product": "Its name; also the salt of every sticky hash unless another is given.",
    "currency": "Of all prices (ISO 4217).",
    "default_plan": "The plan of an account that no fact has told about; without it that plan is unknown.",
    "history": "What an account that is seen for the first time had done before: nothing, or nobody knows.",
    "terms": "What can be paid for, in months; a ladder of its own.",
    "events": "What the backend emits, with the type of each property; '?' marks one that may be absent.",
    "facts": "What is told of accounts beyond the built-in names, each with its type and perhaps a default.",
    "plans": "What an account is on: price by term, limits, features.",
    "ladders": "The next rung is the next word, never a jump. Of plans, or of products and features.",
    "products": "What is sold beside the plan.",
    "bundles": "Products sold together; what that saves is computed, never typed.",
    "meters": "Numbers kept of each account: one aggregate, one span of time, one key.",
    "in_use": "When a product or a feature counts as used.",
    "levels": "What an account is put down as: the first that holds, the last for all others.",
    "placements": "Where the front end can show an offer.",
    "guardrails": "What holds for every offer of every playbook.",
    "weights": "How much each thing counts when offers compete.",
    "holdout": "The share of accounts that get no offer, so that the effect of offers can be measured.",
}


def product_schema() -> Shape:
    """The whole schema."""
    keys: Shapes = {key: described(shape, MEANINGS[key]) for key, shape in KEYS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Product document",
        "description": "What exists: events, plans, prices, limits, levels, guardrails.",
        **keyed(keys, REQUIRED),
    }
