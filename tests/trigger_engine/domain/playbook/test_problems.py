"""Problems are told as a compiler tells them."""

from dataclasses import replace

import pytest

from services.trigger_engine.domain.playbook.problems import (
    MOST_LISTED,
    Place,
    Problem,
    SetRefused,
    Severity,
    did_you_mean,
    meant_or_known,
)
from services.trigger_engine.domain.playbook.product import Quiet
from services.trigger_engine.domain.playbook.sets import compile_set
from tests.trigger_engine.domain.building import FULL, MORE, PRODUCT, playbook

TEXT = "moments:\n  full: {limit: storge_gb}\n"
PROBLEM = Problem(Place("s.yaml", 2, 17), "unknown-meter", "'storge_gb' is not a meter", "did you mean 'x'?", width=9)


def test_a_problem_is_shown_with_its_line_underlined() -> None:
    assert PROBLEM.shown(TEXT) == (
        "s.yaml:2:17  error[unknown-meter]  'storge_gb' is not a meter\n"
        "    2 |   full: {limit: storge_gb}\n"
        "      |                 ^^^^^^^^^ did you mean 'x'?"
    )


def test_a_warning_is_shown_as_one() -> None:
    warning = replace(PROBLEM, severity=Severity.WARNING)
    assert warning.shown(TEXT).startswith("s.yaml:2:17  warning[unknown-meter]  'storge_gb' is not a meter\n")
    assert str(warning) == str(PROBLEM).replace("error[", "warning[")


def test_a_tab_before_the_word_does_not_move_the_underline() -> None:
    shown = Problem(Place("s.yaml", 1, 5), "r", "m", width=2).shown("a:\t'no'")
    assert shown.splitlines()[-1] == "      |   \t ^^"


def test_a_problem_whose_line_is_not_at_hand_is_told_in_one_line() -> None:
    assert PROBLEM.shown("") == str(PROBLEM)
    assert str(PROBLEM).endswith("'storge_gb' is not a meter (did you mean 'x'?)")


def test_problems_come_in_the_order_of_the_documents() -> None:
    places = [Place("b", 1, 1), Place("a", 10, 1), Place("a", 9, 7), Place("a", 9, 2)]
    told = SetRefused(Problem(place, "r", "m") for place in places).problems
    assert [str(problem.place) for problem in told] == ["a:9:2", "a:9:7", "a:10:1", "b:1:1"]


def test_a_refusal_says_all_of_it() -> None:
    assert str(SetRefused([PROBLEM])) == str(PROBLEM)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        pytest.param("storge_gb", ["storage_gb", "projects"], "did you mean 'storage_gb'?", id="close"),
        pytest.param("zzz", ["storage_gb"], None, id="nothing is close"),
        pytest.param("onbording", list(Quiet), "did you mean 'onboarding'?", id="words of an enum"),
        pytest.param("a", [], None, id="nothing is known"),
    ],
)
def test_what_was_meant_is_guessed_only_when_it_is_close(word: str, known: list[str], hint: str | None) -> None:
    assert did_you_mean(word, known) == hint


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        pytest.param("baner", ["banner", "modal"], "did you mean 'banner'?", id="one is close"),
        pytest.param("popup", ["modal", "banner"], "there are modal, banner", id="none is close: all, as they stand"),
        pytest.param("popup", ["banner"], "there is banner", id="there is one"),
        pytest.param("popup", [], "there are none", id="there is none"),
        pytest.param("popup", [f"x{n}" for n in range(MOST_LISTED + 1)], None, id="too many to read"),
    ],
)
def test_whoever_has_the_wrong_word_is_told_the_right_ones(word: str, known: list[str], hint: str | None) -> None:
    assert meant_or_known(word, known) == hint


@pytest.mark.parametrize("meter", ["storge_gb", '"storge_gb"', "'storge_gb'"])
def test_what_is_underlined_is_the_word_itself(meter: str) -> None:
    text = playbook([FULL.replace("storage_gb", meter)], [MORE])
    with pytest.raises(SetRefused) as caught:
        compile_set([("p.yaml", PRODUCT), ("s.yaml", text)], 0)
    (problem,) = caught.value.problems
    _, line, marks = problem.shown(text).splitlines()
    start, end = marks.index("^"), marks.rindex("^") + 1
    assert line[start:end] == "storge_gb"
