"""What the readers of moments and offers share."""

import pytest

from schemas.offers import Verb
from services.trigger_engine.domain.playbook.document import read
from services.trigger_engine.domain.playbook.moments_reader import COMMON_KEYS, KINDS
from services.trigger_engine.domain.playbook.offer_keys import OFFER_KEYS
from services.trigger_engine.domain.playbook.written import behind, misspelt, width


@pytest.mark.parametrize(
    ("text", "underlined"),
    [("word", 4), ("two words", 9), ("[a, list]", 1), ("{a: mapping}", 1), ('"two\n\n  lines"', 1), ('""', 0)],
)
def test_a_word_in_one_line_is_underlined_and_of_anything_else_where_it_begins(text: str, underlined: int) -> None:
    (entry,) = read("a.yaml", f"key: {text}").entries()
    assert width(entry.node) == underlined


def test_the_rest_of_a_word_stands_behind_its_beginning() -> None:
    (entry,) = read("a.yaml", "key: next on work").entries()
    rest = behind(entry.node, "next on ")
    assert (rest.value, rest.place.column) == ("work", 14)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        pytest.param(["habbit", "reaches"], True, id="a word that is close"),
        pytest.param(["reaches"], False, id="no word that is close"),
        pytest.param(["habit", "grwth"], False, id="one that is right, beside one that is close"),
    ],
)
def test_a_misspelt_word_is_known_by_what_is_close_and_not_there(keys: list[str], told: bool) -> None:
    assert misspelt(keys, ["habit", "growth"]) is told


def test_no_other_word_of_a_moment_or_an_offer_is_taken_for_a_misspelt_kind_or_verb() -> None:
    of_moments = {key for kind in KINDS.values() for key in kind.keys} | set(COMMON_KEYS)
    assert not misspelt(of_moments - {*KINDS}, KINDS)
    assert not misspelt({*OFFER_KEYS} - {*Verb}, Verb)
