"""Terms, and what things cost by term."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Final

from services.trigger_engine.domain.playbook.catalogue import ANY_TERM, ONCE
from services.trigger_engine.domain.playbook.document import Entry
from services.trigger_engine.domain.playbook.money import per_month
from services.trigger_engine.domain.playbook.reading import Problems
from services.trigger_engine.domain.playbook.shapes import NUMERIC, Shape, any_of, mapping_of
from services.trigger_engine.domain.playbook.words import shown

DEFAULT_TERMS: Final[Mapping[str, int]] = {"month": 1, "year": 12}
MONTHS: Final[Shape] = any_of({"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"^[0-9]+$"})
TERMS: Final[Shape] = {**mapping_of(MONTHS), "minProperties": 1}
PRICE: Final[Shape] = any_of(NUMERIC, mapping_of(NUMERIC))
MAX_MONTHS: Final = 1_200
"""A hundred years: longer than any contract, short enough for every calendar."""


def read_terms(section: Entry | None, problems: Problems) -> Mapping[str, int]:
    """Months by term. They are a ladder of their own, so each has a length that no other has."""
    if section is None:
        return DEFAULT_TERMS
    terms: dict[str, int] = {}
    for entry in problems.mapping(section.node, "terms").values():
        if entry.key in (ONCE, ANY_TERM):
            told = f"{entry.key!r} is a word of prices: no term can be called so"
            problems.add(entry.place, "built-in", told, width=len(entry.key))
        months = problems.whole(entry.node, "a term's months", least=1)
        if months is not None and months > MAX_MONTHS:
            problems.add(entry.node.place, "range", f"a term can have {MAX_MONTHS} months at most")
        same = [name for name, length in terms.items() if length == months]
        if same:
            told = f"{entry.key!r} is as long as {same[0]!r}: two terms of one length are no two rungs"
            problems.add(entry.place, "twice", told, width=len(entry.key))
        terms[problems.name(entry, "a term")] = months or 1
    if section.node.value == {}:
        problems.add(section.node.place, "missing", "at least one term is needed, or nothing has a price")
    return terms or DEFAULT_TERMS


def read_prices(keys: Mapping[str, Entry], terms: Mapping[str, int], problems: Problems) -> dict[str, Decimal]:
    """The price under ``price``, by term; none when there is none."""
    if "price" not in keys:
        return {}
    node = keys["price"].node
    if isinstance(node.value, str):
        amount = problems.positive(node, "a price", or_zero=True)
        if amount:
            told = f"a price must say for which term, such as {{{next(iter(terms))}: {node.value}}}"
            problems.add(node.place, "price", told, width=len(node.value))
        return {} if amount is None else {ANY_TERM: amount}
    prices: dict[str, Decimal] = {}
    entries = problems.keys(node, "a price", [*terms, ONCE])
    for entry in entries.values():
        amount = problems.positive(entry.node, "a price", or_zero=True)
        if amount is not None:
            prices[entry.key] = amount
    if node.value == {}:
        problems.add(node.place, "price", f"a price must say for which term, such as {{{next(iter(terms))}: 10}}")
    if ONCE in entries and len(entries) > 1:
        told = "what is paid once is not paid by term as well"
        problems.add(entries[ONCE].place, "price", told, width=len(ONCE))
    _longer_is_not_dearer(entries, prices, terms, problems)
    return prices


def _longer_is_not_dearer(
    entries: Mapping[str, Entry], prices: Mapping[str, Decimal], terms: Mapping[str, int], problems: Problems
) -> None:
    """Warn of a longer term that costs more a month than a shorter one: mostly a slip of the finger."""
    by_length = sorted((terms[term], term) for term in prices if term in terms)
    for (less, shorter), (more, longer) in pairwise(by_length):
        before, after = per_month(prices[shorter], less), per_month(prices[longer], more)
        if after > before:
            told = f"{longer!r} costs {shown(after)} a month, more than {shorter!r} with {shown(before)}"
            problems.warn(entries[longer].place, "dearer-term", told, width=len(longer))
