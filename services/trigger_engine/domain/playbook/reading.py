"""Read a document's nodes as the values they stand for, collecting every problem instead of stopping at the first."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.problems import Place, Problem, Severity, did_you_mean, meant_or_known

T = TypeVar("T")

US_PER_S: Final = 1_000_000
DURATIONS_US: Final[Mapping[str, int]] = {
    "s": US_PER_S,
    "m": 60 * US_PER_S,
    "h": 3_600 * US_PER_S,
    "d": 86_400 * US_PER_S,
    "w": 7 * 86_400 * US_PER_S,
}
NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
DURATION: Final = re.compile(r"(\d{1,5})([smhdw])", re.ASCII)
PERCENT: Final = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)%", re.ASCII)
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
"""What travels in messages and state; other systems gave some of these their ids, so more is allowed than in a name."""
EVENT_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})+")
HUNDRED: Final = Decimal(100)


class Problems:
    """What is wrong with the documents read so far.

    Three kinds, kept apart: ``found`` is wrong in any version; ``later_found`` is right, and only a later version
    carries it out; ``warnings`` refuse nothing. Reading goes on after each of them.
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.later_found: list[Problem] = []
        self.warnings: list[Problem] = []

    def add(self, place: Place, rule: str, message: str, suggestion: str | None = None, *, width: int = 1) -> None:
        """Note a problem; the same one twice is one."""
        _note(self.found, Problem(place, rule, message, suggestion, width))

    def warn(self, place: Place, rule: str, message: str, suggestion: str | None = None, *, width: int = 1) -> None:
        """Note what is likely a mistake, and may be meant; the same one twice is one."""
        _note(self.warnings, Problem(place, rule, message, suggestion, width, Severity.WARNING))

    def later(self, node: Node, what: str) -> None:
        """Note that ``node`` says something that only a later version carries out."""
        told = f"this version does not carry out {what} yet"
        _note(self.later_found, Problem(node.place, "not-yet", told, width=len(_word(node))))

    # --- shapes ---------------------------------------------------------------------------------

    def mapping(self, node: Node, what: str) -> dict[str, Entry]:
        """The entries of ``node``; none, and a problem, when it is not a mapping."""
        if isinstance(node.value, dict):
            return node.value
        self.add(node.place, "shape", f"{what} must be a mapping, and this is {node.kind}")
        return {}

    def items(self, node: Node, what: str) -> tuple[Node, ...]:
        """The items of ``node``; none, and a problem, when it is not a list."""
        if isinstance(node.value, tuple):
            return node.value
        self.add(node.place, "shape", f"{what} must be a list, and this is {node.kind}")
        return ()

    def keys(self, node: Node, what: str, known: Iterable[str], later: Iterable[str] = ()) -> dict[str, Entry]:
        """The entries of ``node``, with a problem for each key that ``what`` does not have.

        ``later`` are words of the language that this version does not carry out: said so, and read like any other.
        """
        entries = self.mapping(node, what)
        for entry in entries.values():
            if entry.key in later:
                told = f"{entry.key!r} is a word of the language that this version does not carry out yet"
                _note(self.later_found, Problem(entry.place, "not-yet", told, width=len(entry.key)))
            elif entry.key not in known:
                hint = meant_or_known(entry.key, known)
                self.add(entry.place, "unknown-key", f"{what} has no {entry.key!r}", hint, width=len(entry.key))
        return entries

    def required(self, entries: Mapping[str, Entry], key: str, node: Node, what: str) -> Node | None:
        """The value of ``key``; None, and a problem, when it is missing. What is no mapping was told already."""
        if key in entries:
            return entries[key].node
        if isinstance(node.value, dict):
            self.add(node.place, "missing", f"{what} needs {key!r}")
        return None

    # --- scalars --------------------------------------------------------------------------------

    def text(self, node: Node, what: str) -> str:
        """Any text that is not empty."""
        if isinstance(node.value, str) and node.value:
            return node.value
        self.add(node.place, "shape", f"{what} must be text, and this is {node.kind}")
        return ""

    def id(self, node: Node, what: str) -> str:
        """The id of something: short, and without anything that a message could not carry."""
        word = self.text(node, what)
        if word and not ID.fullmatch(word):
            self.add(
                node.place,
                "id",
                f"{what} may have letters, digits and _ . : - only, 64 at most",
                width=len(_word(node)),
            )
        return word

    def name(self, entry: Entry, what: str) -> str:
        """A key that names something: letters, digits and underscores."""
        if not NAME.fullmatch(entry.key):
            self.add(
                entry.place,
                "name",
                f"{what} {entry.key!r} must begin with a letter and have only letters, digits and _ (64 at most)",
                width=len(entry.key),
            )
        return entry.key

    def one_of(self, node: Node, what: str, known: Iterable[str], rule: str) -> str | None:
        """A word that stands for something that exists."""
        word = self.text(node, what)
        if not word:
            return None
        names = list(known)
        if word in names:
            return word
        told = all(name in what for name in names)
        hint = did_you_mean(word, names) if told else meant_or_known(word, names)
        self.add(node.place, rule, f"{word!r} is not {what}", hint, width=len(word))
        return None

    def decimal(self, node: Node, what: str) -> Decimal | None:
        """An exact number of at most 18 digits before and 9 after the point."""
        return self._scalar(node, NUMBER, lambda found: Decimal(found.group()), f"{what} must be a number such as 12.5")

    def positive(self, node: Node, what: str, *, or_zero: bool = False) -> Decimal | None:
        """An exact number above 0, or from 0."""
        found = self.decimal(node, what)
        if found is not None and (found < 0 or (found == 0 and not or_zero)):
            least = "can not be below 0" if or_zero else "must be above 0"
            self.add(node.place, "range", f"{what} {least}", width=len(_word(node)))
        return found

    def whole(self, node: Node, what: str, least: int = 0) -> int | None:
        """A whole number of at least ``least``."""
        found = self.decimal(node, what)
        if found is None:
            return None
        if found != int(found) or found < least:
            told = f"{what} must be a whole number of at least {least}, and this is {node.kind}"
            self.add(node.place, "range", told, width=len(_word(node)))
            return None
        return int(found)

    def duration(self, node: Node, what: str) -> int | None:
        """A length of time above 0 in microseconds, written as ``30m``, ``24h``, ``14d`` or ``2w``."""
        found = self._scalar(
            node,
            DURATION,
            lambda found: int(found.group(1)) * DURATIONS_US[found.group(2)],
            f"{what} must be a duration such as 30m, 24h or 14d",
        )
        if found == 0:
            self.add(node.place, "range", f"{what} must be longer than nothing", width=len(_word(node)))
        return found

    def percent(self, node: Node, what: str) -> Decimal | None:
        """A share as a fraction of 1, written as ``80%``."""
        return self._scalar(
            node, PERCENT, lambda found: Decimal(found.group(1)) / HUNDRED, f"{what} must be a share such as 80%"
        )

    def _scalar(self, node: Node, form: re.Pattern[str], made: Callable[[re.Match[str]], T], rule: str) -> T | None:
        found = form.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is None:
            self.add(node.place, "shape", f"{rule}, and this is {node.kind}", width=len(_word(node)))
            return None
        return made(found)


def _note(problems: list[Problem], problem: Problem) -> None:
    if problem not in problems:
        problems.append(problem)


def _word(node: Node) -> str:
    """What to underline of ``node``: a word in one line, else no more than where it begins."""
    return node.value if isinstance(node.value, str) and "\n" not in node.value else ""
