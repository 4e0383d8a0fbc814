"""From the text of a condition to a program that was checked."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.trigger_engine.domain.conditions.bad import BadCondition
from services.trigger_engine.domain.conditions.cel import NotAccepted, Program
from services.trigger_engine.domain.conditions.condition import Condition
from services.trigger_engine.domain.conditions.names import FUNCTIONS, Names
from services.trigger_engine.domain.conditions.rewriting import Piece, rewritten
from services.trigger_engine.domain.conditions.tokens import TokenKind

LITERAL: Final[Mapping[str, str]] = {"matches": "''.matches({})", "timestamp": "timestamp({0}) == timestamp({0})"}
"""Functions that take a text of some form, and how to ask CEL whether it has it."""


def compile_condition(text: str, names: Names) -> Condition:
    """The condition ``text`` over ``names``; raises `BadCondition`.

    CEL, less what can fail or could not be told to an operator, and with: ``not X``; ``known(x)``; ``total(meters.x)``;
    lengths of time such as ``3d``; and whole numbers written where a number is needed.
    """
    pieces, inputs = rewritten(text, names)
    program = _checked(pieces, names, text)
    _of_literals(pieces, names)
    if not inputs:
        told = "this says the same of every account: a condition must ask about something"
        raise BadCondition("condition", told, pieces[0].token.at, len(text.strip()))
    return Condition(text, inputs, program)


def _of_literals(pieces: Sequence[Piece], names: Names) -> None:
    """Refuse a pattern or a time that does not read as one, while there is somebody to tell."""
    for at, piece in enumerate(pieces):
        function = piece.text.rpartition(".")[2]
        if function not in LITERAL:
            continue
        written = pieces[at + 2]
        if written.token.kind is not TokenKind.TEXT or pieces[at + 3].text != ")":
            told = f"{function} needs a text in quotes, as in {FUNCTIONS[function].rpartition(': ')[2]}"
            raise BadCondition("condition", told, piece.token.at, len(piece.token.text))
        if isinstance(names.checker.check(LITERAL[function].format(written.text)).ask({}), str):
            told = f"{written.text} is not what {function} needs, as in {FUNCTIONS[function].rpartition(': ')[2]}"
            raise BadCondition("condition", told, written.token.at, len(written.token.text))


def _checked(pieces: Sequence[Piece], names: Names, text: str) -> Program:
    """The program of ``pieces``. A whole number beside a number is written as a number, and all is tried again.

    CEL tells where kinds do not go together; each round makes at least one whole number a number, so this ends.
    """
    told: BadCondition | None = None
    while True:
        try:
            return names.checker.check(" ".join(piece.text for piece in pieces))
        except NotAccepted as refused:
            told = told or _told(pieces, refused, text)
            wider = _widened(pieces, refused) if refused.of_numbers else pieces
            if wider == pieces:
                raise told from None
            pieces = wider


def _widened(pieces: Sequence[Piece], refused: NotAccepted) -> Sequence[Piece]:
    """``pieces`` with the whole numbers next to the sign that CEL refused written as numbers."""
    sign = _index(pieces, refused.column)
    beside = {_over(pieces, sign, -1), _over(pieces, sign, 1)}
    if pieces[sign + 1].text == "[":
        end = next((at for at in range(sign, len(pieces)) if pieces[at].text == "]"), sign)
        beside.update(range(sign, end))
    return tuple(
        Piece(f"{piece.text}.0", piece.token) if at in beside and piece.text.isdecimal() else piece
        for at, piece in enumerate(pieces)
    )


def _over(pieces: Sequence[Piece], at: int, step: int) -> int:
    """The place of the next piece that is no bracket and no minus."""
    at += step
    while 0 <= at < len(pieces) and pieces[at].text in ("(", ")", "-"):
        at += step
    return at


def _index(pieces: Sequence[Piece], column: int) -> int:
    """Which piece stands at ``column`` of the text for CEL; behind the last one when it is the end."""
    start = 0
    for at, piece in enumerate(pieces):
        start += len(piece.text) + 1
        if column < start:
            return at
    return len(pieces)


def _told(pieces: Sequence[Piece], refused: NotAccepted, text: str) -> BadCondition:
    at = _index(pieces, refused.column)
    if not refused.reads:
        token = pieces[min(at, len(pieces) - 1)].token
        return BadCondition("condition", refused.message, token.at, len(token.text))
    if not refused.kinds:
        return BadCondition("condition-kind", refused.message, pieces[0].token.at, len(text.strip()))
    token = pieces[at].token
    message = refused.message.replace("'!'", f"'{token.text}'")  # which may have been written as 'not'
    hint = "; double(...) makes a whole number a number" if refused.of_numbers else ""
    return BadCondition("condition-kind", message + hint, token.at, len(token.text))
