"""From the words of operators to those of CEL, piece by piece, with every name checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.condition import Read
from services.trigger_engine.domain.conditions.names import FUNCTIONS, KNOWN, NOT, TOTAL, Names, inner, total
from services.trigger_engine.domain.conditions.tokens import Token, TokenKind, tokens

WORDS: Final[Mapping[str, str]] = {"and": "&&", "or": "||"}
"""Words that are often meant, and the sign to write."""

PLAIN: Final = ("true", "false", "in")
"""Words of CEL that conditions have."""

SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text for CEL, and the token it comes from."""

    text: str
    token: Token


def rewritten(text: str, names: Names) -> tuple[tuple[Piece, ...], tuple[Read, ...]]:
    """``text`` as pieces for CEL, and the names it reads; raises `BadCondition`."""
    rewriter = _Rewriter(tokens(text), names)
    return tuple(rewriter.pieces()), tuple(rewriter.inputs)


class _Rewriter:
    """Goes through the tokens once; ``inputs`` are the names found."""

    def __init__(self, found: Sequence[Token], names: Names) -> None:
        self.inputs: list[Read] = []
        self._tokens = found
        self._names = names
        self._at = 0

    def pieces(self) -> Iterator[Piece]:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.kind is TokenKind.NAME:
                yield from self._name(token)
            elif token.kind is TokenKind.DURATION:
                # in brackets, or CEL takes a dot before it for the beginning of a name
                yield Piece(f"(duration('{int(token.text[:-1]) * SECONDS[token.text[-1]]}s'))", token)
            else:
                self._no_index(token)
                yield Piece(token.text, token)

    def _no_index(self, token: Token) -> None:
        before = self._tokens[self._at - 2] if self._at > 1 else token
        of_value = before.text in (")", "]") or (before.kind is TokenKind.NAME and before.text not in PLAIN)
        if token.text == "[" and of_value:
            raise _bad(token, "a list is asked what is in it: 'photos' in account.owned")

    def _name(self, token: Token) -> Iterator[Piece]:
        if token.text in WORDS:
            raise _bad(token, f"say {WORDS[token.text]!r} instead of {token.text!r}")
        if token.text == NOT:
            self._not(token)
            yield Piece("!", token)
        elif token.text in PLAIN:
            yield Piece(token.text, token)
        elif self._text(0) == "(":
            yield from self._call(token)
        else:
            yield self._read(token, token.text, asked=False)

    def _not(self, token: Token) -> None:
        """``not`` binds to what follows it: a name alone, a call or brackets, or it would turn half a comparison."""
        opens = self._text(0) == "(" or self._text(1) == "("
        alone = self._kind(0) is TokenKind.NAME and self._text(1) in ("", "&&", "||", ")", "?", ":")
        if not opens and not alone:
            raise _bad(token, "'not' needs brackets around what it turns: not (meters.exports >= 3)")

    def _call(self, token: Token) -> Iterator[Piece]:
        before, _, function = token.text.rpartition(".")
        if function not in FUNCTIONS:
            at = token.at + len(token.text) - len(function)
            message = f"conditions have no {function!r}"
            raise BadCondition("unknown-name", message, at, len(function), word=function, known=tuple(FUNCTIONS))
        if function in (KNOWN, TOTAL) and not before:
            yield self._asked(token)
        elif before:
            read = self._read(token, before, asked=False)
            yield replace(read, text=f"{read.text}.{function}")
        else:
            yield Piece(function, token)

    def _asked(self, token: Token) -> Piece:
        """``known(x)``, ``total(x)`` and ``known(total(x))``, each a name of its own."""
        self._take("(", token)
        named = self._taken(token)
        name = named.text
        if token.text == KNOWN and name == TOTAL and self._text(0) == "(":
            self._take("(", token)
            named = self._taken(token)
            name = total(named.text)
            self._take(")", token)
        self._take(")", token)
        if token.text == KNOWN:
            return self._read(named, name, asked=True)
        return self._read(named, total(name), asked=False)

    def _taken(self, token: Token) -> Token:
        if self._kind(0) is not TokenKind.NAME:
            raise _bad(token, f"{token.text} asks about a name, as in {FUNCTIONS[token.text].partition(': ')[2]}")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, sign: str, token: Token) -> None:
        if self._text(0) != sign:
            raise _bad(token, f"{token.text} asks about one name, as in {FUNCTIONS[token.text].partition(': ')[2]}")
        self._at += 1

    def _read(self, token: Token, name: str, *, asked: bool) -> Piece:
        kind = self._names.kinds.get(name)
        if name in self._names.refused:
            raise BadCondition("unknown-name", self._names.refused[name], token.at, len(token.text))
        if kind is None:
            raise BadCondition(
                "unknown-name",
                f"{name!r} is not known here",
                token.at,
                len(token.text),
                word=name,
                known=tuple(self._names.kinds),
            )
        self.inputs.append(Read(name, inner(name, asked=asked), kind, asked))
        return Piece(inner(name, asked=asked), token)

    def _text(self, ahead: int) -> str:
        return self._tokens[self._at + ahead].text if self._at + ahead < len(self._tokens) else ""

    def _kind(self, ahead: int) -> TokenKind | None:
        return self._tokens[self._at + ahead].kind if self._at + ahead < len(self._tokens) else None


def _bad(token: Token, message: str) -> BadCondition:
    return BadCondition("condition", message, token.at, len(token.text))
