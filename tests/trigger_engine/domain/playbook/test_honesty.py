"""S59: no dark patterns. Each is refused with a message of its own, as a word of the language and in plain words."""

import re

import pytest

from services.trigger_engine.domain.playbook.honesty import DARK_PATTERNS, DARK_WORDS
from services.trigger_engine.domain.playbook.offer_keys import OFFER_KEYS
from tests.trigger_engine.domain.building import playbook
from tests.trigger_engine.domain.playbook.whole_playbook import checked, faults

REPORTED = "reported: {milestone: exports, reaches: 1}"


def offer_with(words: str) -> str:
    """A playbook with one offer that says this, too."""
    return playbook([REPORTED], [f"it: {{on: [reported], add: photos, {words}}}"])


def saying(words: str, key: str = "title") -> str:
    """A playbook with one offer that shows these words."""
    title = "" if key == "title" else "title: A, "
    return offer_with(f'content: {{{title}{key}: "{words}"}}')


def refused(text: str) -> list[tuple[str, str]]:
    """Rule and message of each problem of a playbook that can be read."""
    return [(problem.rule, problem.message) for problem in checked(text).found]


def no_word(rule: str, why: str) -> list[str]:
    """What an offer is told that looks for a word which is not there."""
    return [f"5:37  error[{rule}]  offer 'it': {why}"]


def by_rule(rule: str) -> str:
    """What a dark pattern is told."""
    (pattern,) = [pattern for pattern in DARK_PATTERNS if pattern.rule == rule]
    return pattern.message


def test_a_preselected_choice_is_refused() -> None:
    assert faults(offer_with("preselected: true")) == no_word(
        "preselected", "nothing is ever preselected: the customer chooses, and 'mark' shows one item as recommended"
    )


def test_an_offer_without_a_way_to_say_no_is_refused() -> None:
    assert faults(offer_with("decline: false")) == no_word(
        "no-way-to-say-no", "every offer can be declined in one action, and no word of the language takes that away"
    )


def test_a_no_that_shames_is_refused() -> None:
    assert faults(offer_with('decline_text: "No, I like to waste money"')) == no_word(
        "shamed-no", "a no is a no: an offer has no words for it, so that it can shame nobody"
    )
    assert refused(saying("No thanks, I hate saving time", "body")) == [
        ("shamed-no", f"'No thanks, I hate': {by_rule('shamed-no')}")
    ]


def test_a_typed_saving_is_refused() -> None:
    assert faults(offer_with("saving: 40%")) == no_word(
        "typed-saving",
        "a saving is computed from the prices of the product document and shown as {saving}: it can not be typed",
    )
    for words in ("Save 40%", "Savings of $20", "Saving up to 15 percent", "20% off", "30 % cheaper", "Save 20 USD"):
        assert [rule for rule, _ in refused(saying(words))] == ["typed-saving"], words


def test_a_typed_price_is_refused() -> None:
    assert faults(offer_with("was: 200")) == no_word(
        "typed-price",
        "prices come from the product document and are shown as {price}: neither "
        "what it costs nor what it cost before can be typed",
    )
    for words in ("Was $200", "Instead of 100 USD", "Worth €50", "For only $9", "Normally 30 dollars"):
        assert [rule for rule, _ in refused(saying(words))] == ["typed-price"], words


def test_made_up_hurry_is_refused() -> None:
    assert faults(offer_with("countdown: 10m")) == no_word(
        "made-up-hurry",
        "no made-up hurry: 'open_for' and 'runs' say when an offer ends, and front ends show it as it is",
    )
    for words in ("Last chance", "Hurry up", "Only today", "Act now", "Limited time", "Ends tonight", "Expires in 5"):
        assert [rule for rule, _ in refused(saying(words))] == ["made-up-hurry"], words


def test_made_up_scarcity_is_refused() -> None:
    assert faults(offer_with("only_left: 3")) == no_word(
        "made-up-scarcity",
        "no made-up scarcity: nothing that is sold here runs out, so an offer can not say how much is left",
    )
    for words in ("Only 3 left", "Only 5 seats remaining", "Almost gone", "While stocks last"):
        assert [rule for rule, _ in refused(saying(words))] == ["made-up-scarcity"], words


def test_a_made_up_crowd_is_refused() -> None:
    assert faults(offer_with("social_proof: 9000")) == no_word(
        "made-up-crowd",
        "an offer speaks of the account's own usage: what others do is not measured here and can not be typed",
    )
    for words in (
        "10,000 teams chose it",
        "5k+ customers trust it",
        "Everyone is upgrading",
        "Teams like yours use it",
    ):
        assert [rule for rule, _ in refused(saying(words))] == ["made-up-crowd"], words


