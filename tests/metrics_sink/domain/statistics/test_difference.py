"""The interval against scipy's fixed one, its properties, and what looking every day does to both."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.metrics_sink.domain.statistics.arm import Arm
from services.metrics_sink.domain.statistics.difference import (
    ALPHA,
    MIN_ACCOUNTS,
    TIGHTEST_AT,
    difference,
    errors_wide,
)
from tests.metrics_sink.domain.statistics.looking import Trial, payments, played, shares

RUNS = 200
SEED = 7


def arm(figures: list[Decimal]) -> Arm:
    return Arm(len(figures), sum(figures, Decimal(0)), sum((figure * figure for figure in figures), Decimal(0)))


def drawn(seed: int, accounts: int, spread: float) -> list[Decimal]:
    sums = np.random.default_rng(seed).gamma(2.0, spread, accounts)
    return [Decimal(str(round(one, 2))) for one in sums]


@pytest.mark.parametrize(("a", "b"), [(1_000, 1_000), (5_000, 300)])
def test_estimate_and_standard_error_are_those_of_scipy(a: int, b: int) -> None:
    treated, held_out = drawn(1, a, 3.0), drawn(2, b, 3.0)
    found = difference(arm(treated), arm(held_out))
    assert found is not None
    fixed = stats.ttest_ind([float(x) for x in treated], [float(x) for x in held_out], equal_var=False)
    interval = fixed.confidence_interval(0.95)
    assert found.estimate == pytest.approx((interval.low + interval.high) / 2)
    error = (interval.high - interval.low) / 2 / stats.t.ppf(0.975, fixed.df)
    n = a * b / (a + b)
    # never narrower than with each arm's own variance, and hardly wider, since the arms are alike
    assert (found.upper - found.lower) / 2 / errors_wide(n, ALPHA) == pytest.approx(error, rel=0.05)
    assert found.lower < interval.low < interval.high < found.upper


def test_the_difference_of_two_shares_is_that_of_scipy_s_two_by_two_table() -> None:
    found = difference(Arm.of_share(4_000, 480), Arm.of_share(4_000, 400))
    assert found is not None
    chi_square = stats.chi2_contingency([[480, 3_520], [400, 3_600]], correction=False).statistic
    errors = found.estimate / ((found.upper - found.lower) / 2 / errors_wide(2_000, ALPHA))
    assert found.estimate == pytest.approx(0.02)
    # a little fewer errors away, since neither arm's variance is taken to be below that of both
    assert 0.97 * sqrt(chi_square) < errors < sqrt(chi_square)


def test_the_interval_is_tightest_where_it_says_and_little_wider_elsewhere() -> None:
    best = min(errors_wide(n, ALPHA) for n in range(50, 5_000, 50))
    assert errors_wide(TIGHTEST_AT, ALPHA) < 3.04
    assert errors_wide(TIGHTEST_AT * 10, ALPHA) / errors_wide(TIGHTEST_AT, ALPHA) == pytest.approx(1.07, abs=0.01)
    assert errors_wide(TIGHTEST_AT / 10, ALPHA) / errors_wide(TIGHTEST_AT, ALPHA) == pytest.approx(1.27, abs=0.01)
    assert best > stats.norm.ppf(0.975)


@pytest.mark.parametrize(
    ("treated", "held_out"),
    [
        pytest.param(Arm.of_share(9_000, 900), Arm.of_share(MIN_ACCOUNTS - 1, 10), id="too few held out"),
        pytest.param(Arm.of_share(0, 0), Arm.of_share(9_000, 900), id="nobody treated"),
        pytest.param(Arm.of_share(9_000, 0), Arm.of_share(500, 0), id="nobody did it"),
    ],
)
def test_what_is_not_known_yet_is_no_interval(treated: Arm, held_out: Arm) -> None:
    assert difference(treated, held_out) is None


def test_few_held_out_that_happen_to_be_alike_are_no_certainty() -> None:
    found = difference(Arm.of_share(5_000, 100), Arm.of_share(100, 0))
    assert found is not None
    assert not found.surely_more


def test_a_difference_may_be_asked_beyond_a_share_of_what_those_held_out_do() -> None:
    treated, held_out = Arm.of_share(8_000, 1_600), Arm.of_share(8_000, 1_200)
    beyond_nothing = difference(treated, held_out)
    beyond_half = difference(treated, held_out, times=Decimal("1.5"))
    assert beyond_nothing is not None
    assert beyond_half is not None
    assert beyond_nothing.surely_more
    assert beyond_half.surely_less
    assert beyond_half.estimate == pytest.approx(0.2 - 1.5 * 0.15)


counted = st.integers(MIN_ACCOUNTS, 100_000).flatmap(
    lambda seen: st.builds(Arm.of_share, st.just(seen), st.integers(0, seen))
)


@given(counted, counted)
def test_arms_exchanged_turn_the_interval_around(treated: Arm, held_out: Arm) -> None:
    one, other = difference(treated, held_out), difference(held_out, treated)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower))
        assert one.lower <= one.estimate <= one.upper


@given(counted, counted, st.integers(2, 50))
def test_more_of_the_same_is_known_better(treated: Arm, held_out: Arm, times: int) -> None:
    few = difference(treated, held_out)
    many = difference(
        *(Arm.of_share(arm.accounts * times, int(arm.total) * times) for arm in (treated, held_out)),
    )
    if few is not None and many is not None:
        assert many.upper - many.lower < few.upper - few.lower


@given(counted, counted)
def test_who_wants_to_be_surer_knows_less(treated: Arm, held_out: Arm) -> None:
    sure, surer = difference(treated, held_out), difference(treated, held_out, alpha=ALPHA / 5)
    if sure is not None and surer is not None:
        assert surer.lower < sure.lower
        assert sure.upper < surer.upper


@pytest.mark.parametrize(
    "trial",
    [
        pytest.param(Trial(shares(0.10), 20_000, 0.50), id="shares, half held out"),
        pytest.param(Trial(shares(0.10), 20_000, 0.05), id="shares, 5 % held out"),
        pytest.param(Trial(shares(0.10), 20_000, 0.50, late=3_000), id="what is done late"),
        pytest.param(Trial(payments(0.05, 1.0), 20_000, 0.05), id="few pay, very different sums"),
    ],
)
def test_looking_a_hundred_times_at_no_difference_finds_one_in_at_most_one_of_twenty_runs(trial: Trial) -> None:
    assert played(trial, RUNS, SEED).always_valid <= ALPHA


def test_a_fixed_test_looked_at_a_hundred_times_finds_what_is_not_there_in_every_third_run() -> None:
    found = played(Trial(shares(0.10), 20_000, 0.50), RUNS, SEED)
    assert found.fixed == pytest.approx(0.38, abs=0.06)
    assert found.once_at_the_end == pytest.approx(ALPHA, abs=0.04)


def test_a_fifth_more_is_found_by_nearly_all_who_wait_for_it() -> None:
    assert played(Trial(shares(0.10), 20_000, 0.50, lift=1.2), 100, SEED).always_valid > 0.85
