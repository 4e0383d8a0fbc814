"""Read what an offer does: one verb, and what goes with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.product import Product
from services.trigger_engine.domain.playbook.reading import NUMBER
from services.trigger_engine.domain.playbook.shapes import (
    A_DURATION,
    AN_ID,
    TEXT,
    WHOLE,
    Shapes,
    any_of,
    described,
    keyed,
    list_of,
    matching,
    one_of,
)
from services.trigger_engine.domain.playbook.verbs import (
    Add,
    AddComplement,
    AddSeats,
    ChangeTerm,
    ChooseFrom,
    Does,
    Highlight,
    Nurture,
    Order,
    SellBundle,
    TaskFor,
    UpgradeTo,
    UpgradeToFitting,
    UpgradeToUnlock,
)
from services.trigger_engine.domain.playbook.written import Written, behind, misspelt, width

NEXT: Final = "next"
NEXT_ON: Final = "next on "
FITTING: Final = "fitting"
COMPLEMENT: Final = "complement"
UNLOCKS: Final = "unlocks"
FEWEST_CHOICES: Final = 2

VERB_KEYS: Final[Shapes] = {
    "upgrade_to": described(
        any_of(one_of([NEXT, FITTING]), matching(f"{NEXT_ON}.+"), AN_ID, keyed({UNLOCKS: AN_ID}, required=[UNLOCKS])),
        "A plan: next, 'next on LADDER', its id, fitting (the cheapest that holds the usage) or {unlocks: FEATURE}",
    ),
    "add": described(AN_ID, "A product, or complement: what goes best with what was just bought"),
    "bundle": described(AN_ID, "A bundle"),
    "seats": described(any_of(one_of([FITTING]), WHOLE), "Seats more: a number, or fitting"),
    "term": described(AN_ID, "A longer contract: next, or a term"),
    "highlight": described(AN_ID, "A feature to point out; not a sale"),
    "nurture": described(AN_ID, "A topic to help with; not a sale"),
    "task": described(AN_ID, "The queue of people who get a task"),
    "choose_from": described(list_of(AN_ID, least=FEWEST_CHOICES), "Several plans, products or bundles"),
}
BESIDE: Final[Mapping[Verb, Shapes]] = {
    Verb.CHOOSE_FROM: {
        "mark": described(AN_ID, "The item shown as recommended; none is ever preselected"),
        "order": described(one_of(Order), "most_expensive_first when left out"),
    },
    Verb.TASK: {
        "note": described(TEXT, "What the person is told"),
        "due": described(A_DURATION, "Until when it is to be done"),
    },
}
"""Keys that go with one verb only."""


def read_verb(offer: Written) -> Does | None:
    """What the offer does; None, and a problem, when that can not be told."""
    verbs = [verb for verb in Verb if verb in offer.keys]
    if len(verbs) != 1:
        if isinstance(offer.entry.node.value, dict) and not misspelt(offer.keys, Verb):
            told = f"{offer.what} needs exactly one of {', '.join(Verb)}"
            offer.problems.add(offer.entry.place, "verb", told, width=len(offer.name))
        return None
    for verb, keys in BESIDE.items():
        for key in keys:
            if verb is not verbs[0] and key in offer.keys:
                offer.add(key, "goes-with", f"{key!r} goes with {verb!s} only, and this offer is {verbs[0]!s}")
    return READERS[verbs[0]](offer, offer.keys[verbs[0]].node)


def _upgrade_to(offer: Written, node: Node) -> Does | None:
    if isinstance(node.value, dict):
        keys = offer.problems.keys(node, "upgrade_to", (UNLOCKS,))
        named = offer.problems.required(keys, UNLOCKS, node, "upgrade_to")
        feature = _known(offer, named, "a feature of a plan", offer.product.features, "unknown-feature")
        return None if feature is None else UpgradeToUnlock(feature)
    if node.value == FITTING:
        return UpgradeToFitting()
    word = offer.problems.text(node, "upgrade_to")
    if word == NEXT:
        return UpgradeTo()
    if not word or not offer.product.plans:
        return None
    if word.startswith(NEXT_ON):
        ladder = _known(offer, behind(node, NEXT_ON), "a ladder", offer.product.ladders, "unknown-ladder")
        return UpgradeTo(ladder=ladder) if ladder else None
    plan = _known(offer, node, "'next', 'next on LADDER' or a plan", offer.product.plans, "unknown-plan")
    return UpgradeTo(plan=plan) if plan else None


def _add(offer: Written, node: Node) -> Does | None:
    if node.value == COMPLEMENT:
        return AddComplement()
    product = _known(offer, node, "a product", (*offer.product.products, COMPLEMENT), "unknown-product")
    return Add(product) if product else None


def _bundle(offer: Written, node: Node) -> Does | None:
    bundle = _known(offer, node, "a bundle", offer.product.bundles, "unknown-bundle")
    return SellBundle(bundle) if bundle else None


def _seats(offer: Written, node: Node) -> Does | None:
    if node.value == FITTING:
        return AddSeats()
    if not (isinstance(node.value, str) and NUMBER.fullmatch(node.value)):
        told = f"seats must be fitting or a whole number, and this is {node.kind}"
        offer.problems.add(node.place, "shape", told, width=width(node))
        return None
    count = offer.problems.whole(node, "seats", least=1)
    return None if count is None else AddSeats(count)


def _term(offer: Written, node: Node) -> Does | None:
    if node.value == NEXT:
        return ChangeTerm()
    term = _known(offer, node, "'next' or a term", offer.product.terms, "unknown-term")
    return ChangeTerm(term) if term else None


def _highlight(offer: Written, node: Node) -> Does | None:
    feature = _known(offer, node, "a feature", _features(offer.product), "unknown-feature")
    return Highlight(feature) if feature else None


def _nurture(offer: Written, node: Node) -> Does | None:
    topic = offer.problems.id(node, "a topic")
    return Nurture(topic) if topic else None


def _task(offer: Written, node: Node) -> Does | None:
    queue = _known(offer, node, "a placement where people see their tasks", offer.product.placements, "unknown-queue")
    note = offer.node("note")
    told = offer.problems.text(note, "note") if note else None
    due = offer.duration("due")
    return TaskFor(queue, told, due) if queue else None


def _choose_from(offer: Written, node: Node) -> Does | None:
    written = offer.problems.items(node, "choose_from")
    items = tuple(
        word
        for item in written
        if (word := _known(offer, item, "a plan, product or bundle", _sold(offer.product), "unknown-item"))
    )
    if len(items) < len(written) or not isinstance(node.value, tuple):
        return None
    if len(set(items)) != len(items) or len(items) < FEWEST_CHOICES:
        offer.add("choose_from", "choices", "choose_from needs two items or more, each given once")
        return None
    mark = offer.node("mark")
    marked = _known(offer, mark, "one of the items to choose from", items, "mark") if mark else None
    order = offer.node("order")
    known = _known(offer, order, "an order to show items in", list(Order), "order") if order else None
    return ChooseFrom(items, marked, Order(known) if known else Order.MOST_EXPENSIVE_FIRST)


def _known(offer: Written, node: Node | None, what: str, known: Iterable[str], rule: str) -> str | None:
    return offer.problems.one_of(node, what, known, rule) if node is not None else None


def _sold(product: Product) -> tuple[str, ...]:
    """All that has a price."""
    return (*product.plans, *product.products, *product.bundles)


def _features(product: Product) -> tuple[str, ...]:
    """All that can be pointed out: features of plans, and what is adopted or used without being one."""
    adopted = (rung for rungs in product.ladders.values() for rung in rungs if rung not in product.plans)
    return tuple(dict.fromkeys((*product.features, *product.in_use, *adopted)))


READERS: Final[Mapping[Verb, Callable[[Written, Node], Does | None]]] = {
    Verb.UPGRADE_TO: _upgrade_to,
    Verb.ADD: _add,
    Verb.BUNDLE: _bundle,
    Verb.SEATS: _seats,
    Verb.TERM: _term,
    Verb.HIGHLIGHT: _highlight,
    Verb.NURTURE: _nurture,
    Verb.TASK: _task,
    Verb.CHOOSE_FROM: _choose_from,
}
