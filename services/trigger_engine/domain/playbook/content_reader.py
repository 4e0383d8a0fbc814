"""Read an offer's content: the words, those for a step or a variant, and the variables in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.trigger_engine.domain.playbook.document import Entry, Node
from services.trigger_engine.domain.playbook.honesty import without_dark_keys
from services.trigger_engine.domain.playbook.moments import AnyMoment, LimitMoment
from services.trigger_engine.domain.playbook.offers import Words
from services.trigger_engine.domain.playbook.problems import meant_or_known, there_are
from services.trigger_engine.domain.playbook.reading import HUNDRED
from services.trigger_engine.domain.playbook.shapes import TEXT, Shape, Shapes, described, keyed
from services.trigger_engine.domain.playbook.words import shown, variables
from services.trigger_engine.domain.playbook.written import Written, behind

AT: Final = "at_"
"""Begins the key of the words for one step, such as ``at_80%``."""
VARIANT: Final = "variant_"
"""Begins the key of the words of one variant, such as ``variant_b``."""

WORDS_KEYS: Final[Shapes] = {
    "title": described(TEXT, "Plain text with {variables}"),
    "body": described(TEXT, "More of it; left out when a variable in it is unknown"),
    "otherwise": described(TEXT, "The title when a variable of it is unknown"),
}
WORDS: Final[Shape] = keyed(WORDS_KEYS, required=["title"])
CONTENT: Final[Shape] = keyed(
    WORDS_KEYS, required=["title"], patterns={r"^at_\d{1,4}(\.\d{1,3})?%$": WORDS, r"^variant_\w+$": WORDS}
)


@dataclass(frozen=True, slots=True)
class Content:
    """All words of an offer: ``at`` by step, ``of`` by variant; ``worded`` are the variants named, misspelt or not."""

    words: Words | None
    at: Mapping[Decimal, Words]
    of: Mapping[str, Words]
    worded: tuple[str, ...]


NO_CONTENT: Final = Content(None, {}, {}, ())


def read_content(
    offer: Written, moments: Sequence[AnyMoment], known: Mapping[str, bool], variants: Sequence[str]
) -> Content:
    """The offer's content; ``known`` are its variables, each with whether it may be unknown."""
    entry = offer.keys.get("content")
    if entry is None:
        return NO_CONTENT
    return _ContentReader(offer, moments, known, variants).read(entry)


def check_note(offer: Written, known: Mapping[str, bool]) -> None:
    """Note variables of a task's note that do not exist. One that is unknown is shown as such: it is for our people."""
    node = offer.node("note")
    if node is None or not isinstance(node.value, str):
        return
    for name in variables(node.value):
        if name not in known:
            hint = meant_or_known(name, known)
            offer.problems.add(node.place, "unknown-variable", f"{{{name}}} is not known here", hint)


class _ContentReader:
    def __init__(
        self, offer: Written, moments: Sequence[AnyMoment], known: Mapping[str, bool], variants: Sequence[str]
    ) -> None:
        self._offer = offer
        self._problems = offer.problems
        self._moments = moments
        self._known = known
        self._variants = variants

    def read(self, entry: Entry) -> Content:
        shape = self._problems.mapping(entry.node, "content")
        nested = [key for key in shape if key.startswith((AT, VARIANT))]
        words = self._words(entry.node, "content", nested)
        at: dict[Decimal, Words] = {}
        of: dict[str, Words] = {}
        for key in nested:
            inner = self._words(shape[key].node, key, (), words.otherwise)
            name = Node(key, shape[key].place)
            if key.startswith(AT):
                step = self._step(behind(name, AT))
                at |= {step: inner} if step is not None else {}
            else:
                variant = self._variant(behind(name, VARIANT))
                of |= {variant: inner} if variant is not None else {}
        return Content(words, at, of, tuple(key.removeprefix(VARIANT) for key in nested if key.startswith(VARIANT)))

    def _step(self, node: Node) -> Decimal | None:
        step = self._problems.percent(node, "a step in 'at_80%'")
        steps = [known for moment in self._moments if isinstance(moment, LimitMoment) for known in moment.steps]
        if step is not None and self._moments and step not in steps:
            hint = there_are([f"{shown(known * HUNDRED)}%" for known in steps])
            told = f"no moment of this offer has a step {node.value}"
            self._problems.add(node.place, "unknown-step", told, hint, width=len(str(node.value)))
        return step

    def _variant(self, node: Node) -> str | None:
        return self._problems.one_of(node, "a variant of this offer", self._variants, "unknown-variant")

    def _words(self, node: Node, what: str, nested: Sequence[str], inherited: str | None = None) -> Words:
        keys = self._problems.keys(without_dark_keys(node, what, self._problems), what, [*WORDS_KEYS, *nested])
        title = self._problems.required(keys, "title", node, "content")
        words = Words(
            title=self._problems.text(title, "title") if title else "",
            body=self._problems.text(keys["body"].node, "body") if "body" in keys else None,
            otherwise=self._problems.text(keys["otherwise"].node, "otherwise") if "otherwise" in keys else inherited,
        )
        for key in ("title", "body"):
            for name in variables(getattr(words, key) or ""):
                self._variable(name, keys[key].node, has_other=words.otherwise is not None)
        if "otherwise" in keys and variables(words.otherwise or ""):
            place = keys["otherwise"].node.place
            self._problems.add(place, "otherwise", "'otherwise' is for when a variable is unknown: it can have none")
        return words

    def _variable(self, name: str, node: Node, *, has_other: bool) -> None:
        if name not in self._known:
            hint = meant_or_known(name, self._known)
            self._problems.add(node.place, "unknown-variable", f"{{{name}}} is not known here", hint)
            return
        if self._moments and not has_other and self._known[name]:
            told = f"{{{name}}} may be unknown, so 'otherwise' must say what is shown then"
            self._problems.add(node.place, "otherwise", told)
