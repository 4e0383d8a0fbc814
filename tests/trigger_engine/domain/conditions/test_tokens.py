"""Words and signs, each where it stands."""

import pytest

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.tokens import MAX_LENGTH, TokenKind, tokens


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("meters.exports", [TokenKind.NAME]),
        ("3d", [TokenKind.DURATION]),
        ("12.5", [TokenKind.NUMBER]),
        ("'it''s'", [TokenKind.TEXT, TokenKind.TEXT]),
        (r"'it\'s'", [TokenKind.TEXT]),
        ('"a b"', [TokenKind.TEXT]),
        ("-3", [TokenKind.SIGN, TokenKind.NUMBER]),
        ("a>=b", [TokenKind.NAME, TokenKind.SIGN, TokenKind.NAME]),
        ("a . b", [TokenKind.NAME, TokenKind.SIGN, TokenKind.NAME]),
    ],
)
def test_what_a_token_is(text: str, kinds: list[TokenKind]) -> None:
    assert [token.kind for token in tokens(text)] == kinds


def test_a_token_knows_where_it_stands() -> None:
    assert [(token.text, token.at) for token in tokens("  a &&\n b")] == [("a", 2), ("&&", 4), ("b", 8)]


@pytest.mark.parametrize("text", ["1e3", "3months", "1.", "3u", "0x10", "1" * 19, "100000d", "1.0.0"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(BadCondition, match="such as 3d") as caught:
        tokens(f"a < {text}")
    assert caught.value.at == len("a < ")


def test_a_condition_has_a_longest_length() -> None:
    assert tokens("a" * MAX_LENGTH)
    with pytest.raises(BadCondition, match="1000 characters, and this has 1001"):
        tokens("a" * (MAX_LENGTH + 1))
