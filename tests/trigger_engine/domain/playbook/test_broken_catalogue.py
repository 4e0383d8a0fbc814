"""The rest of the catalogue of broken documents, and that it is whole: each rule has a document, and what is told of it."""

# ruff: noqa: E501 - one fault a line, with the whole of what is told of it

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.honesty import DARK_PATTERNS
from services.trigger_engine.domain.playbook.problems import SetRefused
from tests.trigger_engine.domain.building import PRODUCT, playbook
from tests.trigger_engine.domain.playbook import test_broken_documents as documents
from tests.trigger_engine.domain.playbook import test_broken_playbooks as playbooks
from tests.trigger_engine.domain.playbook import test_broken_products as products
from tests.trigger_engine.domain.playbook import test_playbook_checks as senseless
from tests.trigger_engine.domain.playbook import test_scenario as scenarios
from tests.trigger_engine.domain.playbook.whole_playbook import checked, faults, told
from tests.trigger_engine.domain.playbook.whole_product import WHOLE
from tests.trigger_engine.domain.playbook.whole_product import faults as faults_of_product
from tests.trigger_engine.domain.playbook.whole_product import reading as reading_of_product

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DOMAIN: Final = Path(__file__).parents[4] / "services" / "trigger_engine" / "domain"
REPORTED: Final = "reported: {milestone: exports, reaches: 1}"
LEAST: Final = 80
"""Broken documents with the whole of what is told of them."""
LEAST_DARK: Final = 10

