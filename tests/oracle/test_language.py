"""Which documents make a set, and which do not: the oracle and the engine, which share no line, agree on each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.language.moment import Sequence as Row
from oracle.language.reading import rules_of
from oracle.language.scalars import NotASet
from services.trigger_engine.domain.playbook.moments import SequenceMoment
from services.trigger_engine.domain.playbook.problems import SetRefused
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.sets import compile_set, read_set
from tests.trigger_engine.domain.building import PRODUCT as SMALL_PRODUCT
from tests.trigger_engine.domain.building import playbook as small_playbook
from tests.trigger_engine.domain.playbook import test_broken_documents, test_broken_playbooks, test_broken_products
from tests.trigger_engine.domain.playbook.whole_playbook import PLAYBOOK
from tests.trigger_engine.domain.playbook.whole_product import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence


def by_engine(files: Sequence[tuple[str, str]]) -> bool:
    problems = Problems()
    try:
        read_set(files, problems)
    except SetRefused:
        return False
    return not problems.found


def by_oracle(files: Sequence[tuple[str, str]]) -> bool:
    try:
        rules_of(files, 1)
    except NotASet:
        return False
    return True


def texts(product: str = WHOLE, playbook: str = PLAYBOOK) -> list[tuple[str, str]]:
    return [("product.yaml", product), ("playbook.yaml", playbook)]


def test_documents_that_say_all_there_is_to_say_make_a_set() -> None:
    assert by_engine(texts())
    rules = rules_of(texts(), 7)
    assert (len(rules.moments), len(rules.offers), len(rules.segments)) == (17, 18, 3)


@pytest.mark.parametrize(("written", "broken", "told"), test_broken_products.FAULTS)
def test_no_product_document_with_a_fault_makes_a_set(written: str, broken: str, told: str) -> None:
    assert told
    assert not by_oracle(texts(product=WHOLE.replace(written, broken, 1)))


@pytest.mark.parametrize(("written", "broken", "told"), test_broken_playbooks.OF_THE_WHOLE)
def test_no_playbook_with_a_fault_makes_a_set(written: str, broken: str, told: str) -> None:
    assert told
    assert not by_oracle(texts(playbook=PLAYBOOK.replace(written, broken, 1)))


@pytest.mark.parametrize(("written", "broken", "told"), test_broken_playbooks.FAULTS)
def test_no_small_playbook_with_a_fault_makes_a_set(written: str, broken: str, told: str) -> None:
    assert told
    good = test_broken_playbooks.PLAYBOOK
    assert by_oracle(texts(SMALL_PRODUCT, good))
    files = texts(SMALL_PRODUCT, good.replace(written, broken, 1))
    assert by_oracle(files) == by_engine(files)


@pytest.mark.parametrize(("document", "written", "broken", "told"), test_broken_documents.FAULTS)
def test_no_small_document_with_a_fault_makes_a_set(document: str, written: str, broken: str, told: str) -> None:
    assert told
    product, playbook = SMALL_PRODUCT, test_broken_documents.PLAYBOOK
    after = (
        document + written + broken
        if written == test_broken_documents.GUARDRAILS
        else document.replace(written, broken, 1)
    )
    files = texts(after, playbook) if document == product else texts(product, after)
    assert by_oracle(files) == by_engine(files)


@pytest.mark.parametrize(
    ("windows", "rows"), [(0, 0), (3, 1), (4, 0), (9, 2), (20, 9), (40, 3), (57, 0), (58, 0), (70, 0), (1, 60)]
)
def test_both_keep_as_much_of_each_meter_and_moment(windows: int, rows: int) -> None:
    meters = "".join(f"  window_{n}: {{count: file.shared, over: {n + 1}d}}\n" for n in range(windows))
    moments = [f"row_{n}: {{sequence: [file.shared, task.ran], within: {n + 1}d}}" for n in range(rows)]
    names = ", ".join(["shared", *(f"row_{n}" for n in range(rows))])
    book = small_playbook(
        ["shared: {milestone: shares, reaches: 1}", *moments], [f"it: {{on: [{names}], add: photos}}"]
    )
    files = texts(SMALL_PRODUCT.replace("meters:\n", f"meters:\n{meters}", 1), book)
    assert by_oracle(files) == by_engine(files)
    if by_engine(files):
        made = compile_set(files, 1)
        assert {meter.kept for meter in made.product.meters.values()} == {rules_of(files, 1).size}
        assert {row.kept for row in made.every(SequenceMoment)} == {row.kept for row in rules_of(files, 1).every(Row)}


# --- documents with a fault by chance ----------------------------------------------------------------

WORD = re.compile(r"[\w.%+'-]+")
ODD = [
    "", "x", "0", "1", "-1", "1.5", "1000000000", "7d", "0d", "31d", "80%", "0%", "101%", "3x", "1x", "true", "never",
    "any", "next", "fitting", "user", "account", "free", "plus", "photos", "creative", "storage_gb", "exports",
    "invites", "sharing", "file.stored", "month", "week", "once", "unlimited", "seats", "account.team",
    "meters.exports", "at_risk", "high", "{}", "[]", "engagement.high", "small_team", "more_storage", "first_report",
    "storage_full", "otherwise", "2026-11-01", "'a b'",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.booleans(), st.integers(0, 10**6), st.sampled_from(ODD), st.booleans())
def test_a_word_by_chance_is_refused_by_both_or_by_none(of_product: bool, at: int, word: str, again: bool) -> None:
    document = WHOLE if of_product else PLAYBOOK
    places = list(WORD.finditer(document))
    place = places[at % len(places)]
    if again:
        word = places[(at // 7) % len(places)][0]
    changed = document[: place.start()] + word + document[place.end() :]
    files = texts(product=changed) if of_product else texts(playbook=changed)
    assert by_oracle(files) == by_engine(files), f"{place[0]} -> {word}"
