"""Experiments that are looked at again and again, on the product's own interval and on a fixed one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtri

from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.difference import MIN_ACCOUNTS, difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Figures = Callable[[np.random.Generator, NDArray[np.float64]], NDArray[np.float64]]
    """Given how many times as likely each account is, its figure."""

FIXED_ERRORS: Final = float(ndtri(0.975))
CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Trial:
    """Accounts that come one after another; a share of them is held out, the others are ``lift`` times as likely.

    What an account does, it does ``late``: on average when so many others have come after it.
    """

    figures: Figures
    accounts: int
    held_out: float
    lift: float = 1.0
    late: int = 0
    looks: int = 100


@dataclass(frozen=True)
class Found:
    """The share of runs in which some look found a difference; and the fixed test, looked at once, when all is over."""

    always_valid: float
    fixed: float
    once_at_the_end: float


def shares(share: float) -> Figures:
    """1 of so many, else 0."""
    return lambda chance, times: (chance.random(len(times)) < share * times).astype(np.float64)


def payments(share: float, spread: float) -> Figures:
    """So many pay, very different sums."""

    def figures(chance: np.random.Generator, times: NDArray[np.float64]) -> NDArray[np.float64]:
        pays = chance.random(len(times)) < share * times
        return (pays * np.exp(chance.normal(3, spread, len(times)))).astype(np.float64)

    return figures


def played(trial: Trial, runs: int, seed: int) -> Found:
    """``runs`` times from the beginning."""
    chance = np.random.default_rng(seed)
    found = np.array([_looked_at(trial, chance) for _ in range(runs)])
    return Found(*(float(share) for share in found.mean(axis=0)))


def _looked_at(trial: Trial, chance: np.random.Generator) -> tuple[bool, bool, bool]:
    """Whether any look found a difference: by the product's interval, by a fixed one; and the fixed one at the end."""
    always_valid = fixed = at_the_end = False
    for treated, held_out in _looks(trial, chance):
        one = difference(treated, held_out)
        always_valid |= one is not None and (one.surely_more or one.surely_less)
        at_the_end = _differs_by_a_fixed_test(treated, held_out)
        fixed |= at_the_end
    return always_valid, fixed, at_the_end


def _looks(trial: Trial, chance: np.random.Generator) -> Iterator[tuple[Arm, Arm]]:
    held = chance.random(trial.accounts) < trial.held_out
    figures = trial.figures(chance, np.where(held, 1.0, trial.lift))
    cents = np.rint(figures * 100).astype(np.int64)
    seen_at = np.arange(trial.accounts) + chance.exponential(trial.late, trial.accounts).astype(np.int64)
    seen_at = np.where(cents > 0, seen_at, np.arange(trial.accounts))
    sums = [[_sums(seen_at, values * arm) for values in (cents, cents * cents)] for arm in (~held, held)]
    counts = [np.cumsum(~held), np.cumsum(held)]
    for last in range(trial.accounts // trial.looks, trial.accounts + 1, trial.accounts // trial.looks):
        treated, held_out = (
            Arm(int(count[last - 1]), int(total[last - 1]) * CENT, int(squares[last - 1]) * CENT * CENT)
            for count, (total, squares) in zip(counts, sums, strict=True)
        )
        yield treated, held_out


def _sums(seen_at: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """At each account that comes, the sum of what was seen until then."""
    accounts = len(values)
    sums = np.zeros(accounts, np.int64)
    np.add.at(sums, seen_at[seen_at < accounts], values[seen_at < accounts])
    return np.cumsum(sums)


def _differs_by_a_fixed_test(treated: Arm, held_out: Arm) -> bool:
    if min(treated.accounts, held_out.accounts) < MIN_ACCOUNTS:
        return False
    error = sum(float(arm.spread) / (arm.accounts - 1) / arm.accounts for arm in (treated, held_out))
    return error > 0 and abs(float(treated.mean - held_out.mean)) > FIXED_ERRORS * error**0.5
