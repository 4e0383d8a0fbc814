"""What an offer does, how it is tried out, and what a no to it means."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from oracle.language.offer import COMPLEMENT, FITTING, NEXT, VERBS, Does, StopIf
from oracle.language.reading_sold import features_of
from oracle.language.scalars import (
    LENGTH,
    NotASet,
    a_name,
    an_id,
    each_once,
    ensure,
    items,
    keyed,
    length,
    mapping,
    share,
    text,
    whole,
    word_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from oracle.language.reading_product import ProductDocument
    from oracle.language.scalars import Node

Keys = dict[str, "Node"]

BESIDE: Final = {"choose_from": ("mark", "order"), "task": ("note", "due")}
"""Keys that go with one verb alone."""

ORDERS: Final = ("most_expensive_first", "cheapest_first", "as_written")
HIGHER_STEP: Final = "wait for higher step"
NO_RULES: Final = {HIGHER_STEP: "higher_step", "never": "never", "next_period": "next_period"}
DAY_OF_YEAR: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
REPORTED: Final = ("plan", "term", "locale", "onboarding")
FIRST_DAY: Final = date(1970, 1, 1).toordinal()


def does_of(keys: Keys, product: ProductDocument) -> Does:
    """What the offer does: one verb, and what goes with it."""
    verbs = [verb for verb in VERBS if verb in keys]
    ensure(len(verbs) == 1, f"an offer needs exactly one of {VERBS}")
    verb = verbs[0]
    for other, beside in BESIDE.items():
        ensure(other == verb or not keys.keys() & set(beside), f"{beside} go with {other} alone")
    node = keys[verb]
    match verb:
        case "upgrade_to":
            return _upgrade(node, product)
        case "seats":
            return Does(verb, FITTING) if node == FITTING else Does(verb, count=whole(node, 1))
        case "choose_from":
            return _choice(keys, product)
        case "task":
            due = length(keys["due"]) if "due" in keys else None
            queue = word_of(node, product.placements, "a queue")
            return Does(verb, queue, note=text(keys["note"], "a note") if "note" in keys else None, due=due)
        case "nurture":
            return Does(verb, an_id(node, "a topic"))
        case _:
            return Does(verb, word_of(node, _known(verb, product), f"what {verb} needs"))


def _known(verb: str, product: ProductDocument) -> Collection[str]:
    adopted = [rung for rungs in product.ladders.values() for rung in rungs if rung not in product.plans]
    return {
        "add": (*product.products, COMPLEMENT),
        "bundle": product.bundles,
        "term": (*product.terms, NEXT),
        "highlight": (*features_of(product.plans.values()), *product.in_use, *adopted),
    }[verb]


def _upgrade(node: Node, product: ProductDocument) -> Does:
    verb = "upgrade_to"
    if isinstance(node, dict):
        feature = keyed(node, ("unlocks",), verb, required=("unlocks",))["unlocks"]
        return Does(verb, unlocks=word_of(feature, features_of(product.plans.values()), "a feature"))
    word = text(node, verb)
    if word in (NEXT, FITTING):
        return Does(verb, word)
    if word.startswith("next on "):
        return Does(verb, NEXT, ladder=word_of(word.removeprefix("next on "), product.ladders, "a ladder"))
    return Does(verb, word_of(word, product.plans, "a plan"))


def _choice(keys: Keys, product: ProductDocument) -> Does:
    sold = (*product.plans, *product.products, *product.bundles)
    written = [word_of(item, sold, "something sold") for item in items(keys["choose_from"], "choose_from")]
    ensure(len(written) > 1, "choose_from needs two items")
    inside = each_once(written, "choose_from")
    mark = word_of(keys["mark"], inside, "one of the items") if "mark" in keys else None
    order = word_of(keys.get("order", ORDERS[0]), ORDERS, "an order")
    return Does("choose_from", items=inside, mark=mark, order=order)


# --- a no -------------------------------------------------------------------------------------------


def no_of(node: Node, *, has_steps: bool) -> tuple[str, str, int | None]:
    """What was written of a no, its rule, and how long it lasts."""
    word = text(node, "after_a_no")
    if word in NO_RULES:
        ensure(word != HIGHER_STEP or has_steps, f"{word!r} needs moments with steps")
        return word, NO_RULES[word], None
    ensure(LENGTH.fullmatch(word), f"{word!r} is nothing that a no can mean")
    return word, "for", length(word)


# --- trials -----------------------------------------------------------------------------------------


def runs_of(node: Node) -> tuple[int | None, int | None]:
    """From which day until which."""
    keys = keyed(node, ("from", "until"), "runs")
    ensure(keys, "runs needs 'from' or 'until'")
    first, until = (_day(keys[key]) if key in keys else None for key in ("from", "until"))
    ensure(first is None or until is None or first < until, "it would never run")
    return first, until


def _day(node: Node) -> int:
    if not isinstance(node, str) or not DAY_OF_YEAR.fullmatch(node):
        raise NotASet(f"{node!r} is no day")
    try:
        return date.fromisoformat(node).toordinal() - FIRST_DAY
    except ValueError:
        raise NotASet(f"{node!r} is no day") from None


def variants_of(node: Node) -> dict[str, Decimal]:
    """Shares by variant, which make a whole."""
    shares = {a_name(name): share(part) for name, part in mapping(node, "variants").items()}
    ensure(len(shares) > 1 and all(shares.values()) and sum(shares.values()) == 1, "shares of variants")
    return shares


def stop_if_of(node: Node) -> StopIf:
    """What stops the offer by itself."""
    keys = keyed(node, ("dismissed", "tickets", "after"), "stop_if", required=("after",))
    ensure("dismissed" in keys or "tickets" in keys, "nothing could stop it")
    dismissed = share(keys["dismissed"]) if "dismissed" in keys else None
    ensure(dismissed is None or 0 < dismissed <= 1, "dismissed")
    tickets = None
    if "tickets" in keys:
        told = text(keys["tickets"], "tickets")
        ensure(told.startswith("+"), "tickets must say how many more")
        tickets = share(told.removeprefix("+"))
    return StopIf(whole(keys["after"], 1), dismissed, tickets)


def report_by_of(node: Node, product: ProductDocument, segments: Mapping[str, object]) -> tuple[str, ...]:
    """What results are told apart by."""
    facts = [name for name, (kind, _) in product.facts.items() if kind in ("text", "flag")]
    known = (*product.levels, *segments, *facts, *REPORTED)
    return tuple(word_of(item, known, "what results are told apart by") for item in items(node, "report_by"))
