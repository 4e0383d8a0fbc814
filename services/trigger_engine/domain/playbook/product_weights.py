"""How offers compete, and who gets none: weights and holdout as declared."""

from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry
from services.trigger_engine.domain.playbook.product import Holdout, Weights
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import A_SHARE, AN_ID, NUMERIC, Shape, Shapes, keyed

DIGITS: Final = 6
"""After the point: what a score is rounded to."""

CONTEXT_KEYS: Final[Shapes] = {"success": NUMERIC, "limit": NUMERIC, "other": NUMERIC}
VALUE_KEYS: Final[Shapes] = {"from": NUMERIC, "to": NUMERIC}
WEIGHT_KEYS: Final[Shapes] = {"context": keyed(CONTEXT_KEYS), "match": NUMERIC, "value": keyed(VALUE_KEYS)}
WEIGHTS: Final[Shape] = keyed(WEIGHT_KEYS)
HOLDOUT_KEYS: Final[Shapes] = {"share": A_SHARE, "salt": AN_ID}
HOLDOUT: Final[Shape] = keyed(HOLDOUT_KEYS, ("share",))


def read_weights(section: Entry | None, problems: Problems) -> Weights:
    """The weights; what is left out counts as it does without the section."""
    usual = Weights()
    if section is None:
        return usual
    keys = problems.keys(section.node, "weights", WEIGHT_KEYS)
    context = problems.keys(keys["context"].node, "context", CONTEXT_KEYS) if "context" in keys else {}
    value = problems.keys(keys["value"].node, "value", VALUE_KEYS) if "value" in keys else {}
    found = Weights(
        success=_weight(context.get("success"), usual.success, problems),
        limit=_weight(context.get("limit"), usual.limit, problems),
        other=_weight(context.get("other"), usual.other, problems),
        match=_weight(keys.get("match"), usual.match, problems),
        value_from=_weight(value.get("from"), usual.value_from, problems),
        value_to=_weight(value.get("to"), usual.value_to, problems),
    )
    if found.value_from > found.value_to:
        told = f"value goes from {found.value_from} to {found.value_to}, and that is downwards"
        problems.add(keys["value"].place, "range", told, width=len("value"))
    return found


def _weight(entry: Entry | None, usual: Decimal, problems: Problems) -> Decimal:
    if entry is None:
        return usual
    weight = problems.positive(entry.node, f"weight {entry.key!r}")
    if weight is not None and int(weight.as_tuple().exponent) < -DIGITS:
        told = f"weight {entry.key!r} can have {DIGITS} digits after the point"
        problems.add(entry.node.place, "range", told, width=len(str(entry.node.value)))
    return usual if weight is None else weight


def read_holdout(section: Entry | None, product: str, problems: Problems) -> Holdout | None:
    """Who is held out; the salt is the product's name unless another is given."""
    if section is None:
        return None
    keys = problems.keys(section.node, "holdout", HOLDOUT_KEYS)
    node = problems.required(keys, "share", section.node, "holdout")
    share = problems.percent(node, "what is held out") if node else None
    salt = problems.id(keys["salt"].node, "a salt") if "salt" in keys else product
    if node is None or share is None:
        return None
    if not 0 < share < 1:
        told = "what is held out must be above 0% and below 100%"
        problems.add(node.place, "range", told, width=len(str(node.value)))
    return Holdout(share, salt)
