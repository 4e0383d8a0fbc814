"""Problems of documents, told as a compiler would: where, which rule, what, and what may have been meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, Self

from typing_extensions import override


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a document; line and column count from 1."""

    path: str
    line: int
    column: int

    @override
    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Severity(StrEnum):
    """Whether a problem refuses the set."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. ``rule`` is stable and can be searched for; ``width`` is how much of the line it is about."""

    place: Place
    rule: str
    message: str
    suggestion: str | None = None
    width: int = 1
    severity: Severity = Severity.ERROR

    @override
    def __str__(self) -> str:
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.place}  {self.severity}[{self.rule}]  {self.message}{hint}"

    def shown(self, text: str) -> str:
        """The problem with the line of ``text`` it is about, underlined."""
        lines = text.splitlines()
        if not 1 <= self.place.line <= len(lines):
            return str(self)
        number, line = f"{self.place.line:5}", lines[self.place.line - 1]
        before = "".join("\t" if letter == "\t" else " " for letter in line[: self.place.column - 1])
        marks = before + "^" * max(self.width, 1)
        hint = f" {self.suggestion}" if self.suggestion else ""
        told = f"{self.place}  {self.severity}[{self.rule}]  {self.message}"
        return f"{told}\n{number} | {line}\n{' ' * len(number)} | {marks}{hint}"


class SetRefused(Exception):
    """The documents do not make a set.

    Attributes:
        problems: All that was found, in the order of the documents.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def one(cls, place: Place, rule: str, message: str, suggestion: str | None = None) -> Self:
        """A refusal with a single problem."""
        return cls([Problem(place, rule, message, suggestion)])


MOST_LISTED: Final = 8
"""As many words as are listed when none of them is close: more than these, and nobody reads them."""


def meant_or_known(word: str, known: Iterable[str]) -> str | None:
    """A hint for a word that is none of ``known``: which one is close, else all there are, if these are few."""
    words = [str(one) for one in known]
    return did_you_mean(word, words) or there_are(words)


def there_are(words: Sequence[str]) -> str | None:
    """A hint that lists what could be said instead; None when that would be too much to read."""
    if len(words) > MOST_LISTED:
        return None
    return f"there {'is' if len(words) == 1 else 'are'} {', '.join(words) or 'none'}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint when ``word`` is close to one of ``known``."""
    close = get_close_matches(word, sorted(str(name) for name in known), n=1)
    return f"did you mean {close[0]!r}?" if close else None
