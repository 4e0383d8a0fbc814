"""Association rules of pairs: how much oftener two items are bought together than chance would have it.

Of a rule "who bought A also bought B", *support* is the share of all baskets that have both, *confidence* the share of
A's baskets that have B too, *lift* that confidence over the share of all baskets that have B. All are exact fractions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from typing import Final

Baskets = Callable[[], Iterable[Sequence[str]]]
"""Gives all baskets from the first to the last, each item once in a basket; it is asked twice."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rule must come to: shares of 1, and ``baskets`` with both items in them."""

    support: Fraction = Fraction(1, 1_000)
    confidence: Fraction = Fraction(1, 10)
    lift: Fraction = Fraction(11, 10)
    baskets: int = 10


USUAL: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has ``bought`` one thing may want its ``complement``; ``both`` of them stand in so many of ``of`` baskets."""

    bought: str
    complement: str
    both: int
    bought_in: int
    complement_in: int
    of: int

    @property
    def support(self) -> Fraction:
        """Share of all baskets that have both."""
        return Fraction(self.both, self.of)

    @property
    def confidence(self) -> Fraction:
        """Share of the baskets with ``bought`` that have the complement, too."""
        return Fraction(self.both, self.bought_in)

    @property
    def lift(self) -> Fraction:
        """How many times as often as if neither had to do with the other; the same both ways."""
        return Fraction(self.both * self.of, self.bought_in * self.complement_in)

    def holds(self, bounds: Bounds) -> bool:
        """Whether it comes to all of these."""
        return (
            self.both >= bounds.baskets
            and self.support >= bounds.support
            and self.confidence >= bounds.confidence
            and self.lift >= bounds.lift
        )


@dataclass(frozen=True, slots=True)
class Mined:
    """``baskets`` were read, with so many different ``items``; the rules that hold, strongest first."""

    baskets: int
    items: Mapping[str, int]
    rules: tuple[Rule, ...]


def mine(baskets: Baskets, bounds: Bounds = USUAL) -> Mined:
    """Every rule of two items that holds within ``bounds``.

    Baskets are gone through twice: the second time only pairs of items are counted that are frequent enough each by
    itself, so that memory grows with those and not with all that was ever sold.
    """
    total, items = 0, Counter[str]()
    for basket in baskets():
        total += 1
        items.update(basket)
    frequent = {item for item, count in items.items() if _is_frequent(count, total, bounds)}
    pairs = Counter[tuple[str, str]]()
    for basket in baskets():
        pairs.update(combinations(sorted(frequent.intersection(basket)), 2))
    rules = (
        Rule(bought, complement, both, items[bought], items[complement], total)
        for pair, both in pairs.items()
        for bought, complement in permutations(pair)
    )
    held = [rule for rule in rules if rule.holds(bounds)]
    held.sort(key=lambda rule: (-rule.lift, -rule.confidence, rule.bought, rule.complement))
    return Mined(total, items, tuple(held))


def strongest(rules: Iterable[Rule], most: int) -> dict[str, list[Rule]]:
    """For each complement the ``most`` strongest of what it goes with; complements and rules strongest first."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        mates = found.setdefault(rule.complement, [])
        if len(mates) < most:
            mates.append(rule)
    return found


def _is_frequent(count: int, total: int, bounds: Bounds) -> bool:
    """No pair stands in more baskets than either of its items."""
    return count >= bounds.baskets and Fraction(count, total) >= bounds.support
