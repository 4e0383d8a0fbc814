from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from services.metrics_sink.domain.statistics.sample_ratio import Split, is_broken

FIVE_PERCENT = Fraction(5, 100)


@pytest.mark.parametrize(
    ("accounts", "held_out", "broken"),
    [
        pytest.param(0, 0, False, id="nobody"),
        pytest.param(10_000, 500, False, id="as asked for"),
        pytest.param(10_000, 540, False, id="a little off, as chance has it"),
        pytest.param(10_000, 600, True, id="a fifth too many"),
        pytest.param(10_000, 400, True, id="a fifth too few"),
        pytest.param(100, 0, False, id="few, and none of them"),
        pytest.param(1_000, 0, True, id="many, and none of them"),
    ],
)
def test_a_split_is_broken_when_chance_can_not_have_made_it(accounts: int, held_out: int, *, broken: bool) -> None:
    assert is_broken([Split(accounts, held_out, FIVE_PERCENT)]) is broken


@pytest.mark.parametrize("accounts", [2_000, 20_000, 200_000])
def test_it_takes_more_than_a_chi_square_test_of_one_look_takes(accounts: int) -> None:
    found = next(held for held in range(accounts // 20, accounts) if is_broken([Split(accounts, held, FIVE_PERCENT)]))
    expected = [accounts * 0.05, accounts * 0.95]
    p = stats.chisquare([found, accounts - found], expected).pvalue
    assert 1e-7 < p < 0.001


def test_accounts_under_different_shares_are_each_held_against_their_own() -> None:
    half, few = Split(5_000, 2_500, Fraction(1, 2)), Split(5_000, 250, FIVE_PERCENT)
    assert not is_broken([half, few])
    assert is_broken([Split(5_000, 2_500, FIVE_PERCENT), Split(5_000, 250, Fraction(1, 2))])


def test_without_a_holdout_nobody_is_held_out() -> None:
    assert not is_broken([Split(5_000, 0, Fraction(0))])
    assert is_broken([Split(5_000, 1, Fraction(0))])


def test_a_split_that_is_right_is_hardly_ever_called_broken_however_often_it_is_looked_at() -> None:
    chance = np.random.default_rng(11)
    runs, seen = 500, 10_000
    alarms = 0
    for _ in range(runs):
        held = np.cumsum(chance.random(seen) < 0.05)
        alarms += any(is_broken([Split(n, int(held[n - 1]), FIVE_PERCENT)]) for n in range(100, seen + 1, 100))
    assert alarms <= 2


def test_a_tenth_of_the_held_out_lost_on_the_way_is_found() -> None:
    assert is_broken([Split(99_500, 4_500, FIVE_PERCENT)])
