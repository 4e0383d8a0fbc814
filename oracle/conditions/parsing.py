"""From the text of a condition to its tree. What binds tightest comes last in this file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from oracle.conditions import doing, kinds
from oracle.conditions.functions import called
from oracle.conditions.kinds import EITHER, FLAG, LENGTH, NUMBER, NUMBERS, TEXT, Part, of_flag
from oracle.conditions.tokens import BadCondition, Token, tokens_of
from oracle.conditions.tree import SECOND, Both, Done, Either, Known, Length, Name, Node, Not, Written

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
WORDS: Final = ("and", "or", "in", "true", "false", "not")
AFTER_A_NAME: Final = ("", "&&", "||", ")", "?", ":")
"""What may follow a name that ``not`` turns."""

ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.)", re.IGNORECASE)
LETTERS: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip


class Parser:
    """Goes through the text once. ``read``: the names that are read for their value; ``asked``: whether known."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self.read: list[str] = []
        self.asked: list[str] = []
        self._names = names
        self._tokens = tokens_of(text)
        self._at = 0

    def condition(self) -> Node:
        """The whole text. Raises `BadCondition`."""
        try:
            part = of_flag(self._choice())
        except RecursionError:
            raise BadCondition("nested too deeply") from None
        if self._next.kind != "end":
            raise BadCondition(f"not expected: {self._next.text!r}")
        if not self.read and not self.asked:
            raise BadCondition("it asks about nothing")
        return part.node

    # --- tokens ---------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _ahead(self, count: int) -> Token:
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def _is(self, *texts: str) -> bool:
        return self._next.kind in ("sign", "name") and self._next.text in texts

    def _take(self, *texts: str) -> Token:
        """The next token, which is one of these when any are given."""
        token = self._next
        if token.kind == "end" or (texts and not self._is(*texts)):
            raise BadCondition(f"{' or '.join(texts) or 'more'} is missing before {token.text!r}")
        self._at += 1
        return token

    # --- from what binds loosest ----------------------------------------------------------------

    def _choice(self) -> Part:
        part = self._either()
        if not self._is("?"):
            return part
        self._take("?")
        then = self._either()
        self._take(":")
        return kinds.chosen(part, then, self._choice())

    def _either(self) -> Part:
        part = self._both()
        while self._is("||"):
            self._take()
            part = Part(Either(of_flag(part).node, of_flag(self._both()).node), FLAG)
        return part

    def _both(self) -> Part:
        part = self._comparison()
        while self._is("&&"):
            self._take()
            part = Part(Both(of_flag(part).node, of_flag(self._comparison()).node), FLAG)
        return part

    def _comparison(self) -> Part:
        part = self._sum()
        while self._is("==", "!=", "<", "<=", ">", ">=", "in"):
            sign = self._take().text
            right = self._sum()
            part = kinds.among(part, right) if sign == "in" else kinds.compared(sign, part, right)
        return part

    def _sum(self) -> Part:
        part = self._product()
        while self._is("+", "-"):
            part = kinds.reckoned(self._take().text, part, self._product())
        return part

    def _product(self) -> Part:
        part = self._turned()
        while self._is("*"):
            part = kinds.reckoned(self._take().text, part, self._turned())
        return part

    def _turned(self) -> Part:
        if self._is("!", "not"):
            return self._not()
        if not self._is("-"):
            return self._member()
        self._take()
        part = self._turned() if self._is("-") else self._member()
        if part.kind not in NUMBERS:
            raise BadCondition(f"'-' does not go with {part.kind}")
        return Part(Done(doing.negative, (part.node,)), part.kind)

    def _not(self) -> Part:
        """``not`` turns a name alone, a call, or what stands in brackets."""
        if self._take().text == "not":
            opens = self._ahead(0).text == "(" or self._ahead(1).text == "("
            alone = self._next.kind == "name" and self._ahead(1).text in AFTER_A_NAME
            if not opens and not alone:
                raise BadCondition("'not' needs brackets around what it turns")
        part = of_flag(self._not() if self._is("!", "not") else self._member())
        return Part(Not(part.node), FLAG)

    def _member(self) -> Part:
        part = self._single()
        while self._is("."):
            self._take()
            part = called(self._take().text, part, self._arguments())
        if self._is("["):
            raise BadCondition("a list has no index")
        return part

    # --- single things --------------------------------------------------------------------------

    def _single(self) -> Part:
        if self._is(".") and self._ahead(1).kind == "name" and self._ahead(1).text not in WORDS:
            self._take()  # CEL's way to begin with a name; it means nothing here
        token = self._take()
        match token.kind:
            case "text":
                return Part(Written(_unquoted(token.text)), TEXT)
            case "length":
                return Part(Written(Length(int(token.text[:-1]) * UNITS[token.text[-1]] * SECOND)), LENGTH)
            case "number":
                whole = token.text.isdecimal()
                return Part(Written(int(token.text) if whole else float(token.text)), EITHER if whole else NUMBER)
            case "name":
                return self._named(token.text)
            case _:
                return self._enclosed(token.text)

    def _enclosed(self, sign: str) -> Part:
        if sign == "(":
            part = self._choice()
            self._take(")")
            return part
        if sign != "[":
            raise BadCondition(f"not expected: {sign!r}")
        items: list[Part] = []
        while not self._is("]"):
            items.append(self._choice())
            if not self._is("]"):
                self._take(",")
        self._take("]")
        return kinds.listed(items)

    def _named(self, name: str) -> Part:
        if name in ("true", "false"):
            return Part(Written(name == "true"), FLAG)
        if name in WORDS:
            raise BadCondition(f"not expected: {name!r}")
        if not self._is("("):
            return self._value(name)
        before, _, function = name.rpartition(".")
        if name == "known":
            return self._known()
        if name == "total":
            return self._value(self._total())
        return called(function, self._value(before) if before else None, self._arguments())

    def _arguments(self) -> list[Part]:
        self._take("(")
        items: list[Part] = []
        while not self._is(")"):
            if items:
                self._take(",")
            items.append(self._choice())
        self._take(")")
        return items

    def _known(self) -> Part:
        self._take("(")
        name = self._take().text
        if name == "total" and self._is("("):
            name = self._total()
        self._take(")")
        self.asked.append(self._there(name))
        return Part(Known(name), FLAG)

    def _total(self) -> str:
        self._take("(")
        name = self._take().text
        self._take(")")
        return f"total({name})"

    def _value(self, name: str) -> Part:
        self.read.append(self._there(name))
        return Part(Name(name), self._names[name])

    def _there(self, name: str) -> str:
        if name not in self._names:
            raise BadCondition(f"{name} is not known here")
        return name


def _unquoted(text: str) -> str:
    def letter(escaped: re.Match[str]) -> str:
        said = escaped[1]
        if said in LETTERS:
            return LETTERS[said]
        if said[0] in "xXuU" and len(said) > 1:
            return _character(int(said[1:], 16))
        if said.isdecimal() and len(said) > 1:
            return _character(int(said, 8))
        raise BadCondition(f"no letter of texts: {escaped[0]!r}")

    return ESCAPE.sub(letter, text[1:-1])


def _character(code: int) -> str:
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:  # noqa: PLR2004 - what Unicode leaves out
        raise BadCondition(f"no letter has the number {code}")
    return chr(code)