# fmt: off
UNREADABLE = [
    pytest.param("placements: [banner", "a.yaml:2:1  error[not-yaml]  did not find expected ',' or ']' (a value with ': ' or ' #' in it, or that begins with one of ! & * [ { % @ `, must stand in quotes)", id="a list that is not closed"),
    pytest.param("about: 100% sure: it is full", "a.yaml:1:17  error[not-yaml]  mapping values are not allowed in this context (a value with ': ' or ' #' in it, or that begins with one of ! & * [ { % @ `, must stand in quotes)", id="a colon in words without quotes"),
    pytest.param("for: !small_team", "a.yaml:1:6  error[quotes]  to YAML what begins with '!' is a tag: put it in quotes, or say 'not small_team'", id="a tag where 'not' is meant"),
    pytest.param("a: &a [*a]", "a.yaml:1:4  error[circular]  an alias refers to a node that it is part of", id="an alias inside itself"),
    pytest.param("? [a]\n: 1", "a.yaml:1:3  error[key]  a key must be a word", id="a key that is a list"),
    pytest.param("moments: {}\nmoments: {}", "a.yaml:2:1  error[twice]  'moments' stands twice, first in line 1", id="a section twice"),
    pytest.param("# to be written\n", "a.yaml:1:1  error[empty]  the document is empty", id="a document of comments"),
    pytest.param("a: " + "[" * 17 + "]" * 17, "a.yaml:1:19  error[too-deep]  nested deeper than 16", id="a document that is too deep"),
]
OF_NO_USE = [
    pytest.param("holdout: {share: 5%, salt: autumn}\n", "", "it: {on: [reported], add: photos, stop_if: {tickets: +20%, after: 200}}", "5:37  error[no-holdout]  tickets are compared with those held out, and the product document has no 'holdout'", id="a guard that compares with nobody"),
    pytest.param("price_step: 3x", "price_step: 1.5x", "up: {on: [reported], upgrade_to: enterprise, for: account.plan == 'plus'}", "5:24  error[top-rung]  offer 'up' is never made: there is no rung above for those it is for (plus)", id="an upgrade to a rung that nobody is below"),
    pytest.param("first_price: 20", "first_price: 8", "up: {on: [reported], upgrade_to: plus}", "5:24  error[too-steep]  offer 'up' is never made: plus is 8.01 USD a month, and first_price is 8", id="a first price above the bound"),
    pytest.param("id: free, price: 0", "id: free, price: {month: 2}", "up: {on: [reported], upgrade_to: plus}", "5:24  error[too-steep]  offer 'up' is never made: free to plus is more than 3 times the price a month", id="a step above the bound"),
    pytest.param("- low: otherwise", "- disengaged: otherwise", "it: {on: [reported], add: photos, for: engagement.disengaged}", "5:37  error[disengaged]  offer 'it' is never made: to the disengaged nothing is sold, only 'nurture' and 'task' reach them", id="a sale to the disengaged"),
    pytest.param(" goes_with: {plus: 1.4, sign: 2},", "", "it: {on: [reported], add: complement}", "5:24  error[no-complement]  offer 'it' is never made: 'complement' needs products that say what they go with (goes_with), and none does", id="a complement where nothing goes together"),
    pytest.param(", per: seat, limits: {storage_gb: {per_seat: 1000}, sharing: seats}", "", "it: {on: [reported], seats: 3}", "5:24  error[no-seats]  offer 'it' is never made: no plan is sold per seat", id="seats where none are sold"),
    pytest.param(", sharing: seats}", "}", "it: {on: [reported], seats: fitting}", "5:24  error[no-members]  'fitting' asks how many members there are: no plan has a limit of 'seats', so nothing counts them", id="fitting seats where nobody counts"),
    pytest.param("currency: USD", "currency: EUR", "it: {on: [reported], choose_from: [free, plus], for: account.plan == 'enterprise'}", "5:24  error[no-target]  offer 'it' is never made: nobody that it is for could go to one of its plans", id="a choice with nothing to go to"),
]
DARK = [
    pytest.param("preselected: true", "5:37  error[preselected]  offer 'it': nothing is ever preselected: the customer chooses, and 'mark' shows one item as recommended", id="a choice made for the customer"),
    pytest.param("decline: false", "5:37  error[no-way-to-say-no]  offer 'it': every offer can be declined in one action, and no word of the language takes that away", id="an offer without a way to say no"),
    pytest.param("decline_text: I like to pay more", "5:37  error[shamed-no]  offer 'it': a no is a no: an offer has no words for it, so that it can shame nobody", id="a no that shames"),
    pytest.param("saving: 40%", "5:37  error[typed-saving]  offer 'it': a saving is computed from the prices of the product document and shown as {saving}: it can not be typed", id="a saving that nobody computed"),
    pytest.param("old_price: 200", "5:37  error[typed-price]  offer 'it': prices come from the product document and are shown as {price}: neither what it costs nor what it cost before can be typed", id="a price that never was"),
    pytest.param("countdown: 10m", "5:37  error[made-up-hurry]  offer 'it': no made-up hurry: 'open_for' and 'runs' say when an offer ends, and front ends show it as it is", id="a countdown"),
    pytest.param("only_left: 3", "5:37  error[made-up-scarcity]  offer 'it': no made-up scarcity: nothing that is sold here runs out, so an offer can not say how much is left", id="only three left"),
    pytest.param("social_proof: 9000", "5:37  error[made-up-crowd]  offer 'it': an offer speaks of the account's own usage: what others do is not measured here and can not be typed", id="thousands who have it already"),
    pytest.param("auto_upgrade: true", "5:37  error[acts-by-itself]  offer 'it': an offer changes nothing by itself: only the customer's own yes does", id="an upgrade without a yes"),
    pytest.param("evidence: 9", "5:37  error[typed-evidence]  offer 'it': the usage that earned an offer is measured and shown by itself: it can not be typed", id="usage that nobody measured"),
    pytest.param("remind_every: 1d", "5:37  error[asks-again]  offer 'it': an offer is not asked again and again: 'after_a_no' says how long a no holds, and a moment when it may fire", id="reminders after a no"),
    pytest.param("force: true", "5:37  error[above-guardrails]  offer 'it': guardrails hold for every offer: a playbook can tighten them, and nothing passes them by", id="an offer above the guardrails"),
]
LIKELY_MISTAKES = [
    pytest.param("currency: USD", "currency: EUR", "it: {on: [reported], add: photos, content: {title: Welcome to photos}}", "5:54  warning[welcome]  'Welcome to' is said to those who are new, and this offer can reach accounts that pay: find other words, or let 'for' leave them out", id="words for newcomers"),
    pytest.param("history: starts_empty", "history: unknown", "it: {on: [reported], add: photos}", "3:3  warning[needs-baseline]  moment 'reported' waits until rung.meter_set says what 'exports' stands at", id="a milestone of which nobody knows where it stands"),
]
SETS = [
    pytest.param([("p.yaml", "playbook: story\n")], ["p.yaml:1:1  error[one-product]  a set needs a product document: none of these has the key 'product'"], id="a set without a product"),
    pytest.param([("a.yaml", PRODUCT), ("b.yaml", PRODUCT)], ["b.yaml:2:1  error[one-product]  a set has one product document, and a.yaml is one already: check each set by itself"], id="a set of two products"),
    pytest.param([("a.yaml", PRODUCT), ("b.yaml", playbook([REPORTED], ["it: {on: [reported], add: photos}"])), ("c.scenarios.yaml", "scenarios: tale\ntests:\n  idle: {steps: [wait: 1d, expect: nothing]}\n")], ["c.scenarios.yaml:1:12  error[unknown-playbook]  'tale' is not a playbook of this set (there is story)"], id="scenarios of no playbook"),
    pytest.param([("a.yaml", PRODUCT), ("b.yaml", playbook([REPORTED], ["it: {on: [reported], add: photos}"])), ("c.scenarios.yaml", "scenarios: story\ntests:\n  idle: {steps: [wait: 1d]}\n")], ["c.scenarios.yaml:3:3  error[no-expectation]  scenario 'idle' expects nothing, so it could not fail: end it with 'expect'"], id="a scenario that could not fail"),
    pytest.param([("a.yaml", PRODUCT.replace("meters:\n", "meters:\n" + "".join(f"  m{n}: {{count: file.shared, over: 7d}}\n" for n in range(99)))), ("b.yaml", playbook([REPORTED], ["it: {on: [reported], add: photos}"]))], ["a.yaml:2:1  error[crowded]  all meters and moments of a set have 28 KiB of an account, and these could take more: leave some out, first of those that roll or tell values apart"], id="more meters than an account has room for"),
]
PRODUCTS = [
    pytest.param("per: seat", "per: set", "product.yaml:27:52  error[per]  'set' is not 'seat' (did you mean 'seat'?)", id="a price for each of what is no seat"),
    pytest.param("{month: 10, year: 96.10}", "{month: 10, year: 960}", "product.yaml:26:35  warning[dearer-term]  'year' costs 80 a month, more than 'month' with 10", id="a year that costs more a month"),
]
# fmt: on
CATALOGUE: Final = (
    *documents.FAULTS,
    *playbooks.FAULTS,
    *playbooks.OF_THE_WHOLE,
    *products.FAULTS,
    *senseless.SENSELESS,
    *scenarios.FAULTS,
    *UNREADABLE,
    *OF_NO_USE,
    *DARK,
    *LIKELY_MISTAKES,
    *SETS,
    *PRODUCTS,
)


