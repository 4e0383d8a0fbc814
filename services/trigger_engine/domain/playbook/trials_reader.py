"""Read how an offer is tried out: runs, variants, stop_if, report_by."""

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.conditions.kinds import Kind
from services.trigger_engine.domain.playbook.document import Node
from services.trigger_engine.domain.playbook.reading import HUNDRED
from services.trigger_engine.domain.playbook.shapes import (
    A_DATE,
    A_NAME,
    A_SHARE,
    WHOLE,
    Shapes,
    described,
    keyed,
    list_of,
    mapping_of,
    matching,
)
from services.trigger_engine.domain.playbook.trials import Runs, StopIf
from services.trigger_engine.domain.playbook.words import shown
from services.trigger_engine.domain.playbook.written import Written, behind, width

RUNS_KEYS: Final[Shapes] = {
    "from": described(A_DATE, "The first day, in the account's zone"),
    "until": described(A_DATE, "The day on which it is over, in the account's zone"),
}
STOP_IF_KEYS: Final[Shapes] = {
    "dismissed": described(A_SHARE, "The share of those who saw it that said no"),
    "tickets": described(matching(r"\+\d{1,4}(\.\d{1,3})?%"), "How many more tickets than those held out open"),
    "after": described(WHOLE, "How many accounts must have seen it before it is judged"),
}
TRIAL_KEYS: Final[Shapes] = {
    "runs": described({**keyed(RUNS_KEYS), "minProperties": 1}, "The days on which it is made"),
    "stop_if": described(
        {**keyed(STOP_IF_KEYS, required=["after"]), "anyOf": [{"required": ["dismissed"]}, {"required": ["tickets"]}]},
        "When the offer stops itself",
    ),
    "variants": described(mapping_of(A_SHARE), "Shares of accounts by variant of the content; 100% together"),
    "report_by": described(list_of(A_NAME), "What its results are told apart by"),
}
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
BUILT_IN: Final = ("plan", "term", "locale", "onboarding")
"""What every account has that results can be told apart by."""
TOLD_APART: Final = (Kind.TEXT, Kind.FLAG)
"""Kinds of fact that have few enough values to tell results apart by."""
FEWEST_VARIANTS: Final = 2
ONE: Final = Decimal(1)


def read_runs(offer: Written) -> Runs | None:
    """The days on which the offer is made; at least one of them."""
    node = offer.node("runs")
    if node is None:
        return None
    keys = offer.problems.keys(node, "runs", RUNS_KEYS)
    first = _day(offer, keys["from"].node) if "from" in keys else None
    until = _day(offer, keys["until"].node) if "until" in keys else None
    if node.value == {}:
        offer.add("runs", "missing", "runs needs 'from', 'until' or both")
    if first is not None and until is not None and first >= until:
        place = keys["until"].node.place
        told = f"the offer would never run: it is over on {until} and begins on {first}"
        offer.problems.add(place, "never-runs", told, width=len(str(until)))
    return Runs(first, until)


def _day(offer: Written, node: Node) -> date | None:
    found = DAY.fullmatch(node.value) if isinstance(node.value, str) else None
    try:
        day = date.fromisoformat(found.group()) if found else None
    except ValueError:
        day = None
    if day is None:
        told = f"a day must be a date such as 2026-11-01, and this is {node.kind}"
        offer.problems.add(node.place, "shape", told, width=width(node))
    return day


def read_stop_if(offer: Written) -> StopIf | None:
    """What stops the offer by itself."""
    node = offer.node("stop_if")
    if node is None:
        return None
    keys = offer.problems.keys(node, "stop_if", STOP_IF_KEYS)
    after = offer.problems.required(keys, "after", node, "stop_if")
    count = offer.problems.whole(after, "after", least=1) if after else None
    dismissed = offer.problems.percent(keys["dismissed"].node, "dismissed") if "dismissed" in keys else None
    tickets = _more(offer, keys["tickets"].node) if "tickets" in keys else None
    if isinstance(node.value, dict) and "dismissed" not in keys and "tickets" not in keys:
        offer.add("stop_if", "missing", "stop_if needs 'dismissed', 'tickets' or both, or nothing could stop it")
    if dismissed is not None and not 0 < dismissed <= 1:
        offer.problems.add(keys["dismissed"].node.place, "range", "dismissed must be above 0%, and 100% at most")
    return None if count is None else StopIf(count, dismissed, tickets)


def _more(offer: Written, node: Node) -> Decimal | None:
    if not isinstance(node.value, str) or not node.value.startswith("+"):
        told = f"tickets are compared with those held out: write how many more, such as +20%, and not {node.kind}"
        offer.problems.add(node.place, "shape", told, width=width(node))
        return None
    return offer.problems.percent(behind(node, "+"), "tickets")


def read_variants(offer: Written) -> dict[str, Decimal]:
    """Shares by variant, which make a whole. Whether their words differ is told where the words are read."""
    node = offer.node("variants")
    if node is None:
        return {}
    entries = offer.problems.mapping(node, "variants")
    shares = {
        offer.problems.name(entry, "a variant"): share
        for entry in entries.values()
        if (share := offer.problems.percent(entry.node, "a variant's share")) is not None
    }
    if len(shares) != len(entries) or not isinstance(node.value, dict):
        return shares
    if len(shares) < FEWEST_VARIANTS or not all(shares.values()):
        offer.add("variants", "variants", "variants needs two or more, each with a share above 0%")
    elif sum(shares.values()) != ONE:
        told = f"the shares of variants must be 100% together, and these are {shown(sum(shares.values()) * HUNDRED)}%"
        offer.add("variants", "variants", told)
    return shares


def check_variants_differ(offer: Written, variants: Collection[str], worded: Collection[str]) -> None:
    """Note variants with the same words: one of them at most can do with those of the offer itself."""
    plain = [name for name in variants if name not in worded]
    if len(variants) - len(worded) > 1:  # a misspelt one was told, and counts as worded
        named = " and ".join(plain)
        told = f"the variants {named} say the same: give all but one words of their own (variant_{plain[-1]})"
        offer.add("variants", "same-variants", told)


def read_report_by(offer: Written) -> tuple[str, ...]:
    """What the offer's results are told apart by: levels, segments, text facts, and some of what every account has."""
    node = offer.node("report_by")
    if node is None:
        return ()
    facts = [name for name, fact in offer.product.facts.items() if fact.type in TOLD_APART]
    known = [*offer.product.levels, *offer.declared.segments.declared, *facts, *BUILT_IN]
    return tuple(
        word
        for item in offer.problems.items(node, "report_by")
        if (
            word := offer.problems.one_of(
                item, "a level, a segment, a fact or one of plan and term", known, "report-by"
            )
        )
    )
