"""YAML is read as text that remembers where it stood; what is not plain YAML is refused with its place."""

import pytest

from services.trigger_engine.domain.playbook.document import MAX_DEPTH, read
from services.trigger_engine.domain.playbook.problems import SetRefused


def value(text: str) -> object:
    node = read("a.yaml", text)
    assert isinstance(node.value, dict)
    return node.value["a"].node.value


@pytest.mark.parametrize("word", ["on", "yes", "no", "96.10", "1e3", "0x10", "null", "~", "2026-01-01", "1_000", "012"])
def test_what_was_written_stays_text(word: str) -> None:
    assert value(f"a: {word}") == word


def test_a_key_stays_text() -> None:
    node = read("a.yaml", "on: 1\n96.10: 2")
    assert isinstance(node.value, dict)
    assert list(node.value) == ["on", "96.10"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("a: [1, 2", "a.yaml:2:1 not-yaml did not find expected ',' or ']'", id="an open list"),
        pytest.param("a: 1\n\tb: 2", "a.yaml:2:1 not-yaml found a tab character that violates indentation", id="a tab"),
        pytest.param("a: *b", "a.yaml:1:4 not-yaml found undefined alias", id="an alias of nothing"),
        pytest.param("a: &a [*a]", "a.yaml:1:4 circular an alias refers to a node that it is part of", id="circular"),
        pytest.param("a: 1\nb: 2\na: 3", "a.yaml:3:1 twice 'a' stands twice, first in line 1", id="a key twice"),
        pytest.param("? [a]\n: 1", "a.yaml:1:3 key a key must be a word", id="a key that is a list"),
        pytest.param("", "a.yaml:1:1 empty the document is empty", id="nothing"),
        pytest.param("# only words\n", "a.yaml:1:1 empty the document is empty", id="a comment"),
        pytest.param("a: 1\n---\nb: 2", "a.yaml:2:1 not-yaml but found another document", id="two documents"),
        pytest.param(
            "a: \x00",
            "a.yaml:1:1 not-yaml unacceptable character #x0000: control characters are not allowed",
            id="a control character",
        ),
        pytest.param("a: \ud800", "a.yaml:1:1 not-yaml half a character, which is no text", id="half a character"),
        pytest.param(
            "a: !small_team",
            "a.yaml:1:4 quotes to YAML what begins with '!' is a tag: put it in quotes, or say 'not small_team'",
            id="a word that YAML takes for a tag",
        ),
        pytest.param("a: " + "[" * 99 + "]" * 99, "a.yaml:1:19 too-deep nested deeper than 16", id="too deep"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(SetRefused) as caught:
        read("a.yaml", text)
    (problem,) = caught.value.problems
    assert f"{problem.place} {problem.rule} {problem.message}" == told


def test_nesting_that_would_end_the_process_is_refused() -> None:
    with pytest.raises(SetRefused, match="deeper"):
        read("a.yaml", "[" * 50_000 + "]" * 50_000)


def test_what_is_as_deep_as_allowed_is_read() -> None:
    assert read("a.yaml", "[" * MAX_DEPTH + "]" * MAX_DEPTH).kind == "a list"


def test_aliases_of_aliases_do_not_multiply() -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 14)]  # 9 ** 13 words when written out
    assert read("a.yaml", "\n".join(lines)).kind == "a mapping"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        pytest.param("ä: {ö: wörd}", 1, 8, id="letters, not bytes, are counted"),
        pytest.param("a:\n  b: 'word'", 2, 7, id="a quoted word begins behind its quote"),
        pytest.param('a:\n  b:   "word"', 2, 9, id="as does one in double quotes"),
        pytest.param("a:\n  b:\n    word", 3, 5, id="a word in a line of its own"),
    ],
)
def test_a_value_knows_where_it_stands(text: str, line: int, column: int) -> None:
    (outer,) = read("a.yaml", text).entries()
    (inner,) = outer.node.entries()
    assert (inner.node.place.line, inner.node.place.column) == (line, column)


@pytest.mark.parametrize("text", ["a: {b: c ? d: e}", "a: b ? c : d", "a: &&b", "a: `b`", "a: %b", "a: *b"])
def test_what_yaml_can_not_read_comes_with_the_advice_to_quote_it(text: str) -> None:
    with pytest.raises(SetRefused) as caught:
        read("a.yaml", text)
    (problem,) = caught.value.problems
    assert "must stand in quotes" in (problem.suggestion or "")


@pytest.mark.parametrize(
    ("text", "as_written"),
    [
        ("a: b c", True),
        ("a: 'b c'", True),
        ('a: "b c"', True),
        ("a: 'b''s'", False),
        (r'a: "b\tc"', False),
        ("a: b\n  c", False),
        ("a: >\n  b c", False),
    ],
)
def test_a_value_knows_whether_a_place_inside_it_can_be_told(text: str, *, as_written: bool) -> None:
    (entry,) = read("a.yaml", text).entries()
    assert entry.node.as_written is as_written