def test_an_offer_that_acts_by_itself_is_refused() -> None:
    assert faults(offer_with("auto_upgrade: true")) == no_word(
        "acts-by-itself", "an offer changes nothing by itself: only the customer's own yes does"
    )


def test_typed_evidence_is_refused() -> None:
    """S60: no artificial need."""
    assert faults(offer_with("evidence: 9")) == no_word(
        "typed-evidence", "the usage that earned an offer is measured and shown by itself: it can not be typed"
    )
    for words in ("You have used 9 of 10 GB", "You've reached 100 exports", "Your team? You stored over 5 GB"):
        assert [rule for rule, _ in refused(saying(words))] == ["typed-evidence"], words


def test_asking_again_and_again_is_refused() -> None:
    assert faults(offer_with("remind_every: 1d")) == no_word(
        "asks-again",
        "an offer is not asked again and again: 'after_a_no' says how long a no holds, and a moment when it may fire",
    )


def test_passing_by_the_guardrails_is_refused() -> None:
    assert faults(offer_with("force: true")) == no_word(
        "above-guardrails", "guardrails hold for every offer: a playbook can tighten them, and nothing passes them by"
    )


def test_loosening_the_guardrails_is_refused() -> None:
    text = playbook([REPORTED], ["it: {on: [reported], add: photos}"]) + "\nguardrails: {price_step: 10x}"
    assert faults(text) == [
        "6:14  error[loosens]  a playbook can only be stricter: the product document allows 3 at most"
    ]


def test_a_follow_up_to_a_no_that_nags_is_refused() -> None:
    no = "no: {outcome: dismissed, of: it}"
    again = "again: {on: [no], add: photos, family: more, not_before: {meters.exports: 1}}"
    text = playbook([REPORTED, no], ["it: {on: [reported], add: photos}", again])
    assert refused(text) == [("nagging", "'it' was refused, and offer 'again' is the same again")]


@pytest.mark.parametrize("key", ["title", "body", "otherwise"])
def test_dark_words_are_found_wherever_an_offer_speaks(key: str) -> None:
    assert [rule for rule, _ in refused(saying("Last chance", key))] == ["made-up-hurry"]


def test_dark_words_are_found_in_words_for_a_step_and_in_a_note() -> None:
    step = 'up: {on: [full], upgrade_to: plus, content: {title: A, at_100%: {title: "Last chance"}}}'
    assert [rule for rule, _ in refused(playbook(["full: {limit: storage_gb}"], [step]))] == ["made-up-hurry"]
    task = 'call: {on: [reported], task: csm, note: "Tell them: last chance"}'
    assert [rule for rule, _ in refused(playbook([REPORTED], [task]))] == ["made-up-hurry"]


def test_dark_words_can_not_be_put_into_content_either() -> None:
    assert faults(offer_with("content: {title: A, countdown: 5}")) == [
        f"5:57  error[made-up-hurry]  content: {by_rule('made-up-hurry')}"
    ]


@pytest.mark.parametrize(
    "words",
    [
        "You are close to your storage limit",
        "Save all your files in one place",
        "Save 20 minutes a week",
        "5 GB are not enough? Team has 1000",
        "What was in your 3 reports",
        "Invite 10 people to your team",
        "Nobody uses 100 % of it",
        "Works for 12 months",
        "No more waiting",
    ],
)
def test_plain_words_are_no_dark_pattern(words: str) -> None:
    assert refused(saying(words)) == []


def test_at_least_ten_dark_patterns_have_a_rule_and_a_message_of_their_own() -> None:
    assert len({pattern.rule for pattern in DARK_PATTERNS}) == len(DARK_PATTERNS) >= 10
    assert len({pattern.message for pattern in DARK_PATTERNS}) == len(DARK_PATTERNS)


def test_no_word_of_the_language_is_a_word_for_a_dark_pattern() -> None:
    assert set(DARK_WORDS) & set(OFFER_KEYS) == set()


def test_nobody_is_led_to_a_word_for_a_dark_pattern() -> None:
    assert faults(offer_with("evidenc: 1")) == ["5:37  error[unknown-key]  offer 'it' has no 'evidenc'"]


@pytest.mark.parametrize("word", sorted(DARK_WORDS))
def test_each_word_for_a_dark_pattern_is_told_why_there_is_none(word: str) -> None:
    (told,) = faults(offer_with(f"{word}: 1"))
    assert re.search(r"error\[(.+?)\]", told).group(1) == DARK_WORDS[word].rule  # type: ignore[union-attr]  # it matches


def test_it_is_told_where_such_words_stand() -> None:
    (told,) = checked(saying("Hurry")).found
    assert str(told) == f"p.yaml:5:55  error[made-up-hurry]  'Hurry': {by_rule('made-up-hurry')}"
