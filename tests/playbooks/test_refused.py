"""What can not be published: dishonest offers, planted in the sample one at a time."""

from typing import Final

import pytest

from services.trigger_engine.domain.playbook.checking import check_set
from services.trigger_engine.domain.playbook.problems import SetRefused
from tests.playbooks.shipped import documents

STORY: Final = "files"
PLACE: Final = "offers:                                     # what to do about it"


def planted(offer: str, moment: str = "") -> list[tuple[str, str]]:
    """The sample, with one offer more; and one moment, when it is not a good one that it stands on."""
    (line,) = [line for _, text in documents(STORY) for line in text.splitlines() if line.startswith(PLACE)]
    return documents(
        STORY, line, f"  {moment}\n{line}\n  planted: {offer}" if moment else f"{line}\n  planted: {offer}"
    )


def rules_of(offer: str, moment: str = "") -> set[str]:
    """The rules by which the sample is refused with it."""
    with pytest.raises(SetRefused) as refused:
        check_set(planted(offer, moment), 0)
    return {problem.rule for problem in refused.value.problems}


def test_an_honest_offer_can_be_planted() -> None:
    found = check_set(planted("{on: [first_report], add: sign, placements: [modal]}"), 0)
    assert "planted" in {offer.name for offers in found.compiled.offers.values() for offer in offers}


def test_s15_an_upgrade_needs_a_signal_of_use() -> None:
    moment = "a_year: {tenure: account.plan_since, reaches: 12 months}"
    assert rules_of("{on: [a_year], upgrade_to: next on personal}", moment) == {"no-signal"}
    found = check_set(
        planted("{on: [a_year], upgrade_to: next on personal, not_before: {meters.exports: 1}}", moment), 0
    )
    assert "a_year" in found.compiled.moments


def test_s60_an_offer_needs_evidence_that_was_measured() -> None:
    assert "no-signal" in rules_of("{on: [], add: sign}")
    assert "typed-evidence" in rules_of("{on: [first_report], add: sign, evidence: he seemed interested}")
    assert "typed-evidence" in rules_of('{on: [first_report], add: sign, content: {title: "You have used 9 of 10 GB"}}')


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("preselected: true", "preselected"),
        ("mandatory: true", "no-way-to-say-no"),
        ("no_label: lose all", "shamed-no"),
    ],
)
def test_s59_nothing_is_preselected_and_everything_can_be_declined(key: str, rule: str) -> None:
    assert rules_of(f"{{on: [first_report], add: sign, {key}}}") == {rule}


def test_s09_nothing_upgrades_by_itself() -> None:
    assert rules_of("{on: [storage_full], upgrade_to: next on personal, auto_upgrade: true}") == {"acts-by-itself"}


def test_s66_words_for_newcomers_are_told_where_they_can_reach_accounts_that_pay() -> None:
    offer = '{{on: [first_report], add: sign, placements: [modal], for: {who}, content: {{title: "Welcome to it"}}}}'
    found = check_set(planted(offer.format(who="account.plan == 'team'")), 0)
    assert [warning.rule for warning in found.warnings] == ["welcome"]
    assert check_set(planted(offer.format(who="account.plan == 'free'")), 0).warnings == ()
