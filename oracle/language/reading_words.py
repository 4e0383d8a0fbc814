"""The words of an offer, and which variables they can have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from oracle.language import moment as kinds
from oracle.language.meter import EVER
from oracle.language.offer import Words
from oracle.language.scalars import ensure, keyed, mapping, share, text, word_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from oracle.language.moment import Moment
    from oracle.language.offer import Does
    from oracle.language.reading_product import ProductDocument
    from oracle.language.scalars import Node

VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
PARTS: Final = ("title", "body", "otherwise")
AT: Final = "at_"
VARIANT: Final = "variant_"
OF_ONE_THING: Final = ("upgrade_to", "add", "bundle", "term")
"""Verbs about one thing, which has a name and a price."""

OF_KIND: Final = {"growth.percent": "growth", "forecast.date": "forecast"}


class WordReader:
    """Reads the words of one offer that does this at these moments."""

    def __init__(
        self, does: Does, moments: list[Moment], product: ProductDocument, variants: Mapping[str, Decimal]
    ) -> None:
        self._known = _variables(does, moments, product)
        self._steps = [step for moment in moments if isinstance(moment, kinds.Limit) for step in moment.steps]
        self._variants = variants

    def content(self, node: Node) -> tuple[Words, dict[Decimal, Words], dict[str, Words]]:
        """The words, those at a step, and those of a variant."""
        keys = mapping(node, "content")
        nested = {key: inner for key, inner in keys.items() if key.startswith((AT, VARIANT))}
        words = self._words({key: said for key, said in keys.items() if key not in nested}, None)
        at: dict[Decimal, Words] = {}
        of: dict[str, Words] = {}
        for key, inner in nested.items():
            if key.startswith(AT):
                step = share(key.removeprefix(AT))
                ensure(step in self._steps, f"no moment has a step {step}")
                at[step] = self._words(inner, words.otherwise)
            else:
                of[word_of(key.removeprefix(VARIANT), self._variants, "a variant")] = self._words(
                    inner, words.otherwise
                )
        return words, at, of

    def note(self, note: str | None) -> None:
        """Raises `NotASet` when a task's note has a variable that is not there."""
        ensure(set(VARIABLE.findall(note or "")) <= self._known.keys(), "a note has a variable that is not there")

    def _words(self, node: Node, inherited: str | None) -> Words:
        keys = keyed(node, PARTS, "content", required=("title",))
        said = {key: text(keys[key], key) for key in keys}
        words = Words(said["title"], said.get("body"), said.get("otherwise", inherited))
        ensure(not VARIABLE.findall(said.get("otherwise", "")), "'otherwise' has no variables")
        for name in VARIABLE.findall(words.title + (words.body or "")):
            ensure(name in self._known, f"{name} is no variable here")
            ensure(
                words.otherwise is not None or not self._known[name], f"{name} may be unknown: 'otherwise' is needed"
            )
        return words


def _variables(does: Does, moments: list[Moment], product: ProductDocument) -> dict[str, bool]:
    """Each variable, with whether it may be unknown."""
    known: dict[str, bool] = {}
    for name, meter in product.meters.items():
        always = product.starts_empty and meter.span == EVER and meter.of_account
        at_all = _each(moments, name, ("limit", "milestone", "habit", "forecast", "attempt"))
        known[f"meters.{name}"] = not always and not at_all
        known[f"limit.{name}"] = not _each(moments, name, ("limit", "forecast", "attempt"))
    if does.verb in OF_ONE_THING:
        known |= {"target": False, "price": True}
    if does.verb == "highlight":
        known["target"] = False
    if does.verb in ("bundle", "term"):
        known["saving"] = True
    for variable, kind in OF_KIND.items():
        of_kind = [moment.kind == kind for moment in moments]
        if any(of_kind):
            known[variable] = not all(of_kind)
    return known


def _each(moments: Iterable[Moment], meter: str, of: tuple[str, ...]) -> bool:
    """Whether each moment is of one of these kinds, and on this meter."""
    return all(moment.kind in of and getattr(moment, "meter", None) == meter for moment in moments)
