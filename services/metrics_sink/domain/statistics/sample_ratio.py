"""Whether a split is the one that was asked for: if not, what follows from it says nothing, and is void.

Accounts are held out by a hash, so the share of those held out is known. If another is found, some accounts were lost
on the way that were not like the rest. The evidence is that of `share`, with a beta distribution about the share asked
for, since a broken split is off by a little more often than by much. Of accounts that came under different shares, each
by itself, the evidence is multiplied: the product is a martingale, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import log
from typing import Final

from services.metrics_sink.domain.statistics.share import log_evidence

ALPHA: Final = 0.001
"""How often a split that is right is ever called broken: seldom, since it voids all that was measured."""

WEIGHT: Final = 1_000
"""In accounts, how strongly the mixture keeps to the share asked for: departures of a percentage point or two."""


@dataclass(frozen=True)
class Split:
    """Of ``accounts``, each of which was to be held out with the chance ``share``, ``held_out`` were."""

    accounts: int
    held_out: int
    share: Fraction


def is_broken(splits: Iterable[Split]) -> bool:
    """Whether these accounts can not have been split so, but for a chance of `ALPHA` over all looks together."""
    evidence = 0.0
    for split in splits:
        if split.share in {0, 1}:
            if split.held_out != split.accounts * split.share:
                return True
            continue
        share = float(split.share)
        evidence += log_evidence(split.held_out, split.accounts, share, share * WEIGHT, (1 - share) * WEIGHT)
    return evidence >= -log(ALPHA)
