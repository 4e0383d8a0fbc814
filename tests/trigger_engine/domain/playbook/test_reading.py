"""What a scalar stands for."""

from decimal import Decimal

import pytest

from services.trigger_engine.domain.playbook.document import Node, read
from services.trigger_engine.domain.playbook.problems import Place
from services.trigger_engine.domain.playbook.reading import Problems
from tests.trigger_engine.domain.building import D, H, S


def scalar(text: str) -> Node:
    return Node(text, Place("a.yaml", 1, 1))


@pytest.mark.parametrize(
    ("text", "us"), [("90s", 90 * S), ("30m", H // 2), ("24h", 24 * H), ("14d", 14 * D), ("2w", 14 * D)]
)
def test_durations(text: str, us: int) -> None:
    assert Problems().duration(scalar(text), "it") == us


@pytest.mark.parametrize("text", ["", "30", "h", "1.5h", "-1d", "0d", "1 d", "1M", "100000d", "\u0661d"])
def test_what_is_no_duration(text: str) -> None:
    problems = Problems()
    problems.duration(scalar(text), "it")
    assert len(problems.found) == 1


@pytest.mark.parametrize(("text", "exact"), [("96.10", "96.10"), ("-3", "-3"), ("0.000000001", "1E-9")])
def test_numbers_are_exact(text: str, exact: str) -> None:
    found = Problems().decimal(scalar(text), "it")
    assert found == Decimal(exact)


@pytest.mark.parametrize(
    "text", ["", ".5", "5.", "+5", "1e3", "1_000", "NaN", "inf", "0x10", "1,5", "\u0663", "1" * 19]
)
def test_what_is_no_number(text: str) -> None:
    problems = Problems()
    assert problems.decimal(scalar(text), "it") is None
    assert [problem.rule for problem in problems.found] == ["shape"]


@pytest.mark.parametrize(
    ("text", "share"), [("80%", "0.8"), ("12.5%", "0.125"), ("120%", "1.2"), ("0.001%", "0.00001")]
)
def test_shares(text: str, share: str) -> None:
    assert Problems().percent(scalar(text), "it") == Decimal(share)


def test_the_same_problem_is_noted_once() -> None:
    problems = Problems()
    for _ in range(2):
        problems.mapping(scalar("x"), "it")
    assert len(problems.found) == 1


@pytest.mark.parametrize("text", ["a b", "a\n", "-a", "x" * 65, "ä", "{a}"])
def test_what_no_message_could_carry_is_no_id(text: str) -> None:
    problems = Problems()
    problems.id(scalar(text), "it")
    assert [problem.rule for problem in problems.found] == ["id"]


def test_what_only_a_later_version_carries_out_is_kept_apart_and_read() -> None:
    problems = Problems()
    entries = problems.keys(read("a.yaml", "old: 1\nnew: 2\nnwe: 3"), "it", ["old"], ["new"])
    problems.later(entries["new"].node, "'new: 2'")
    assert [entry.key for entry in entries.values()] == ["old", "new", "nwe"]
    assert [problem.rule for problem in problems.found] == ["unknown-key"]
    assert [str(problem) for problem in problems.later_found] == [
        "a.yaml:2:1  error[not-yet]  'new' is a word of the language that this version does not carry out yet",
        "a.yaml:2:6  error[not-yet]  this version does not carry out 'new: 2' yet",
    ]


def test_a_warning_refuses_nothing() -> None:
    problems = Problems()
    problems.warn(Place("a.yaml", 1, 1), "greeting", "this is said to those who came long ago")
    assert (problems.found, problems.later_found) == ([], [])
    told = "a.yaml:1:1  warning[greeting]  this is said to those who came long ago"
    assert [str(problem) for problem in problems.warnings] == [told]