@pytest.mark.parametrize(("text", "expected"), UNREADABLE)
def test_a_document_that_can_not_be_read_is_told_what_to_do(text: str, expected: str) -> None:
    with pytest.raises(SetRefused) as caught:
        read("a.yaml", text)
    assert [str(problem) for problem in caught.value.problems] == [expected]


def with_offer(offer: str) -> str:
    return playbook([REPORTED], [offer])


def product_with(written: str, other: str) -> str:
    product = WHOLE.replace("history: unknown", "history: starts_empty")
    assert written in product
    return product.replace(written, other)


@pytest.mark.parametrize(("written", "other", "offer", "expected"), OF_NO_USE)
def test_an_offer_that_the_product_leaves_no_room_for_is_refused(
    written: str, other: str, offer: str, expected: str
) -> None:
    assert told(checked(with_offer(offer), product_with(written, other))) == [expected]


@pytest.mark.parametrize(("words", "expected"), DARK)
def test_a_dark_pattern_is_refused_with_a_message_of_its_own(words: str, expected: str) -> None:
    """S59."""
    assert faults(with_offer(f"it: {{on: [reported], add: photos, {words}}}")) == [expected]


@pytest.mark.parametrize(("written", "other", "offer", "expected"), LIKELY_MISTAKES)
def test_what_is_likely_a_mistake_is_warned_of(written: str, other: str, offer: str, expected: str) -> None:
    found = checked(with_offer(offer), product_with(written, other))
    assert (found.found, [str(problem) for problem in found.warnings]) == ([], [f"p.yaml:{expected}"])


@pytest.mark.parametrize(("files", "expected"), SETS)
def test_documents_that_are_no_set_are_refused(files: list[tuple[str, str]], expected: list[str]) -> None:
    with pytest.raises(SetRefused) as caught:
        check_set(files, 0)
    assert [str(problem) for problem in caught.value.problems] == expected


@pytest.mark.parametrize(("written", "broken", "expected"), PRODUCTS)
def test_a_product_document_is_told_what_is_likely_meant(written: str, broken: str, expected: str) -> None:
    text = WHOLE.replace(written, broken, 1)
    assert [str(problem) for problem in (*faults_of_product(text), *reading_of_product(text)[1].warnings)] == [expected]


# --- the catalogue is whole ----------------------------------------------------------------------------


def shown() -> Iterator[str]:
    """The rule of each entry, from what is told of it."""
    for case in CATALOGUE:
        yield from re.findall(r"(?:error|warning)\[([a-z-]+)\]", str(case.values[-1]))


NAMED_AT: Final = {
    "add": 1,
    "warn": 1,
    "one_of": 3,
    "one": 1,
    "Problem": 1,
    "_known": -1,
    "BadCondition": 0,
    "DarkPattern": 0,
}
"""Calls that name a rule, and where among their arguments."""


def rules() -> set[str]:
    """Every rule that the code can tell, read from its text."""
    found: set[str] = set()
    for path in (*DOMAIN.glob("playbook/*.py"), *DOMAIN.glob("conditions/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = dict(_constants(tree))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            at = NAMED_AT.get(_called(call))
            if at is not None and len(call.args) > max(at, 0):
                found |= {word for word in _words(call.args[at], constants) if re.fullmatch("[a-z-]+", word)}
    return found


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.value, ast.Constant)
        ):
            yield node.target.id, str(node.value.value)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _words(argument: ast.expr, constants: dict[str, str]) -> Iterable[str]:
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name) and node.id in constants:
            yield constants[node.id]


def test_every_rule_has_a_broken_document_with_what_is_told_of_it() -> None:
    # nothing of the language waits for a later version now; what is said of a word that does is in test_reading
    assert sorted(rules() - set(shown()) - {"not-yet"}) == []


def test_every_rule_that_is_told_is_found_in_the_code() -> None:
    assert sorted(set(shown()) - rules() - {"not-yet"}) == []


def test_the_catalogue_is_large_enough_and_has_nothing_twice() -> None:
    assert len(CATALOGUE) == len({tuple(map(str, case.values)) for case in CATALOGUE}) >= LEAST


def test_every_dark_pattern_has_a_document() -> None:
    in_it = set(shown()) & {pattern.rule for pattern in DARK_PATTERNS}
    assert len(in_it) == len(DARK_PATTERNS) >= LEAST_DARK
